package descent_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func equations(t require.TestingT, text string, shapes map[string][]int) *expr.Func {
	f, err := parse.Parse(text, parse.Shapes(shapes))
	require.NoError(t, err)
	return f
}

func solve(t require.TestingT, o descent.Newton, f *expr.Func, start ...float64) *descent.Root {
	r, err := o.Solve(context.Background(), f, start)
	require.NoError(t, err)
	require.Regexp(t, `^[A-Z‖].*\.$`, r.Message)
	require.Len(t, r.Norms, r.Iterations+1)
	for i := 1; i < len(r.Norms); i++ {
		require.Less(t, r.Norms[i], r.Norms[i-1])
	}
	return r
}

// problem of complementarity: 0 ≤ x ⊥ Mx + q ≥ 0.
type complementarity struct {
	m    [][]float64
	q, x []float64 // x is the solution
}

// drawComplementarity draws a problem from its solution: M = AAᵀ + I is positive definite, so that
// the solution is unique.
func drawComplementarity(t *rapid.T) complementarity {
	n := rapid.IntRange(1, 8).Draw(t, "n")
	entry := rapid.Float64Range(-2, 2)
	a := make([][]float64, n)
	for i := range a {
		a[i] = rapid.SliceOfN(entry, n, n).Draw(t, "row")
	}
	c := complementarity{m: make([][]float64, n), q: make([]float64, n), x: make([]float64, n)}
	for i := range n {
		c.m[i] = make([]float64, n)
		for j := range n {
			for k := range n {
				c.m[i][j] += a[i][k] * a[j][k]
			}
		}
		c.m[i][i]++
		c.x[i] = max(0, entry.Draw(t, "x"))
	}
	for i := range n {
		slack := 0.0
		if c.x[i] == 0 {
			slack = rapid.Float64Range(0, 2).Draw(t, "slack")
		}
		c.q[i] = slack
		for j := range n {
			c.q[i] -= c.m[i][j] * c.x[j]
		}
	}
	return c
}

// program builds F of x and y = Mx + q.
func (c complementarity) program(t require.TestingT, build func(x, y expr.Node) expr.Node) *expr.Func {
	n := len(c.q)
	g := expr.NewGraph()
	x := g.Input("x", n)
	var flat []float64
	for _, row := range c.m {
		flat = append(flat, row...)
	}
	y := expr.Add(expr.MatMul(g.Tensor(flat, n, n), x), g.Tensor(c.q, n))
	f, err := g.Func(expr.In(x), expr.Out(build(x, y)))
	require.NoError(t, err)
	return f
}

// min(x, Mx + q) = 0 is piecewise affine: the solution is found exactly, from 0.
func TestLawNewtonSolvesLinearComplementarity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawComplementarity(t)
		f := c.program(t, func(x, y expr.Node) expr.Node { return expr.Min(x, y) })
		r := solve(t, descent.Newton{}, f, make([]float64, len(c.x))...)
		require.Equal(t, descent.Solved, r.Status)
		require.InDeltaSlice(t, c.x, r.X, 1e-10)
	})
}

// Fischer and Burmeister: x + y − ‖(x, y)‖ = 0 entry by entry.
func TestLawNewtonSolvesFischerBurmeister(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawComplementarity(t)
		f := c.program(t, func(x, y expr.Node) expr.Node {
			return expr.Sub(expr.Add(x, y), expr.Norm2(expr.Stack(x, y)))
		})
		start := make([]float64, len(c.x))
		for i := range start {
			start[i] = 1
		}
		r := solve(t, descent.Newton{}, f, start...)
		require.Equal(t, descent.Solved, r.Status)
		require.InDeltaSlice(t, c.x, r.X, 1e-5)
	})
}

// lasso is the fixed point x = S(x − γAᵀ(Ax − b)) of the proximal gradient step, S the soft threshold at γλ,
// with its solution: Aᵀ(b − Ax) = λs for s in ∂‖x‖₁ defines b.
func lasso(t *rapid.T) (f *expr.Func, solution []float64) {
	const gamma, lambda = .25, .5
	n := rapid.IntRange(1, 6).Draw(t, "n")
	g := expr.NewGraph()
	x := g.Input("x", n)
	solution = make([]float64, n)
	// A is lower triangular with diagonal 1, so that A⁻ᵀ is found from the last row up.
	a, flat, r := make([][]float64, n), make([]float64, 0, n*n), make([]float64, n)
	for i := range n {
		a[i] = make([]float64, n)
		for j := range i {
			a[i][j] = rapid.Float64Range(-.3, .3).Draw(t, "a")
		}
		a[i][i] = 1
		flat = append(flat, a[i]...)
	}
	for i := n - 1; i >= 0; i-- {
		s := rapid.Float64Range(-.9, .9).Draw(t, "s")
		if rapid.Bool().Draw(t, "in the support") {
			solution[i] = rapid.Float64Range(.5, 2).Draw(t, "x")
			s = 1
			if rapid.Bool().Draw(t, "negative") {
				solution[i], s = -solution[i], -1
			}
		}
		r[i] = lambda * s
		for j := i + 1; j < n; j++ {
			r[i] -= a[j][i] * r[j]
		}
	}
	b := make([]float64, n)
	for i := range n {
		b[i] = r[i]
		for j := range n {
			b[i] += a[i][j] * solution[j]
		}
	}
	m := g.Tensor(flat, n, n)
	residual := expr.Sub(expr.MatMul(m, x), g.Tensor(b, n))
	forward := expr.Sub(x, expr.Scale(gamma, expr.MatMul(expr.Transpose(m, 1, 0), residual)))
	f, err := g.Func(expr.In(x), expr.Out(expr.Sub(x, expr.SoftThreshold(forward, gamma*lambda))))
	require.NoError(t, err)
	return f, solution
}

// The lasso's fixed point is piecewise affine, so that one step from within the piece of the solution
// finds it, and damped steps find it from 0.
func TestLawNewtonSolvesLasso(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, want := lasso(t)
		r := solve(t, descent.Newton{}, f, make([]float64, len(want))...)
		require.Equal(t, descent.Solved, r.Status, r.Message)
		require.InDeltaSlice(t, want, r.X, 1e-12)
		near := make([]float64, len(want))
		for i, v := range want {
			near[i] = v + rapid.Float64Range(-.01, .01).Draw(t, "move")
		}
		r = solve(t, descent.Newton{}, f, near...)
		require.Equal(t, descent.Solved, r.Status)
		require.LessOrEqual(t, r.Iterations, 1)
		require.InDeltaSlice(t, want, r.X, 1e-12)
	})
}

// |x| + xy = 2, max(x, y)² = 4 has the solution (2, 0), at which max is smooth, and |x| + y² = y, x = 0
// the solution (0, 1) on a kink: both of second order.
func TestNewtonConvergesQuadratically(t *testing.T) {
	for _, c := range []struct {
		text        string
		start, want []float64
	}{
		{"[abs(x)+x*y-2, max(x,y)^2-4]", []float64{3, 1}, []float64{2, 0}},
		{"[abs(x)+y^2-1, x*y+x^2]", []float64{.5, 1.4}, []float64{0, 1}},
	} {
		r := solve(t, descent.Newton{}, equations(t, c.text, nil), c.start...)
		require.Equal(t, descent.Solved, r.Status)
		require.InDeltaSlice(t, c.want, r.X, 1e-12)
		for i, norm := range r.Norms[1:] {
			if before := r.Norms[i]; before < .1 {
				require.LessOrEqual(t, norm, 10*before*before+1e-15)
			}
		}
	}
}

// At 0 on a kink the element along one side leads to the solution and that of the other does not: it
// takes both draws.
func TestNewtonStartsOnKinks(t *testing.T) {
	f := equations(t, "max(x, -2*x) - 1", nil)
	for seed := range uint64(10) {
		r := solve(t, descent.Newton{Seed: seed}, f, 0)
		require.Equal(t, descent.Solved, r.Status)
		require.InDelta(t, 1, max(r.X[0], -2*r.X[0]), 1e-15)
	}
	require.Equal(t, solve(t, descent.Newton{Seed: 3}, f, 0), solve(t, descent.Newton{Seed: 3}, f, 0))
}

// Every end that is no solution has a status and a sentence.
func TestNewtonEnds(t *testing.T) {
	for _, c := range []struct {
		text   string
		start  []float64
		status descent.Status
		in     string
	}{
		{"relu(x) + 1", []float64{-1}, descent.Singular, "rank 0 for 1 equations"},
		{"[x+y-1, 2*x+2*y-3]", []float64{0, 0}, descent.Singular, "rank 1 for 2 equations"},
		{"abs(x) + 1", []float64{1}, descent.Stalled, "No Newton step"},
		{"sqrt(x) + 1", []float64{0}, descent.Singular, ""},
	} {
		r := solve(t, descent.Newton{}, equations(t, c.text, nil), c.start...)
		require.Equal(t, c.status, r.Status, c.text)
		require.Contains(t, r.Message, c.in)
	}
	r, err := descent.Newton{Iterations: 1}.Solve(context.Background(), equations(t, "x^3-5", nil), []float64{9})
	require.NoError(t, err)
	require.Equal(t, descent.OutOfCalls, r.Status)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	r, err = descent.Newton{}.Solve(ended, equations(t, "x^3-5", nil), []float64{9})
	require.NoError(t, err)
	require.Equal(t, descent.Interrupted, r.Status)
}

func TestNewtonRefuses(t *testing.T) {
	for _, c := range []struct {
		o     descent.Newton
		text  string
		start []float64
	}{
		{descent.Newton{}, "[x, y, x+y]", []float64{1, 1}},
		{descent.Newton{}, "x^2", []float64{1, 1}},
		{descent.Newton{}, "x^2", []float64{math.NaN()}},
		{descent.Newton{}, "log(x)", []float64{-1}},
		{descent.Newton{Decrease: .5}, "x", []float64{1}},
		{descent.Newton{Tolerance: math.Inf(1)}, "x", []float64{1}},
	} {
		_, err := c.o.Solve(context.Background(), equations(t, c.text, nil), c.start)
		var input *descent.InputError
		require.ErrorAs(t, err, &input, c.text)
	}
}
