package deep

import (
	"context"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
)

// Labels in the wrong order, one weight that is missing and a network that is too narrow are seen.
func TestMemoriseSeesWrongNetworks(t *testing.T) {
	spoiled := func(solve interpolation, width string) []string {
		return claimtest.Sabotaged(t, memorise(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runMemorise(ctx, c, solve)
		}, claim.Setting{Name: "width", Value: width})
	}
	constructed := []string{"digits", "gradient", "signs"}
	require.Equal(t, []string{"trained"}, spoiled(interpolate, "4"))
	require.Equal(t, constructed, spoiled(func(t, b, y []*big.Rat) []*big.Rat {
		y = slices.Clone(y)
		slices.Reverse(y)
		return interpolate(t, b, y)
	}, "100"))
	require.Equal(t, constructed, spoiled(func(t, b, y []*big.Rat) []*big.Rat {
		w := interpolate(t, b, y)
		w[len(w)-1] = new(big.Rat)
		return w
	}, "100"))
}

// The network in rationals without a program, at the points in ascending order.
func TestInterpolationByHand(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	var points [][]*big.Rat
	for range 12 {
		points = append(points, eighths(4, rng))
	}
	m, err := newMemory(points, 4, rng, interpolate)
	require.NoError(t, err)
	y := eighths(12, rng)
	w := interpolate(m.t, m.thresholds, y)
	for i, at := range m.t {
		if i > 0 {
			require.Equal(t, -1, m.t[i-1].Cmp(m.thresholds[i]))
		}
		require.Equal(t, -1, m.thresholds[i].Cmp(at))
		sum := new(big.Rat)
		for j, b := range m.thresholds {
			if d := new(big.Rat).Sub(at, b); d.Sign() > 0 {
				sum.Add(sum, d.Mul(d, w[j]))
			}
		}
		require.Equal(t, y[i].RatString(), sum.RatString())
	}
	rat := big.NewRat
	// 2(x − 1) through (2, 2), then by −5 less from 3 on to get 1 at 4: 6 − 5
	require.Equal(t, []*big.Rat{rat(2, 1), rat(-5, 1)}, interpolate([]*big.Rat{rat(2, 1), rat(4, 1)}, []*big.Rat{rat(1, 1), rat(3, 1)}, []*big.Rat{rat(2, 1), rat(1, 1)}))
}

// Equal points cannot have different labels.
func TestMemoriseNeedsDifferentPoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := eighths(3, rng)
	_, err := newMemory([][]*big.Rat{x, x}, 3, rng, interpolate)
	require.ErrorIs(t, err, errSame)
}
