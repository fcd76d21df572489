package expr_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func drawKind(t *rapid.T, label string) expr.Kind {
	return expr.Kind(rapid.IntRange(int(expr.Undeclared), int(expr.NotDefinable)).Draw(t, label))
}

// Join is the supremum of a lattice whose order is Within.
func TestLawKindLattice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawKind(t, "a"), drawKind(t, "b"), drawKind(t, "c")
		require.Equal(t, a, a.Join(a), "idempotent")
		require.Equal(t, a.Join(b), b.Join(a), "commutative")
		require.Equal(t, a.Join(b).Join(c), a.Join(b.Join(c)), "associative")
		require.True(t, a.Within(a.Join(b)), "an upper bound")
		if a.Within(b) {
			require.True(t, a.Join(c).Within(b.Join(c)), "monotone")
		}
		if a.Within(c) && b.Within(c) {
			require.True(t, a.Join(b).Within(c), "the least upper bound")
		}
	})
}

func TestKindString(t *testing.T) {
	require.Equal(t, "definable in R_an,exp", expr.DefinableAn.Join(expr.DefinableExp).String())
	require.Equal(t, "kind 77", expr.Kind(77).String())
	require.Equal(t, "kind -1", expr.Kind(-1).String())
}

// globalClasses lists programs with their class on the whole space, and the
// first reason where they are not certified locally Lipschitz.
var globalClasses = []struct {
	text, class string
	why         string
}{
	{"x", "affine", ""},
	{"1", "affine", ""},
	{"2*x - 3*y + 1", "affine", ""},
	{"x/4", "affine", ""},
	{"x/(2 - 4)", "affine", ""},
	{"x*exp(1)", "affine", ""},
	{"floor(5/2)*x", "affine", ""},
	{"x^0", "affine", ""},
	{"x^1", "affine", ""},
	{"sum([x, 2*y, 3])", "affine", ""},
	{"x*y", "piecewise polynomial of degree 2", ""},
	{"x*y*x", "piecewise polynomial of degree 3", ""},
	{"(x + y^2)^3", "piecewise polynomial of degree 6", ""},
	{"dot([x, y], [y, x*x])", "piecewise polynomial of degree 3", ""},
	{"gate(exp(1), x*y)", "piecewise polynomial of degree 2", ""},
	{"x^1000000*x^1000000", "semialgebraic", ""},
	{"x^(1e300)", "semialgebraic", ""},

	// T1 to T38: piecewise affine unless there is a product
	{"relu(x)", "piecewise affine", ""},
	{"relu(-x) + x - relu(x)", "piecewise affine", ""},
	{"let y = relu(x); y - y", "piecewise affine", ""},
	{"max(x, x)", "piecewise affine", ""},
	{"relu(-relu(x))", "piecewise affine", ""},
	{"x*abs(x)", "piecewise polynomial of degree 2", ""},
	{"abs(x)^3", "piecewise polynomial of degree 3", ""},
	{"relu(x) + log1p(exp(-abs(x)))", "definable in R_exp", ""},
	{"min(max(x, 0), 1)", "piecewise affine", ""},
	{"clamp(x, 0, 1)", "piecewise affine", ""},
	{"max(x*x, y)", "piecewise polynomial of degree 2", ""},
	{"max(min(x, -y), y - x)", "piecewise affine", ""},
	{"x + y + z - max(x, y, z) - min(x, y, z)", "piecewise affine", ""},
	{"x*relu(y)", "piecewise polynomial of degree 2", ""},
	{"median([x, y, z]) + norm1([x, y]) + norminf([x, z])", "piecewise affine", ""},
	{"topksum([x, y, z*z], 2)", "piecewise polynomial of degree 2", ""},
	{"norm2([x, y])", "semialgebraic", ""}, // T39
	// T40: continuous, for x² is never negative
	{"sqrt(x^2)", "semialgebraic", "sqrt#2: the argument of sqrt may not be positive, and sqrt is not Lipschitz at 0"},
	// T42
	{"x == 0 ? 0 : x^2*sin(1/x)", "not definable", "div#6: the denominator may be 0"},
	{"sin(1/x)", "not definable", "div#2: the denominator may be 0"},
	// T43
	{"x == 1 ? 1 : x^2", "piecewise polynomial of degree 2", "where#5: the branch for a single value of the switch decides nothing almost everywhere, unless the switch stays at that value, yet frameworks return its derivative where it is taken; D and ∂ are refused, for the branches are not proved to agree there"},
	{"abs(x - 1)/4 + abs(y - 2*abs(x) + 1)", "piecewise affine", ""}, // T44

	{"x*sign(x)", "piecewise affine", "sign#1: sign jumps where its argument is 0"},
	{"sign(x^2 - 1)", "piecewise polynomial of degree 0", "sign#4: sign jumps where its argument is 0"},
	{"x^2 > 1 ? x : y", "piecewise polynomial of degree 1", "where#5: the branches are not proved to agree where the switch is 0"},
	{"x > 0 ? x^2 : y", "piecewise polynomial of degree 2", "where#5: the branches are not proved to agree where the switch is 0"},

	// ranges of operands
	{"sqrt(x^2 + 1)", "semialgebraic", ""},
	{"sqrt(x*x + 0.001)", "semialgebraic", ""},
	{"1/(1 + abs(x))", "semialgebraic", ""},
	{"1/(exp(x) + exp(y))", "definable in R_exp", ""},
	{"log(1 + exp(x))", "definable in R_exp", ""},
	{"log(norm1([x, y]) + 1)", "definable in R_exp", ""},
	{"abs(x)^1.5", "semialgebraic", ""},
	{"x^1.5", "semialgebraic", "pow#1: the base of a fractional power may not be positive"},
	{"1/(2 + sin(x))", "not definable", "sin#3: sin of an argument that is not proved bounded is not definable in any o-minimal structure"},
	{"x^(-2)", "semialgebraic", "pow#1: the base of a negative power may be 0"},
	{"(1 + x^2)^(-2)", "semialgebraic", ""},
	{"floor(x)", "not definable", "floor#1: floor jumps at integers"},
	{"floor(2*sigmoid(x)/5 + 0.25)", "definable in R_exp", ""},
	{"floor(clamp(x, 0, 3))", "piecewise affine", "floor#4: floor jumps at integers"},
	{"exp(x) >= 0 ? x : 1/x", "affine", ""},

	// definability
	{"exp(x) + tanh(x) + sigmoid(x) + softplus(x)", "definable in R_exp", ""},
	{"log(x)", "definable in R_exp", "log#1: the argument of log may not be positive"},
	{"sin(x)", "not definable", "sin#1: sin of an argument that is not proved bounded is not definable in any o-minimal structure"},
	{"sin(clamp(x, -1, 1)*min(max(y, -2), 3) + 1)", "definable in R_an", ""},
	{"sin(tanh(x))", "definable in R_an,exp", ""},
	{"cos(sin(clamp(x, 0, 1)))", "definable in R_an", ""},
	{"sin(exp(x))", "not definable", "sin#2: sin of an argument that is not proved bounded is not definable in any o-minimal structure"},
	{"erf(x)", "definable in the Pfaffian closure of R_an,exp", ""},
	{"erf(clamp(x, -1, 1))", "definable in R_an", ""},
	{"sin(clamp(x, -1, 1)) + exp(y)", "definable in R_an,exp", ""},
	{"sin(1)", "affine", ""},

	// what an entry lacks does not spoil the others
	{"[x, sin(y), 1/y][0]", "affine", ""},
	{"sum(concat([x, 1], [x*x], 1))", "piecewise polynomial of degree 2", ""},
}

// firstReason is Class.Refused without the advice.
func firstReason(c expr.Class) string {
	if len(c.Reasons) == 0 {
		return ""
	}
	return fmt.Sprintf("%v: %s", c.Reasons[0].Node, c.Reasons[0].Why)
}

func TestClass(t *testing.T) {
	for _, c := range globalClasses {
		t.Run(c.text, func(t *testing.T) {
			f, err := parse.Parse(c.text)
			require.NoError(t, err)
			got := f.Class()
			require.Equal(t, c.class, got.String())
			require.Equal(t, c.why, firstReason(got))
			require.Equal(t, c.why == "", got.Certified())
			require.Equal(t, got.Kind <= expr.PiecewisePolynomial, got.Degree >= 0)
		})
	}
}

func TestClassContinuity(t *testing.T) {
	for text, want := range map[string][2]bool{
		"relu(x)":                    {true, true},
		"sqrt(x^2)":                  {true, false}, // T40
		"sqrt(abs(x))":               {true, false},
		"sqrt(x)":                    {false, false},
		"abs(x)^0.5":                 {true, false},
		"sin(x)":                     {true, true},
		"sign(x)":                    {false, false},
		"x > 0 ? x : x":              {true, true},
		"x > 0 ? 2*x : 2*x":          {false, false}, // two nodes
		"let y = x^2; x > 0 ? y : y": {true, true},
		"1/x > 0 ? x : y":            {false, false},
		"exp(x) > 1 ? x : y":         {false, false},
		"1/exp(x) > 0 ? x : 1/x":     {true, true},
	} {
		f, err := parse.Parse(text)
		require.NoError(t, err)
		c := f.Class()
		require.Equal(t, want, [2]bool{c.Continuous, c.Lipschitz}, "%s: %s", text, c.Why())
	}
}

// Permuting is bilinear in the mixing of tied blocks and the entries.
func TestClassPermute(t *testing.T) {
	g := expr.NewGraph()
	p, x := g.Input("p", 5, 3), g.Input("x", 3)
	f, err := g.Func(expr.In(p, x), expr.Out(expr.Permute(p, x)))
	require.NoError(t, err)
	require.Equal(t, "piecewise polynomial of degree 2", f.Class().String())
	require.Equal(t, "permute#2: the order jumps where entries tie", f.Class().Refused())
}

// A relu network of depth L is piecewise polynomial of degree L in its weights
// jointly, of degree 1 in one layer's, and the square loss doubles it (lecture,
// slide on deep learning losses; the differences of order 2L + 1 vanish).
func TestClassNetwork(t *testing.T) {
	g := expr.NewGraph()
	h := g.Tensor([]float64{1, -2}, 2)
	var weights []expr.Node
	for i := range 3 {
		w := g.Param(string(rune('a'+i)), 2, 2)
		weights = append(weights, w)
		h = expr.ReLU(expr.MatMul(w, h))
	}
	f, err := g.Func(expr.In(weights...), expr.Out(h, expr.Sum(expr.Mul(h, h))))
	require.NoError(t, err)
	require.Equal(t, expr.Class{Kind: expr.PiecewisePolynomial, Degree: 6, Continuous: true, Lipschitz: true}, f.Class())
}

// Every entry of a constant counts, first, last or between: log(⟨c, eˣ⟩) is Lipschitz where all are positive.
func TestClassSeesAllEntriesOfAConstant(t *testing.T) {
	for _, c := range []struct {
		weights     []float64
		isLipschitz bool
	}{{[]float64{1, 2, 1}, true}, {[]float64{-1, 2, 1}, false}, {[]float64{1, -2, 1}, false}, {[]float64{1, 2, -1}, false}} {
		g := expr.NewGraph()
		x := g.Input("x", 3)
		f, err := g.Func(expr.In(x), expr.Out(expr.Log(expr.Dot(g.Tensor(c.weights, 3), expr.Exp(x)))))
		require.NoError(t, err)
		require.Equal(t, c.isLipschitz, f.Class().Lipschitz, "%v: %v", c.weights, f.Class())
	}
}
