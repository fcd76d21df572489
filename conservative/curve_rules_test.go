package conservative_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// by overrides the derivative of one op.
func by(t testing.TB, name string, d ad.Derivative) conservative.Rule {
	op, ok := expr.Lookup(name)
	require.True(t, ok, name)
	return conservative.Rule{Rules: ad.WithRule(op, d)}
}

func slopes(s func(r *expr.Rule) []expr.Node) ad.Derivative { return ad.Derivative{Slopes: s} }

func vjp(v func(r *expr.Rule, ct expr.Node) []expr.Node) ad.Derivative { return ad.Derivative{VJP: v} }

// where is a, where z compares true with 0, else b.
func where(r *expr.Rule, z expr.Node, how expr.Comparison, a, b float64) expr.Node {
	return expr.Where(z, how, r.Const(a), r.Const(b))
}

// everyEqual sends the cotangent to every entry that equals the output, in full.
var everyEqual = vjp(func(r *expr.Rule, ct expr.Node) []expr.Node {
	n := r.In(0).Shape().Dim(-1)
	is := where(r, expr.Sub(r.In(0), expr.Expand(r.Out(), n)), expr.Equal, 1, 0)
	return []expr.Node{expr.Mul(is, expr.Expand(ct, n))}
})

// published is the backward pass of relu as in the code of Bertoin, Bolte,
// Gerchinovitz and Pauwels (NeurIPS 2021): at 0 it is alpha itself, not alpha times
// the incoming cotangent.
func published(alpha float64) ad.Derivative {
	return vjp(func(r *expr.Rule, ct expr.Node) []expr.Node {
		passed := expr.Where(r.In(0), expr.Greater, ct, r.Const(0))
		return []expr.Node{expr.Where(r.In(0), expr.Equal, r.Const(alpha), passed)}
	})
}

// searched is the backward pass of a sort that looks the places of the entries up
// among the sorted ones, so that all entries that tie find the first of their places.
func searched(r *expr.Rule, ct expr.Node) []expr.Node {
	x := r.In(0)
	var out []expr.Node
	for i := range x.Shape().Dim(-1) {
		below := expr.Sub(x, expr.Expand(expr.Index(x, i), x.Shape().Dim(-1)))
		place := expr.Sum(where(r, below, expr.Less, 1, 0))
		sum := r.Const(0)
		for p := range x.Shape().Dim(-1) {
			sum = expr.Add(sum, expr.Mul(where(r, expr.Shift(place, float64(-p)), expr.Equal, 1, 0), expr.Index(ct, p)))
		}
		out = append(out, sum)
	}
	return []expr.Node{expr.Stack(out...)}
}

// share gives max the slopes s and t at a tie.
func share(s, t float64) ad.Derivative {
	return slopes(func(r *expr.Rule) []expr.Node {
		z := expr.Sub(r.In(0), r.In(1))
		one := expr.Where(z, expr.Greater, r.Const(1), where(r, z, expr.Equal, s, 0))
		two := expr.Where(z, expr.Less, r.Const(1), where(r, z, expr.Equal, t, 0))
		return []expr.Node{one, two}
	})
}

// A wrongRule is not conservative, and the curves must find that.
type wrongRule struct {
	name       string
	text       string
	at         []string // one for each input, entries separated by blanks
	rule       conservative.Rule
	blame      string // the op
	everywhere bool   // wrong on an open set, so that generic curves see it too
	shapes     map[string][]int
}

func wrongRules(t testing.TB) []wrongRule {
	vector := map[string][]int{"v": {3}}
	return []wrongRule{
		{name: "1 for all tied entries, as in Gorgonia and GoMLX", text: "max([x, y])", at: []string{"0", "0"}, rule: conservative.Rule{Wiring: ad.Gorgonia.Wiring()}, blame: "amax"},
		{name: "the same inside a program", text: "2*x - 3*max([x + y, relu(y), 2*y - z])*z", at: []string{"0", "0", "1/3"}, rule: conservative.Rule{Wiring: ad.GoMLX.Wiring()}, blame: "amax"},
		{name: "the same on a curved stratum", text: "z*max([x^2 + y^2 + z, z + 1])", at: []string{"2", "3/5", "4/5"}, rule: conservative.Rule{Wiring: ad.GoMLX.Wiring()}, blame: "amax"},
		{name: "the same as a rule of one's own", text: "max(v) + v[0]", at: []string{"1 1 1"}, rule: by(t, "amax", everyEqual), blame: "amax", shapes: vector},
		{name: "the same for a minimum of exponentials", text: "min([exp(x) + y, exp(y) + x])", at: []string{"1", "1"}, rule: by(t, "amin", everyEqual), blame: "amin"},
		{name: "max(x, x) has derivative 0, as in NonsmoothFwdAD", text: "max(x, x) + y", at: []string{"1", "2"}, rule: by(t, "max", share(0, 0)), blame: "max", everywhere: true},
		{name: "0 for both of two", text: "max(x, y)", at: []string{"1", "1"}, rule: by(t, "max", share(0, 0)), blame: "max"},
		{name: "a sign flipped at the tie", text: "max(x, 2*y - z)", at: []string{"1", "1", "1"}, rule: by(t, "max", share(0.5, -0.5)), blame: "max"},
		{name: "the median's gradient for all entries that equal it", text: "median(v)*v[2]", at: []string{"1 1 2"}, rule: by(t, "median", everyEqual), blame: "median", shapes: vector},
		{name: "the sum of the largest two, by a threshold", text: "topksum(v, 2)", at: []string{"1 1 2"}, rule: by(t, "topksum", threshold(2)), blame: "topksum", shapes: vector},
		{name: "an unstable adjoint of sort", text: "dot(sort(v), [1, 5, 2])", at: []string{"1 1 2"}, rule: by(t, "sort", vjp(searched)), blame: "sort", shapes: vector},
		{name: "norminf by comparison", text: "norminf(v) - v[1]", at: []string{"1 -1 0"}, rule: by(t, "norminf", infinity), blame: "norminf", shapes: vector},
		{name: "clamp gives x and its bound the derivative", text: "clamp(x, l, 3)", at: []string{"1", "1"}, rule: by(t, "clamp", bothAtBounds), blame: "clamp"},
		{name: "0/0 at the origin of a norm", text: "norm2([x, y]) + z", at: []string{"0", "0", "1"}, rule: by(t, "norm2", zeroOverZero), blame: "norm2"},
		{name: "a smooth op that is wrong where its operands tie", text: "x*y", at: []string{"2", "2"}, rule: by(t, "mul", twiceTheSquare), blame: "mul"},
		{name: "a slope that is missing", text: "leakyrelu(x, 0.25) + y", at: []string{"0", "0"}, rule: by(t, "leakyrelu", slopes(func(r *expr.Rule) []expr.Node { return []expr.Node{r.Step("s", r.In(0))} })), blame: "leakyrelu", everywhere: true},
		{name: "a product rule of one term", text: "x*exp(y)", at: []string{"2", "0"}, rule: by(t, "mul", slopes(func(r *expr.Rule) []expr.Node { return []expr.Node{r.In(1), r.Const(0)} })), blame: "mul", everywhere: true},
	}
}

// threshold sends the cotangent to all entries that are at least the k-th largest.
func threshold(k int) ad.Derivative {
	return vjp(func(r *expr.Rule, ct expr.Node) []expr.Node {
		x := r.In(0)
		n := x.Shape().Dim(-1)
		least := expr.Index(expr.Sort(x), n-k)
		is := where(r, expr.Sub(x, expr.Expand(least, n)), expr.GreaterEqual, 1, 0)
		return []expr.Node{expr.Mul(is, expr.Expand(ct, n))}
	})
}

var infinity = vjp(func(r *expr.Rule, ct expr.Node) []expr.Node {
	n := r.In(0).Shape().Dim(-1)
	is := where(r, expr.Sub(expr.Abs(r.In(0)), expr.Expand(r.Out(), n)), expr.Equal, 1, 0)
	return []expr.Node{expr.Mul(expr.Mul(is, expr.Sign(r.In(0))), expr.Expand(ct, n))}
})

var bothAtBounds = slopes(func(r *expr.Rule) []expr.Node {
	x, lo, hi := r.In(0), r.In(1), r.In(2)
	inner := expr.Mul(where(r, expr.Sub(x, lo), expr.GreaterEqual, 1, 0), where(r, expr.Sub(hi, x), expr.GreaterEqual, 1, 0))
	return []expr.Node{inner, where(r, expr.Sub(lo, x), expr.GreaterEqual, 1, 0), where(r, expr.Sub(x, hi), expr.GreaterEqual, 1, 0)}
})

var zeroOverZero = vjp(func(r *expr.Rule, ct expr.Node) []expr.Node {
	n := r.In(0).Shape().Dim(-1)
	return []expr.Node{expr.Mul(expr.Div(r.In(0), expr.Expand(r.Out(), n)), expr.Expand(ct, n))}
})

var twiceTheSquare = slopes(func(r *expr.Rule) []expr.Node {
	z := expr.Sub(r.In(0), r.In(1))
	twice := func(n expr.Node) expr.Node { return expr.Where(z, expr.Equal, expr.Scale(2, n), n) }
	return []expr.Node{twice(r.In(1)), twice(r.In(0))}
})

func (w *wrongRule) program(t testing.TB) (*expr.Func, clarke.Point) {
	f := parsed(t, w.text, parse.Shapes(w.shapes))
	return f, curvePoint(t, w.at...)
}
