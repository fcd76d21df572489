package sgd_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/sgd"
)

// wavy is a schedule of a user.
type wavy struct{}

func (wavy) Rate(p sgd.Progress) float64 {
	return (1 + math.Sin(float64(p.Step))/2) / math.Pow(float64(p.Step+1), 0.75)
}

func TestRobbinsMonro(t *testing.T) {
	const yes, no, open = sgd.Diverges, sgd.Converges, sgd.Unknown
	for _, c := range []struct {
		schedule     sgd.Schedule
		sum, squares sgd.Convergence
		exponent     float64
	}{
		{sgd.Constant(0.1), yes, yes, 0},
		{sgd.Constant(0), no, no, math.NaN()},
		{sgd.Power{C: 1, P: 0.5}, yes, yes, 0.5},
		{sgd.Power{C: 1, P: 0.6}, yes, no, 0.6},
		{sgd.Power{C: 3, P: 1}, yes, no, 1},
		{sgd.Power{C: 1, P: 1.1}, no, no, 1.1},
		{sgd.Steps{Start: 1, Factor: 0.1, At: []int{10, 20}}, yes, yes, 0},
		{sgd.Steps{Start: 1, Factor: 0, At: []int{10}}, no, no, math.NaN()},
		{sgd.Cosine{Max: 1, Over: 50}, no, no, math.NaN()},
		{sgd.Cosine{Max: 1, Min: 0.1, Over: 50}, yes, yes, 0},
		{sgd.WarmUp{Over: 100, Then: sgd.Power{C: 1, P: 0.7}}, yes, no, 0.7},
		{sgd.PerEpoch{Schedule: sgd.Power{C: 1, P: 0.75}}, yes, no, 0.75},
		{sgd.WarmUp{Over: 9, Then: sgd.PerEpoch{Schedule: sgd.Constant(1)}}, yes, yes, 0},
		{wavy{}, open, open, 0.75},
	} {
		r, err := sgd.RobbinsMonro(c.schedule, 20_000, 10)
		require.NoError(t, err)
		require.Equal(t, c.sum, r.Sum, "%#v", c.schedule)
		require.Equal(t, c.squares, r.Squares, "%#v", c.schedule)
		if math.IsNaN(c.exponent) {
			require.True(t, math.IsNaN(r.Exponent), "%#v", c.schedule)
		} else {
			require.InDelta(t, c.exponent, r.Exponent, 0.01, "%#v", c.schedule)
		}
		require.Equal(t, c.sum == yes && c.squares == no, r.Hold())
		require.Equal(t, c.sum == no || c.squares == yes, r.Fail())
		// What converges stays below a bound when ten times as many steps are added, and
		// what diverges like a power at least this much of it grows.
		more, err := sgd.RobbinsMonro(c.schedule, 200_000, 10)
		require.NoError(t, err)
		if c.sum == no {
			require.Less(t, more.PartialSum, r.PartialSum*1.2+1e-9, "%#v", c.schedule)
		} else if c.sum == yes {
			require.Greater(t, more.PartialSum, r.PartialSum*1.2, "%#v", c.schedule)
		}
		if c.squares == no {
			require.Less(t, more.PartialSquares, r.PartialSquares*1.25+1e-9, "%#v", c.schedule)
		}
	}
	// Closed forms: Σ 1/k² and Σ 1/k.
	r, err := sgd.RobbinsMonro(sgd.Power{C: 1, P: 1}, 100_000, 1)
	require.NoError(t, err)
	require.InDelta(t, math.Pi*math.Pi/6, r.PartialSquares, 1.1e-5)
	require.InDelta(t, math.Log(100_000)+0.5772156649, r.PartialSum, 1e-5)
	for _, bad := range []func() (sgd.Conditions, error){
		func() (sgd.Conditions, error) { return sgd.RobbinsMonro(nil, 1, 1) },
		func() (sgd.Conditions, error) { return sgd.RobbinsMonro(sgd.Constant(1), 0, 1) },
		func() (sgd.Conditions, error) { return sgd.RobbinsMonro(sgd.Constant(1), 1, 0) },
	} {
		_, err := bad()
		require.ErrorContains(t, err, "a schedule is needed")
	}
}
