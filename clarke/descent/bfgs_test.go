package descent_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// From (−1, 1), which lies in a valley of the second function of Nesterov, BFGS comes to its other stationary
// point. The first one has n = 2 here; from n = 4 on rounding stops BFGS in its bent valley.
// On the kink of |x + 2| + ((x + 2)² + (y − 1/4)²)/2 a gradient of one side leads across it, where f is lower for steps
// below rounding only.
func TestBFGSDoesNotCrawlAlongAKink(t *testing.T) {
	for _, slope := range []float64{0, 0x1p-54} {
		f := &vee{z: []float64{-2, .25}, g: [][]float64{{-1, slope}, {1, -slope}}}
		for seed := range uint64(4) {
			r := minimize(t, descent.BFGS{Seed: seed}, f, []float64{-2, -.5625}, descent.Limits{})
			require.Equal(t, descent.Stationary, r.Status)
			require.InDelta(t, 0, r.F, 1e-6)
			require.Less(t, r.Calls, 1000)
		}
	}
}

func TestBFGSSolves(t *testing.T) {
	for _, p := range slices.Concat(small, large()) {
		if p.name != "NCR2" {
			solves(t, descent.BFGS{}, p)
		}
	}
}

func TestLimitedMemorySolves(t *testing.T) {
	for _, p := range small {
		solves(t, descent.BFGS{Memory: 20}, p)
	}
}

// For a strictly convex quadratic function a certificate has a short vector because the gradients at x ± u
// cancel, not because it is of the gradient at x: x is not among its points.
func TestBFGSCertifiesWithoutX(t *testing.T) {
	p := program(t, "(x-1)^2 + 3*(y+x)^2")
	r := minimize(t, descent.BFGS{}, p, []float64{5, 7}, descent.Limits{})
	require.Equal(t, descent.Stationary, r.Status)
	require.InDeltaSlice(t, []float64{1, -1}, r.X, 1e-6)
	require.NotContains(t, r.Certificate.Points, r.X)
}

// The three that take seconds are left to TestOptima.
func TestBFGSSolvesLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	for _, p := range haarala(200) {
		if !slices.Contains([]string{"F1", "F8", "F10"}, p.name) {
			solves(t, descent.BFGS{}, p)
		}
	}
}
