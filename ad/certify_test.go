package ad_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// germs lists programs of scalars with a point, the class of the germ there and
// the first reason why it is not certified.
var germs = []struct {
	text  string
	at    []float64
	class string
	why   string
}{
	// T1 to T39: total ops are certified everywhere
	{"relu(x) - relu(-x)", []float64{0}, "piecewise affine", ""},
	{"relu(x) + log1p(exp(-abs(x)))", []float64{0}, "definable in R_an", ""},
	{"x*abs(x)", []float64{0}, "piecewise polynomial of degree 2", ""},
	{"norm2([x, y])", []float64{0, 0}, "semialgebraic", ""},
	// T40: the spelling matters
	{"sqrt(x^2)", []float64{0}, "semialgebraic", "sqrt#2: the argument of sqrt is not positive, and sqrt is not Lipschitz at 0 (here 0)"},
	{"sqrt(x^2)", []float64{1}, "semialgebraic", ""},
	{"sqrt(x)", []float64{-1}, "semialgebraic", "sqrt#1: the argument of sqrt is not positive, and sqrt is not Lipschitz at 0 (here -1)"},
	// T42: at 0 nothing is proved, elsewhere it is analytic
	{"x == 0 ? 0 : x^2*sin(1/x)", []float64{0}, "not definable", "div#6: the denominator is 0 (here 0)"},
	{"x == 0 ? 0 : x^2*sin(1/x)", []float64{2}, "definable in R_an", ""},
	{"sin(1/x)", []float64{0}, "not definable", "div#2: the denominator is 0 (here 0)"},
	// T43
	{"x == 1 ? 1 : x^2", []float64{1}, "piecewise polynomial of degree 2", "where#5: the branch for a single value of the switch decides nothing almost everywhere, unless the switch stays at that value, yet frameworks return its derivative where it is taken; D and ∂ are refused, for the branches are not proved to agree there"},
	{"x == 1 ? 1 : x^2", []float64{2}, "piecewise polynomial of degree 2", ""},
	{"x == 1 ? x^2 : 1", []float64{2}, "affine", ""},
	{"let y = exp(x); x == 1 ? y : y", []float64{1}, "definable in R_an", ""},

	// an untaken branch does not count
	{"x >= 0 ? sqrt(x) : 0", []float64{-1}, "affine", ""},
	{"x >= 0 ? sqrt(x) : 0", []float64{4}, "semialgebraic", ""},
	{"x > 0 ? x : sin(1/x)", []float64{1}, "affine", ""},
	// unless the switch jumps
	{"sign(x) - 0.5 > 0 ? x : sin(1/x)", []float64{0}, "not definable", "sign#1: sign jumps at 0 (here 0)"},

	// analytic near the argument
	{"exp(x) + sin(y) + erf(x) + tanh(y)", []float64{5, 1e3}, "definable in R_an", ""},
	{"log(x)", []float64{1}, "definable in R_an", ""},
	{"log(x)", []float64{0}, "definable in R_exp", "log#1: the argument of log is not positive (here 0)"},
	{"logsumexp([x, y])", []float64{0, 0}, "definable in R_an", ""},
	{"power(x, y)", []float64{2, 3}, "definable in R_an", ""},
	{"power(x, y)", []float64{0, 3}, "definable in R_exp", "power#2: the base is not positive (here 0)"},
	{"sin(tanh(x))", []float64{0}, "definable in R_an", ""},
	{"x^1.5", []float64{0}, "semialgebraic", "pow#1: the base of a fractional power is not positive (here 0)"},
	{"abs(x)^1.5", []float64{0}, "semialgebraic", ""}, // C¹ on x ≥ 0

	// a jump leaves the neighbourhood of log's argument, 1
	{"log(x > 0 ? x : 1)", []float64{0}, "definable in R_exp", "where#4: the branches are not proved to agree where the switch is 0"},

	// locally constant off the jumps
	{"floor(x) + y", []float64{0.5, 0}, "affine", ""},
	{"floor(x)", []float64{1}, "piecewise affine", "floor#1: floor jumps at an integer (here 1)"},
	{"sin(floor(x))", []float64{1}, "definable in R_an", "floor#1: floor jumps at an integer (here 1)"},
	{"x*sign(y)", []float64{0, -2}, "affine", ""},
	{"x*sign(y)", []float64{3, 0}, "piecewise affine", "sign#2: sign jumps at 0 (here 0)"},
	{"floor(x) == 0 ? y : 1/y", []float64{0.5, 0}, "affine", ""},
	{"x/sign(y)", []float64{3, 1}, "affine", ""},
	{"sqrt(sign(x) - 1)", []float64{2}, "affine", ""}, // constant √0

	// float64 rounds where the numbers are not dyadic; see TestClassAtExact
	{"1/exp(-1000*x)", []float64{1}, "definable in R_an", ""}, // e^(−1000) is not 0
}

// firstReason is Class.Refused without the advice.
func firstReason(c expr.Class) string {
	if len(c.Reasons) == 0 {
		return ""
	}
	return fmt.Sprintf("%v: %s", c.Reasons[0].Node, c.Reasons[0].Why)
}

func TestClassAt(t *testing.T) {
	for _, c := range germs {
		t.Run(fmt.Sprint(c.text, c.at), func(t *testing.T) {
			f, err := parse.Parse(c.text)
			require.NoError(t, err)
			at, rats := make([][]float64, len(c.at)), make([][]*big.Rat, len(c.at))
			for i, v := range c.at {
				at[i], rats[i] = []float64{v}, []*big.Rat{new(big.Rat).SetFloat64(v)}
			}
			got, err := ad.ClassAt(f, at)
			require.NoError(t, err)
			require.Equal(t, c.class, got.String())
			require.Equal(t, c.why, firstReason(got))
			require.Equal(t, c.why == "", got.Certified())
			exactly, err := ad.ClassAtExact(f, rats)
			require.NoError(t, err)
			require.Equal(t, got, exactly)
		})
	}
}

func rat(p, q int64) []*big.Rat { return []*big.Rat{big.NewRat(p, q)} }

// Domains are decided exactly where the numbers are rational, also if the
// program is not.
func TestClassAtExact(t *testing.T) {
	text := "sqrt(x + y + z) + exp(w)" // 0.1 + 0.2 − 0.3 is not 0 in float64
	f, err := parse.Parse(text)
	require.NoError(t, err)
	rounded, err := ad.ClassAt(f, [][]float64{{0.1}, {0.2}, {-0.3}, {0}})
	require.NoError(t, err)
	require.True(t, rounded.Certified())
	c, err := ad.ClassAtExact(f, [][]*big.Rat{rat(1, 10), rat(2, 10), rat(-3, 10), rat(0, 1)})
	require.NoError(t, err)
	require.Equal(t, "sqrt#5: the argument of sqrt is not positive, and sqrt is not Lipschitz at 0 (here 0)", firstReason(c))

	f, err = parse.Parse("1/x + floor(y)") // underflow, and a float64 that is an integer
	require.NoError(t, err)
	tiny := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(400), nil))
	near := new(big.Rat).Add(big.NewRat(3, 1), tiny)
	c, err = ad.ClassAtExact(f, [][]*big.Rat{{tiny}, {near}})
	require.NoError(t, err)
	require.True(t, c.Certified(), c.Why())

	f, err = parse.Parse("1/(x - x) + sqrt(y) + 1/(1/(x - x)) + 1/z") // a division by zero is a reason, not an error
	require.NoError(t, err)
	c, err = ad.ClassAtExact(f, [][]*big.Rat{rat(1, 1), rat(1, 2), rat(0, 1)})
	require.NoError(t, err)
	require.Len(t, c.Reasons, 3, c.Why())
}

func TestClassAtEntries(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x", 3)
	zero := g.Const(0)
	safe := expr.Where(x, expr.Greater, expr.Sqrt(x), expr.Sub(x, x))
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(safe), expr.Mul(zero, x)))
	require.NoError(t, err)
	c, err := ad.ClassAt(f, [][]float64{{1, -1, -4}})
	require.NoError(t, err)
	require.True(t, c.Certified(), c.Why())
	c, err = ad.ClassAt(f, [][]float64{{1, -1, 0}})
	require.NoError(t, err)
	require.Equal(t, "sqrt#2: the argument of sqrt is not positive, and sqrt is not Lipschitz at 0 (here 0) at entry 2", firstReason(c))
}

func TestClassAtMistakes(t *testing.T) {
	f, err := parse.Parse("x + y")
	require.NoError(t, err)
	_, err = ad.ClassAt(f, [][]float64{{1}})
	require.EqualError(t, err, "ad: the point has 1 buffers; the program has 2 inputs and 0 slots")
	_, err = ad.ClassAt(f, [][]float64{{1}, {1, 2}})
	require.EqualError(t, err, "ad: the point has 2 entries for y; it needs 1")
	_, err = ad.ClassAt(f, [][]float64{{1}, {math.NaN()}})
	require.EqualError(t, err, "ad: entry 0 of y is NaN; a germ needs a finite point")
	_, err = ad.ClassAtExact(f, [][]*big.Rat{{nil}, rat(1, 2)})
	require.ErrorContains(t, err, "a germ needs a finite point")
}

// The derivative of a nonsmooth program is certified off the active kinks.
func TestClassAtDerivative(t *testing.T) {
	for _, c := range []struct {
		text  string
		at    []float64
		class string
		why   string
	}{
		{"relu(x)*x", []float64{1}, "affine", ""},
		{"relu(x)*x", []float64{0}, "piecewise affine", "step#"},
		{"max(x, y, 0)", []float64{1, 2}, "affine", ""},
		{"max(x, y, 0)", []float64{2, 2}, "piecewise affine", "ranks jump where entries tie"},
		{"sort([x, y])[0]*x", []float64{1, 2}, "affine", ""},
		{"sort([x, y])[0]*x", []float64{2, 2}, "piecewise", "permutation#"},
		{"norm2([x, y])", []float64{3, 4}, "semialgebraic", ""},
		{"norm2([x, y])", []float64{0, 0}, "semialgebraic", "direction#"},
		{"x > 0 ? sqrt(x) : 1", []float64{-1}, "affine", ""},
		{"abs(x)*exp(y)", []float64{-1, 2}, "definable in R_an", ""},
	} {
		f, err := parse.Parse(c.text)
		require.NoError(t, err)
		g, err := ad.Gradient(f)
		require.NoError(t, err)
		g, err = ad.Wire(g, ad.AtSlot(0.5))
		require.NoError(t, err)
		g, err = f.Graph().Func(expr.In(f.In()...), expr.Out(g.Out()[1:]...))
		require.NoError(t, err)
		at := make([][]float64, len(c.at))
		for i, v := range c.at {
			at[i] = []float64{v}
		}
		got, err := ad.ClassAt(g, at)
		require.NoError(t, err)
		require.Equal(t, c.why == "", got.Certified(), "%s at %v: %s", c.text, c.at, got.Why())
		require.Contains(t, got.String(), c.class, "%s at %v", c.text, c.at)
		require.Contains(t, got.Refused(), c.why, "%s at %v", c.text, c.at)
	}
}
