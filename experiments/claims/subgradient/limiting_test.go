package subgradient

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
)

// The hull of the conservative field is a hexagon where Clarke's set is a square
// (row T24): the distance tells them apart.
func TestSampledDistanceSeesTheField(t *testing.T) {
	p, err := at("relu(x + y) - relu(x) - relu(y)", "0", "0")
	require.NoError(t, err)
	o := clarke.SampleOptions{Radius: 1, Count: 200, Seed: 7}
	square := [][]float64{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}
	d, err := sampledDistance(t.Context(), p, square, o)
	require.NoError(t, err)
	require.Zero(t, d)
	hexagon := append(square, []float64{1, 1}, []float64{-1, -1})
	d, err = sampledDistance(t.Context(), p, hexagon, o)
	require.NoError(t, err)
	require.Greater(t, d, 0.7) // (1, 1) is 1/√2 from the square
}

// A ball that reaches a kink elsewhere has more than ∂f(x).
func TestSampledDistanceSeesKinksElsewhere(t *testing.T) {
	p, err := at("abs(x - 1/2)", "0")
	require.NoError(t, err)
	d, err := sampledDistance(t.Context(), p, [][]float64{{-1}}, clarke.SampleOptions{Radius: 1, Count: 200, Seed: 7})
	require.NoError(t, err)
	require.Equal(t, 2.0, d)
}

// By enumeration of all sequences of sectors.
func TestAllSectors(t *testing.T) {
	for n := 1; n <= 8; n++ {
		hit, all := 0, 1
		for range n {
			all *= 4
		}
		for code := range all {
			seen := 0
			for rest, i := code, 0; i < n; i++ {
				seen |= 1 << (rest % 4)
				rest /= 4
			}
			if seen == 15 {
				hit++
			}
		}
		require.InDelta(t, float64(hit)/float64(all), allSectors(n), 1e-14)
	}
}

func TestKnownRowsAreThere(t *testing.T) {
	rows, err := knownPiecewiseAffine()
	require.NoError(t, err)
	require.Greater(t, len(rows), 25)
}
