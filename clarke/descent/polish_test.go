package descent_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	problems "github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/expr/random"
)

// polishable are the problems of fixed size. All have their minimiser on kinks with switches.
var polishable = []string{
	"cb2", "cb3", "dem", "ql", "lq", "mifflin1", "mifflin2", "crescent", "rosenbrock", "wolfe", "ncr1", "ncr2",
	"rosen-suzuki", "shor", "wong1", "maxquad",
}

func load(t require.TestingT, name string, n int) (problems.Problem, *descent.Program) {
	p, err := problems.Lookup(name)
	require.NoError(t, err)
	if n > 0 {
		p, err = p.Of(n)
		require.NoError(t, err)
	}
	f, err := p.Func()
	require.NoError(t, err)
	program, err := descent.NewProgram(f, ad.AtKink(0))
	require.NoError(t, err)
	return p, program
}

// moved returns a point at a distance from x in a random direction, as a result.
func moved(t require.TestingT, f *descent.Program, x []float64, by float64, seed uint64) *descent.Result {
	d := make([]float64, len(x))
	random.Sphere(d, by, rand.New(rand.NewPCG(seed, 1)))
	for i := range d {
		d[i] += x[i]
	}
	value, err := f.Evaluate(d, nil)
	require.NoError(t, err)
	return &descent.Result{X: d, F: value}
}

// refine polishes and checks all that the answer says about itself.
func refine(t require.TestingT, f *descent.Program, from *descent.Result) *descent.Refinement {
	r, err := descent.Polish{}.Refine(context.Background(), f, from)
	require.NoError(t, err)
	require.Regexp(t, `^[A-Z].*\.$`, r.Reason)
	if !r.Identified {
		require.Same(t, from, r.Result)
		require.False(t, r.Proved)
		return r
	}
	value, err := f.Evaluate(r.Result.X, nil)
	require.NoError(t, err)
	require.Equal(t, value, r.Result.F)
	require.LessOrEqual(t, value, from.F+1e-13*(1+math.Abs(from.F)))
	require.Equal(t, descent.Stationary, r.Result.Status)
	require.NoError(t, r.Result.Certificate.Check(f, r.Result.X, 1e-9))
	require.LessOrEqual(t, r.Result.Certificate.Radius, 1e-9*(1+math.Sqrt(dot(r.Result.X, r.Result.X))))
	longest := 0.0
	for _, g := range r.Result.Certificate.Gradients {
		longest = max(longest, math.Sqrt(dot(g, g)))
	}
	require.LessOrEqual(t, r.Result.Certificate.Distance, 1e-9*(1+longest))
	for _, k := range r.Active {
		require.InDelta(t, 0, k.Switch, 1e-11, k.Name)
		require.LessOrEqual(t, math.Abs(k.Multiplier), 1+1e-9, k.Name)
	}
	return r
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// exact is the acceptance rule |f − f*| ≤ 10⁻¹²(1 + |f*|).
func exact(t require.TestingT, p problems.Problem, r *descent.Refinement) {
	require.True(t, r.Identified, "%s: %s", p.Name, r.Reason)
	require.LessOrEqual(t, math.Abs(r.Result.F-p.Minimum), 1e-12*(1+math.Abs(p.Minimum)), p.Name)
}

// From a distance of up to 10⁻⁴ every minimum is found to the last digits, without a certificate to
// start from; Newton's residuals fall quadratically.
func TestLawPolishIsExactNearMinimisers(t *testing.T) {
	type loaded struct {
		problems.Problem
		f *descent.Program
	}
	var all []loaded
	for _, name := range polishable {
		p, f := load(t, name, 0)
		all = append(all, loaded{p, f})
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(all).Draw(t, "problem")
		by := math.Pow(10, rapid.Float64Range(-9, -4).Draw(t, "log distance"))
		r := refine(t, p.f, moved(t, p.f, p.Minimizer, by, rapid.Uint64().Draw(t, "seed")))
		exact(t, p.Problem, r)
		for i, after := range r.Residuals[1:] {
			if before := r.Residuals[i]; before < 1e-4 {
				require.LessOrEqual(t, after, 1e4*before*before+1e-12, "%s: %v", p.Name, r.Residuals)
			}
		}
	})
}

// The answers of methods, with their certificates.
func TestPolishOfMethods(t *testing.T) {
	for _, name := range polishable {
		p, f := load(t, name, 0)
		for _, m := range []descent.Method{descent.BFGS{}, descent.GradientSampling{}} {
			if name == "ncr2" && m.Name() == "bfgs" {
				continue // it ends at the other stationary point; see TestPolishKeeps
			}
			from, err := m.Minimize(context.Background(), f, p.Start, descent.Limits{})
			require.NoError(t, err)
			r := refine(t, f, from)
			t.Logf("%-14s %-17s %8.1e → %8.1e, %d kinks", name, m.Name(), from.F-p.Minimum, r.Result.F-p.Minimum, len(r.Active))
			exact(t, p, r)
		}
	}
}

// Functions of many variables, from BFGS. The switches of F2, F4 and F6 are dependent at the minimiser, and the
// pieces of F1 have no slope there.
func TestPolishOfChains(t *testing.T) {
	for _, name := range []string{"f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "l1hilb"} {
		p, f := load(t, name, 20)
		from, err := descent.BFGS{}.Minimize(context.Background(), f, p.Start, descent.Limits{})
		require.NoError(t, err)
		r := refine(t, f, from)
		t.Logf("%-6s %8.1e → %8.1e, %d kinks", name, from.F-p.Minimum, r.Result.F-p.Minimum, len(r.Active))
		exact(t, p, r)
	}
}

// Where one kink is active, the weights of the two pieces in the certificates of literature are (1 ± τ)/2.
func TestPolishMultipliersAreTheLiteratures(t *testing.T) {
	count := 0
	for _, name := range polishable {
		p, f := load(t, name, 0)
		if p.Certificate == nil || len(p.Certificate.Weights) != 2 {
			continue
		}
		r := refine(t, f, moved(t, f, p.Minimizer, 1e-5, 1))
		require.Len(t, r.Active, 1, name)
		w := p.Certificate.Weights
		require.InDelta(t, math.Abs(w[0]-w[1]), math.Abs(r.Active[0].Multiplier), 1e-9, name)
		count++
	}
	require.GreaterOrEqual(t, count, 3)
}

// 0 ∈ ∂f(X) is proved where the program and the minimiser are rational: |x − ½| + (y + ¼)², and a kink that does not act, |x|²
// at 0; not for 1/3, which is no float.
func TestPolishProves(t *testing.T) {
	for _, c := range []struct {
		text   string
		x      []float64
		active int
		proved bool
	}{
		{"abs(x - 0.5) + (y + 0.25)^2", []float64{.5, -.25}, 1, true},
		{"abs(x)^2 + max(y, -2*y)", []float64{0, 0}, 1, true},
		{"x^2 + y^2", []float64{0, 0}, 0, true},
		{"topksum([abs(x - 1), abs(y + 2), abs(x - y), abs(x + 3*y)], 2) + x^2/10", []float64{1. / 3, -1. / 3}, 2, false},
		{"abs(3*x - 1) + y^2", []float64{1. / 3, 0}, 1, false},
	} {
		f := program(t, c.text)
		r := refine(t, f, moved(t, f, c.x, 1e-6, 5))
		require.True(t, r.Identified, r.Reason)
		require.InDeltaSlice(t, c.x, r.Result.X, 1e-12)
		require.Len(t, r.Active, c.active, c.text)
		require.Equal(t, c.proved, r.Proved, c.text)
	}
}

// What is no minimiser with identifiable kinks stays as it was, with a reason: points from which f falls; a
// maximum; a point that is only Clarke stationary, with 0 in conv D but in no D; kinks without switches; a
// minimum in the limit.
func TestPolishKeeps(t *testing.T) {
	for _, c := range []struct {
		text string
		x    []float64
	}{
		{"x + abs(y)", []float64{0, 0}},
		{"-abs(x)", []float64{1e-5}},
		{"abs(x*y) - 2*abs(x) + 2*abs(y)", []float64{0, 0}},
		{"norm2([x, y])", []float64{1e-5, 0}},
		{"exp(x)", []float64{0}},
		{"abs(x) - abs(x) + y", []float64{0, 0}},
	} {
		f := program(t, c.text)
		value, err := f.Evaluate(c.x, nil)
		require.NoError(t, err)
		r := refine(t, f, &descent.Result{X: c.x, F: value})
		require.False(t, r.Identified, "%s: %+v", c.text, r.Result)
	}
}

// A constant function is stationary everywhere, wherever its kinks are.
func TestPolishOfConstants(t *testing.T) {
	for _, text := range []string{"0*x + 3", "abs(x) - abs(x)", "relu(x) - relu(-x) - x"} {
		f := program(t, text)
		r := refine(t, f, &descent.Result{X: []float64{0}, F: 3})
		require.True(t, r.Identified, "%s: %s", text, r.Reason)
		require.Equal(t, []float64{0}, r.Result.X)
	}
}

// Kinks without switches are harmless off the minimiser; and gradients of the oracle at them are no part of a
// certificate: the gradient of the norm at 0 is any vector.
func TestPolishBesideOtherKinks(t *testing.T) {
	f := program(t, "median([x, -x - 3, x + 1]) + 2*abs(x) + norm2([x - 3, y])")
	r := refine(t, f, moved(t, f, []float64{0, 0}, 1e-5, 1))
	require.True(t, r.Identified, r.Reason)
	require.InDeltaSlice(t, []float64{0, 0}, r.Result.X, 1e-12)

	f = program(t, "norm2([x, y])")
	r = refine(t, f, &descent.Result{X: []float64{0, 0}})
	for _, g := range r.Result.Certificate.Gradients {
		require.InDelta(t, 1, math.Sqrt(dot(g, g)), 1e-9)
	}
}

// lapsing is a context that ends after it was asked a number of times, and counts on.
type lapsing struct {
	context.Context
	asked, after int
}

func (l *lapsing) Err() error {
	if l.asked++; l.asked > l.after {
		return context.Canceled
	}
	return nil
}

// Wherever the context ends, the polish does nothing more than a few things it has begun.
func TestPolishIsPrompt(t *testing.T) {
	p, f := load(t, "f7", 10)
	from := moved(t, f, p.Minimizer, 1e-3, 1)
	for after := 0; ; after = after*5/4 + 1 {
		ctx := &lapsing{context.Background(), 0, after}
		r, err := descent.Polish{}.Refine(ctx, f, from)
		require.NoError(t, err)
		if ctx.asked <= after {
			require.True(t, r.Identified)
			require.Greater(t, after, 100, "the context is asked often")
			break
		}
		require.Same(t, from, r.Result)
		require.Contains(t, r.Reason, "interrupted")
		require.LessOrEqual(t, ctx.asked-after, 5)
	}
}

func TestPolishRefuses(t *testing.T) {
	f := program(t, "x^2")
	for _, x := range [][]float64{{}, {1, 2}, {math.NaN()}} {
		_, err := descent.Polish{}.Refine(context.Background(), f, &descent.Result{X: x})
		var input *descent.InputError
		require.ErrorAs(t, err, &input)
	}
	_, err := descent.Polish{Radius: -1}.Refine(context.Background(), f, &descent.Result{X: []float64{1}})
	require.Error(t, err)
	from := &descent.Result{X: []float64{1}}
	_, err = descent.Polish{}.Refine(context.Background(), f, from)
	require.NoError(t, err)
	require.True(t, slices.Equal(from.X, []float64{1}), "the result must not be changed")
}
