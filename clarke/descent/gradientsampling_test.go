package descent_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// The error of f is about the final radius times a Lipschitz constant, which is 16 for Rosenbrock; a
// smaller radius settles it. The two problems of Nesterov have tests of their own.
func TestGradientSamplingSolves(t *testing.T) {
	for _, p := range small {
		switch p.name {
		case "NCR1", "NCR2":
		case "Rosenbrock":
			solves(t, descent.GradientSampling{Radius: 1e-8}, p)
		default:
			solves(t, descent.GradientSampling{}, p)
		}
	}
}

// Gradient sampling promises Clarke stationary points, not minima: the second function of Nesterov has two
// for n = 2, of values 1/4 at (0, −1) and 0 at (1, 1) (Gürbüzbalaban and Overton 2012).
func TestGradientSamplingFindsClarkeStationaryPoints(t *testing.T) {
	p := named("NCR2")
	for seed := range uint64(10) {
		r := minimize(t, descent.GradientSampling{Seed: seed}, p, p.start, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		if r.F > .1 {
			require.InDeltaSlice(t, []float64{0, -1}, r.X, 1e-5)
		} else {
			require.InDeltaSlice(t, []float64{1, 1}, r.X, 1e-5)
		}
	}
}

// The draws, and nothing else, depend on the seed.
func TestGradientSamplingSeeds(t *testing.T) {
	p := named("CB2")
	run := func(seed uint64) *descent.Result {
		return minimize(t, descent.GradientSampling{Seed: seed}, p, p.start, descent.Limits{})
	}
	require.Equal(t, run(1), run(1))
	require.NotEqual(t, run(1).X, run(2).X)
}

// The first step from 1 on |x| ends at 0, where this oracle has no gradient. The iterate is moved from there
// by less than ε‖g‖, which is 0.1.
func TestGradientSamplingPerturbs(t *testing.T) {
	var asked []float64
	f := function{1, func(x, g []float64) (float64, error) {
		asked = append(asked, x[0])
		g[0] = sgn(x[0])
		if x[0] == 0 {
			g[0] = nan
		}
		return math.Abs(x[0]), nil
	}}
	r := minimize(t, descent.GradientSampling{}, f, []float64{1}, descent.Limits{})
	require.Equal(t, descent.Stationary, r.Status)
	require.InDelta(t, 0, r.F, 1e-6)
	require.NotZero(t, r.X[0])
	at := slices.Index(asked, 0)
	require.Positive(t, at)
	require.NotZero(t, asked[at+1])
	require.InDelta(t, 0, asked[at+1], .1)
}
