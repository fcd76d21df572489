package profile_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/profile"
)

func scipy(t *testing.T) *profile.SciPy {
	p, err := profile.FindSciPy(t.Context())
	if err != nil {
		t.Skip(err, "; install Debian's python3-scipy to run its methods")
	}
	return p
}

// scipy finds the minimum of a smooth function, and all that it was told is recorded.
func TestSciPy(t *testing.T) {
	bowl := function{2, func(x, g []float64) (float64, error) {
		g[0], g[1] = 2*(x[0]-1), 20*x[1]
		return (x[0]-1)*(x[0]-1) + 10*x[1]*x[1], nil
	}}
	for _, method := range []string{"BFGS", "L-BFGS-B", "Nelder-Mead"} {
		r, err := scipy(t).Solver("scipy", method).Record(t.Context(), bowl, []float64{3, 4}, 10_000)
		require.NoError(t, err, method)
		require.InDeltaSlice(t, []float64{1, 0}, r.X, 1e-3, method)
		require.Equal(t, 164.0, r.Value(1), method)
		require.Equal(t, r.F, r.Best(r.Calls()), method)
		require.Positive(t, r.Iterations, method)
		require.NotEmpty(t, r.Status, method)
		again, err := scipy(t).Solver("scipy", method).Record(t.Context(), bowl, []float64{3, 4}, 10_000)
		require.NoError(t, err)
		require.Equal(t, r, again, method)
	}
}

// A budget and an oracle's error end a run; a method that scipy does not know is said.
func TestSciPyEnds(t *testing.T) {
	p := scipy(t)
	full, problem := oracle(t, "maxquad")
	r, err := p.Solver("scipy", "Nelder-Mead").Record(t.Context(), full, problem.Start, 50)
	require.NoError(t, err)
	require.Equal(t, 50, r.Calls())
	require.Equal(t, "out of calls", r.Status)
	require.Equal(t, r.F, r.Best(50))

	failing := function{1, func(_, _ []float64) (float64, error) { return 0, context.DeadlineExceeded }}
	_, err = p.Solver("scipy", "BFGS").Minimize(t.Context(), failing, []float64{1}, 10)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	_, err = p.Solver("scipy", "no-such").Minimize(t.Context(), full, problem.Start, 10)
	require.ErrorContains(t, err, "no-such")
}
