package profile_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/optimize"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/experiments/profile"
)

// function is an oracle of one line, neither a Batch nor a DirectionalOracle.
type function struct {
	n int
	f func(x, g []float64) (float64, error)
}

func (f function) Dim() int { return f.n }

func (f function) Evaluate(x, g []float64) (float64, error) {
	if g == nil {
		g = make([]float64, f.n)
	}
	return f.f(x, g)
}

// listed answers with the values of a list, one after the other.
func listed(values ...float64) function {
	return function{1, func(_, g []float64) (float64, error) {
		v := values[0]
		values = values[1:]
		g[0] = -v
		return v, nil
	}}
}

func TestHistory(t *testing.T) {
	f, h := profile.Record(listed(5, math.NaN(), 3, 4, 3, -1, math.Inf(1)))
	require.Equal(t, 1, f.Dim())
	for k := range 7 {
		_, err := f.Evaluate([]float64{0}, []float64{0})
		require.NoError(t, err)
		require.Equal(t, k+1, h.Calls())
	}
	require.Equal(t, 4.0, h.Value(4))
	for target, want := range map[float64]float64{6: 1, 5: 1, 4.9: 3, 3: 3, 2: 6, -1: 6, -2: inf, inf: 1} {
		require.Equal(t, want, h.Cost(target), "target %v", target)
	}
	require.Equal(t, inf, h.Cost(math.NaN()))
	require.Equal(t, []float64{inf, 5, 5, 3, -1, -1}, []float64{h.Best(0), h.Best(1), h.Best(2), h.Best(5), h.Best(6), h.Best(100)})
	require.Equal(t, 5.0, h.Longest(), "NaN and infinite gradients do not count")
}

func TestTargets(t *testing.T) {
	require.Equal(t, 2.75, profile.Reduced(10, 2, 3./32))
	require.Equal(t, 2.0, profile.Reduced(10, 2, 0))
	require.Equal(t, 10.0, profile.Reduced(10, 2, 1))
	require.Equal(t, -3.0, profile.Within(-4, .2))
	require.Equal(t, .125, profile.Within(0, .125))
}

func methods() []profile.Solver {
	out := []profile.Solver{
		profile.Gonum("gonum-bfgs", func() optimize.Method { return &optimize.BFGS{} }),
		profile.Gonum("gonum-nelder-mead", func() optimize.Method { return &optimize.NelderMead{} }),
	}
	for _, m := range []descent.Method{
		descent.Auto{}, descent.BFGS{}, descent.GradientSampling{}, descent.Bundle{}, descent.INGD{}, descent.Goldstein{}, descent.Subgradient{},
	} {
		out = append(out, profile.Method(m.Name(), m))
	}
	return out
}

func oracle(t testing.TB, name string) (*descent.Program, problem.Problem) {
	p, err := problem.Lookup(name)
	require.NoError(t, err)
	f, err := p.Func()
	require.NoError(t, err)
	o, err := descent.NewProgram(f, ad.AtKink(0))
	require.NoError(t, err)
	return o, p
}

// plain hides that an oracle is more than an Oracle.
type plain struct{ descent.Oracle }

// A recorded run is the run itself, and every point that it asks about is a call, whatever the
// method and the oracle.
func TestRecordingChangesNothing(t *testing.T) {
	const budget = 700
	full, p := oracle(t, "rosen-suzuki")
	for _, f := range []descent.Oracle{full, plain{full}} {
		for _, s := range methods() {
			want, err := s.Minimize(t.Context(), f, p.Start, budget)
			require.NoError(t, err, s.Name)
			got, err := s.Record(t.Context(), f, p.Start, budget)
			require.NoError(t, err, s.Name)
			require.Equal(t, want, got.Answer, s.Name)
			require.LessOrEqual(t, got.Calls(), budget, s.Name)
			require.Equal(t, p.StartValue, got.Value(1), s.Name)
			require.LessOrEqual(t, got.Cost(got.F), float64(budget), "%s was told the value that it returns", s.Name)
		}
	}
}

// Calls are those of the result, and a recorder knows what its oracle knows.
func TestCallsAreThoseOfTheMethod(t *testing.T) {
	full, p := oracle(t, "maxquad")
	for _, m := range []descent.Method{descent.Auto{}, descent.GradientSampling{}, descent.Goldstein{}, descent.INGD{}} {
		for _, f := range []descent.Oracle{full, plain{full}} {
			recorded, h := profile.Record(f)
			r, err := m.Minimize(t.Context(), recorded, p.Start, descent.Limits{Calls: 500})
			require.NoError(t, err)
			require.Equal(t, r.Calls, h.Calls(), m.Name())
		}
	}
	recorded, _ := profile.Record(full)
	require.Implements(t, (*descent.DirectionalOracle)(nil), recorded)
	require.Implements(t, (*descent.Counting)(nil), recorded)
	recorded, _ = profile.Record(plain{full})
	require.NotImplements(t, (*descent.DirectionalOracle)(nil), recorded)
}

// gonum's value and gradient at a point are one call, and gonum's own statistics tell how many points
// there were.
func TestGonumCalls(t *testing.T) {
	smooth := function{2, func(x, g []float64) (float64, error) {
		g[0], g[1] = 2*x[0], 20*x[1]
		return x[0]*x[0] + 10*x[1]*x[1], nil
	}}
	start := []float64{3, -2}
	for _, fresh := range []func() optimize.Method{
		func() optimize.Method { return &optimize.BFGS{} },
		func() optimize.Method { return &optimize.NelderMead{} },
	} {
		r, err := optimize.Minimize(descent.Problem(smooth), start, nil, fresh())
		require.NoError(t, err)
		got, err := profile.Gonum("", fresh).Record(t.Context(), smooth, start, 1e5)
		require.NoError(t, err)
		require.Equal(t, r.X, got.X)
		require.Equal(t, r.Status.String(), got.Status)
		require.Equal(t, r.FuncEvaluations, got.Calls())
		require.Equal(t, []float64{3, -2}, start)
	}
}

func TestBudgetsErrorsAndInterrupts(t *testing.T) {
	f, p := oracle(t, "wong1")
	broken := errors.New("broken")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, s := range methods() {
		for _, budget := range []int{1, 2, 17} {
			r, err := s.Record(t.Context(), f, p.Start, budget)
			require.NoError(t, err, s.Name)
			require.LessOrEqual(t, r.Calls(), budget, s.Name)
			require.LessOrEqual(t, r.F, p.StartValue, s.Name)
		}
		r, err := s.Record(ended, f, p.Start, 100)
		require.NoError(t, err, s.Name)
		require.Zero(t, r.Calls(), s.Name)
		calls := 0
		_, err = s.Record(t.Context(), function{7, func(x, g []float64) (float64, error) {
			if calls++; calls > 20 {
				return 0, broken
			}
			return f.Evaluate(x, g)
		}}, p.Start, 1000)
		require.ErrorIs(t, err, broken, s.Name)
	}
}
