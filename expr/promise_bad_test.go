package expr_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// parsed reads a program of scalars with a point and the direction (1, 1, …).
func parsed(t *testing.T, text string, at ...float64) (f *expr.Func, x, u [][]float64) {
	f, err := parse.Parse(text)
	require.NoError(t, err)
	for _, v := range at {
		x, u = append(x, []float64{v}), append(u, []float64{1})
	}
	return f, x, u
}

func exactLine(t *testing.T, f *expr.Func, x, u [][]float64) *line {
	l, err := newLine(f, optest.AllToRats(x), optest.AllToRats(u))
	require.NoError(t, err)
	return l
}

// bad is a class that claims more than the program keeps.
type bad struct {
	text  string
	at    []float64
	claim expr.Class
}

func claim(k expr.Kind, degree int) expr.Class { return expr.Class{Kind: k, Degree: degree} }

// The checkers of pieces catch classes that claim too much, and pass the true
// class of the same program.
func TestPiecesCatch(t *testing.T) {
	for _, b := range []bad{
		{"x^2", []float64{1}, claim(expr.Affine, 1)},
		{"relu(x)", []float64{0}, claim(expr.Affine, 1)},
		{"x == 0 ? 1 : 0", []float64{0}, claim(expr.Affine, 1)},
		{"x*abs(y)", []float64{-0.25, -0.5}, claim(expr.PiecewiseAffine, 1)},
		{"relu(x)*x^2", []float64{0}, claim(expr.PiecewisePolynomial, 2)},
		{"sign(x)*x", []float64{0}, claim(expr.PiecewisePolynomial, 0)},
		{"abs(x - 1)/4 + abs(y - 2*abs(x) + 1) + x*y/1000", []float64{0, -1}, claim(expr.PiecewiseAffine, 1)},
	} {
		f, x, u := parsed(t, b.text, b.at...)
		l := exactLine(t, f, x, u)
		kinks, ok := breakpoints(f, 100)
		require.True(t, ok, b.text)
		require.NotEmpty(t, brokenAffine(b.claim, l)+brokenPieces(b.claim, l, kinks), b.text)
		require.Empty(t, brokenAffine(f.Class(), l)+brokenPieces(f.Class(), l, kinks), b.text)
	}
}

// More slopes than kinks allow are caught, even where all pieces are affine.
func TestPiecesCountSlopes(t *testing.T) {
	f, x, u := parsed(t, "max(x, 2*x - 0.25, 3*x - 0.75, 4*x - 1.5)", 0)
	l := exactLine(t, f, x, u)
	require.Contains(t, brokenPieces(f.Class(), l, 2), "slopes")
	require.Empty(t, brokenPieces(f.Class(), l, 3))
}

func TestCertificatesCatch(t *testing.T) {
	certified := expr.Class{Continuous: true, Lipschitz: true}
	for _, b := range []bad{
		{"sign(x)", []float64{0}, certified},
		{"floor(x)", []float64{3}, certified},
		{"1/x", []float64{0}, certified},
		{"x == 1 ? 1 : x", []float64{1}, certified}, // agrees
		{"x == 1 ? 2 : x", []float64{1}, certified},
		{"x >= y^2 ? x : 2*x", []float64{1, 1}, certified},
	} {
		f, x, u := parsed(t, b.text, b.at...)
		broken := brokenCertificate(b.claim, exactLine(t, f, x, u))
		if b.text == "x == 1 ? 1 : x" {
			require.Empty(t, broken, "a promise that holds although it is not proved")
		} else {
			require.NotEmpty(t, broken, b.text)
		}
		c, err := ad.ClassAtExact(f, optest.AllToRats(x))
		require.NoError(t, err)
		require.False(t, c.Continuous, b.text)
	}
	// A steep function looks like one that is not Lipschitz: only 2^64 is too steep.
	f, x, u := parsed(t, "x*36893488147419103232", 0) // 2^65
	require.Contains(t, brokenCertificate(certified, exactLine(t, f, x, u)), "Lipschitz")
	require.Empty(t, brokenCertificate(expr.Class{Continuous: true}, exactLine(t, f, x, u)))
}

func TestGrowthCatches(t *testing.T) {
	certified := expr.Class{Lipschitz: true}
	for text, at := range map[string]float64{
		"sqrt(x)": 0, "sqrt(abs(x))": 0, "log(abs(x))": 0, "abs(x)^0.5": 0, "abs(x)^(1/3)": 0, "sign(x)": 0,
		"floor(x)": 2, "1/x": 0, "x == 1 ? 1 : 2*x": 1, "sqrt(x^2 + y^2)*x^(-2)": 0,
		"sin(1/x)": 0, "erf(x) > 0 ? exp(x) : cos(2*x) + 1": 0, "x^(-2)": 0,
	} {
		f, x, u := parsed(t, text, []float64{at, at}[:inputs(t, text)]...)
		l, err := newFloatLine(f, x, u)
		require.NoError(t, err)
		require.NotEmpty(t, brokenGrowth(certified, l), text)
		c, err := ad.ClassAtExact(f, optest.AllToRats(x))
		require.NoError(t, err)
		require.False(t, c.Lipschitz, text)
	}
}

func inputs(t *testing.T, text string) int {
	f, err := parse.Parse(text)
	require.NoError(t, err)
	return len(f.In())
}

func TestMonotonyCatches(t *testing.T) {
	for _, text := range []string{"sin(1/x)", "x*sin(1/x)", "cos(20/sqrt(x))", "floor(30/x) - 30/x"} {
		f, x, u := parsed(t, text, 0)
		l, err := newFloatLine(f, x, u)
		require.NoError(t, err)
		require.NotEmpty(t, brokenMonotony(expr.Class{Kind: expr.Pfaffian}, l), text)
		require.Equal(t, expr.NotDefinable, f.Class().Kind, text)
	}
}

// The bound on breakpoints is one: tents folded k times have 2^k pieces.
func TestBreakpointsBound(t *testing.T) {
	text := "x"
	for k := 1; k <= 4; k++ {
		text = "abs(" + text + ") - " + big.NewRat(1, 1<<k).FloatString(k)
		f, err := parse.Parse(text)
		require.NoError(t, err)
		kinks, ok := breakpoints(f, 1000)
		require.True(t, ok)
		require.GreaterOrEqual(t, kinks, 1<<k-1)
	}
	f, err := parse.Parse("floor(x) + x")
	require.NoError(t, err)
	_, ok := breakpoints(f, 1000)
	require.False(t, ok)
}

// A verdict without its reason is caught.
func TestReasonsCatch(t *testing.T) {
	f, _, _ := parsed(t, "sin(1/x)")
	c := f.Class()
	for name, spoil := range map[string]func(*expr.Class){
		"no reason":         func(c *expr.Class) { c.Reasons = nil },
		"the wrong order":   func(c *expr.Class) { c.Reasons = []expr.Reason{c.Reasons[1], c.Reasons[0]} },
		"not the culprit":   func(c *expr.Class) { c.Reasons = c.Reasons[:1] },
		"a foreign node":    func(c *expr.Class) { c.Reasons = []expr.Reason{{Node: expr.NewGraph().Input("z"), Why: "x"}} },
		"an empty sentence": func(c *expr.Class) { c.Reasons = []expr.Reason{{Node: c.Reasons[1].Node}} },
	} {
		spoiled := c
		spoil(&spoiled)
		fails := &failures{}
		reasoned(fails, f, spoiled)
		require.Positive(t, fails.count, name)
	}
	reasoned(t, f, c)
}

// failures counts failed assertions and goes on.
type failures struct{ count int }

func (f *failures) Errorf(string, ...any) { f.count++ }
func (f *failures) FailNow()              {}
