package descent_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/optimize"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// gonum's methods see the values and gradients of a program. BFGS needs a smooth function; the method of Nelder
// and Mead asks for values only.
func TestGonumMinimizes(t *testing.T) {
	smooth := program(t, "(1-x)^2 + 100*(y-x^2)^2")
	r, err := optimize.Minimize(descent.Problem(smooth), []float64{-1.2, 1}, nil, &optimize.BFGS{})
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{1, 1}, r.X, 1e-5)
	require.Positive(t, r.GradEvaluations)

	kinked := program(t, "abs(x - 1) + 2*abs(y + 3)")
	r, err = optimize.Minimize(descent.Problem(kinked), []float64{2, 2}, nil, &optimize.NelderMead{})
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{1, -3}, r.X, 1e-3)
	require.Zero(t, r.GradEvaluations)
}

func TestGonumSeesErrors(t *testing.T) {
	broken := errors.New("broken")
	calls := 0
	f := function{2, func(x, g []float64) (float64, error) {
		if calls++; calls > 20 {
			return 0, broken
		}
		return named("CB2").Evaluate(x, g)
	}}
	_, err := optimize.Minimize(descent.Problem(f), []float64{1, -.1}, nil, &optimize.NelderMead{})
	require.ErrorIs(t, err, broken)
}

// Where f has no value it is +Inf, also for methods that evaluate at several points at a time.
func TestGonumGoesAroundUndefinedPoints(t *testing.T) {
	f := program(t, "x - log(x) + abs(y)")
	settings := &optimize.Settings{Concurrent: 4, FuncEvaluations: 4000}
	r, err := optimize.Minimize(descent.Problem(f), []float64{3, 1}, settings, &optimize.CmaEsChol{InitStepSize: 1, Population: 8, Src: rand.NewPCG(1, 2)})
	require.NoError(t, err)
	require.InDelta(t, 1, r.F, 1e-3)
}
