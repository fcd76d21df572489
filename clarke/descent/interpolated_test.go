package descent_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// along counts the points at which a directional oracle is asked.
type along struct {
	counter
	directional descent.DirectionalOracle
}

func (a *along) EvaluateAlong(x, d, gradient []float64) (float64, error) {
	a.calls++
	return a.directional.EvaluateAlong(x, d, gradient)
}

// minimizeAlong runs a method on a directional oracle and checks its certificate.
func minimizeAlong(t require.TestingT, m descent.Method, f descent.DirectionalOracle, start []float64, l descent.Limits) *descent.Result {
	a := &along{counter{f: f}, f}
	r, err := m.Minimize(context.Background(), a, start, l)
	require.NoError(t, err)
	require.Equal(t, a.calls, r.Calls)
	if len(r.Certificate.Points) > 0 {
		require.NoError(t, r.Certificate.Check(f, r.X, 1e-9))
	}
	return r
}

// bounded checks a run against the papers: a step brings δε/4 or more; between two of them there are at
// most ⌈64L²/ε²⌉·⌈2 log(4Δ/(γδε))⌉ gradients with probability 1 − γ, for γ = 1/10 here, each with a value.
func bounded(t require.TestingT, r *descent.Result, drop, lipschitz, delta, epsilon float64) {
	require.Equal(t, descent.Stationary, r.Status)
	require.LessOrEqual(t, r.Certificate.Distance, epsilon)
	require.LessOrEqual(t, r.Certificate.Radius, delta*(1+1e-9))
	steps := math.Ceil(4 * drop / (delta * epsilon))
	require.LessOrEqual(t, float64(r.Iterations), steps)
	draws := math.Ceil(64*lipschitz*lipschitz/(epsilon*epsilon)) * math.Ceil(2*math.Log(10*max(steps, 1)))
	require.LessOrEqual(t, float64(r.Calls), 1+2*(steps+1)*draws)
}

func TestLawINGD(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, start := drawVee(t)
		value, err := f.Evaluate(start, nil)
		require.NoError(t, err)
		m := descent.INGD{Radius: .05, Tolerance: .1, Seed: rapid.Uint64().Draw(t, "seed")}
		r := minimize(t, m, f, start, descent.Limits{})
		bounded(t, r, value, f.lipschitz(f.away(start)+m.Radius), m.Radius, m.Tolerance)
		r = minimize(t, descent.Goldstein{Radius: .05, Tolerance: .1}, f, start, descent.Limits{})
		bounded(t, r, value, f.lipschitz(f.away(start)+m.Radius), m.Radius, m.Tolerance)
	})
}

// From (0, 1) all steps stay in the kink x = 0, up to rounding, and so do the points between them.
func TestGoldsteinWithinAKink(t *testing.T) {
	p := program(t, "4*abs(x) + abs(y - 3)")
	for seed := range uint64(5) {
		r := minimizeAlong(t, descent.Goldstein{Radius: .09, Seed: seed}, p, []float64{0, 1}, descent.Limits{})
		require.Equal(t, descent.Stationary, r.Status)
		require.InDelta(t, 0, r.X[0], 1e-12)
		require.InDelta(t, 3, r.X[1], .09)
		require.NotEmpty(t, r.Certificate.Directions)
		require.Less(t, r.Calls, 200)
	}
}

// Gradients that are not f′(x; d) along a segment do not shorten anything, and the run says so.
func TestGoldsteinWithoutDirections(t *testing.T) {
	f := function{2, func(x, g []float64) (float64, error) {
		g[0], g[1] = 0, -1 // of −y, but f = |y|
		return math.Abs(x[1]), nil
	}}
	r := minimize(t, descent.Goldstein{}, f, []float64{0, 1e-9}, descent.Limits{})
	require.Equal(t, descent.Stalled, r.Status)
	require.Contains(t, r.Message, "not those of its values")
	c := r.Certificate
	c.Directions = make([][]float64, len(c.Points))
	c.Directions[0] = []float64{1, 0}
	require.ErrorContains(t, c.Check(f, r.X, 1e-9), "along a direction")
}

// f′(x; d) is the limit of difference quotients, here equal to them for short steps: the function is piecewise linear.
func TestLawEvaluateAlongIsDirectional(t *testing.T) {
	p := program(t, "max(abs(x), 2*y - x, relu(x + y) - relu(z)) + abs(z - min(x, y))")
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.SliceOfN(rapid.IntRange(-2, 2), 3, 3)
		x, d, to, g := make([]float64, 3), make([]float64, 3), make([]float64, 3), make([]float64, 3)
		for i, v := range whole.Draw(t, "x") {
			x[i] = float64(v)
		}
		for i, v := range whole.Draw(t, "d") {
			d[i] = float64(v)
			to[i] = x[i] + d[i]/1024
		}
		f, err := p.EvaluateAlong(x, d, g)
		require.NoError(t, err)
		value, err := p.Evaluate(x, nil)
		require.NoError(t, err)
		require.Equal(t, value, f)
		next, err := p.Evaluate(to, nil)
		require.NoError(t, err)
		require.Equal(t, (next-f)*1024, g[0]*d[0]+g[1]*d[1]+g[2]*d[2])
		// g is a gradient near x: of a point along d, and beside it in general position.
		nearby, found := make([]float64, 3), false
		for _, e := range [][]float64{{1, .3, .7}, {1, .7, -.3}, {1, -.3, .7}, {.3, 1, .7}, {.7, 1, -.3}, {-.3, 1, .7}, {.3, .7, 1}, {.7, -.3, 1}, {-.3, .7, 1}, {1, -.3, -.7}, {-.7, 1, -.3}, {-.7, -.3, 1}} {
			for _, sign := range []float64{1, -1} {
				for i := range to {
					to[i] = x[i] + d[i]/1024 + sign*e[i]/(1<<20)
				}
				_, err := p.Evaluate(to, nearby)
				require.NoError(t, err)
				found = found || fmt.Sprint(nearby) == fmt.Sprint(g)
			}
		}
		require.True(t, found)
	})
}

// Where backpropagation returns 0 for x, EvaluateAlong does not.
func TestEvaluateAlongIsAnElement(t *testing.T) {
	p, g := program(t, "relu(x) - relu(-x)"), []float64{nan}
	for _, d := range []float64{-1, 0, 1} {
		f, err := p.EvaluateAlong([]float64{0}, []float64{d}, g)
		require.NoError(t, err)
		require.Zero(t, f)
		require.Equal(t, []float64{1}, g)
	}
}

// In practice the calls are far below the bound: f falls by ‖g‖δ a step, ‖g‖ being much longer than ε on most of
// the way, and few gradients bring the hull near to 0. Ten times more accuracy costs less than twice the calls.
func TestINGDCalls(t *testing.T) {
	for _, p := range small {
		for _, m := range []func(epsilon float64) descent.Method{
			func(epsilon float64) descent.Method { return descent.INGD{Radius: 1e-2, Tolerance: epsilon} },
			func(epsilon float64) descent.Method { return descent.Goldstein{Radius: 1e-2, Tolerance: epsilon} },
		} {
			calls := math.Inf(1)
			for _, epsilon := range []float64{1e-1, 1e-2, 1e-3} {
				r := minimize(t, m(epsilon), p, p.start, descent.Limits{})
				require.Equal(t, descent.Stationary, r.Status)
				require.Less(t, float64(r.Calls), 2*calls)
				calls = float64(r.Calls)
				t.Logf("%-12s %-9s ε = %.0e: %4d steps, %4d calls", p.name, r.Method, epsilon, r.Iterations, r.Calls)
			}
		}
	}
}

func ExampleINGD() {
	r, err := descent.INGD{Radius: .01, Tolerance: .01}.Minimize(context.Background(), crease{}, []float64{3, -2}, descent.Limits{})
	if err != nil {
		panic(err)
	}
	c := r.Certificate
	fmt.Println(r.Status, c.Distance <= .01, c.Radius <= .01, c.Check(crease{}, r.X, 1e-9))
	// Output:
	// stationary true true <nil>
}
