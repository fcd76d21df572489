package codegen_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/ad/codegen"
	"github.com/tamegrad/tamegrad/expr"
)

// chains are five test functions of Haarala, Miettinen and Mäkelä (2004) by which other libraries were measured.
var chains = []struct {
	name  string
	f     func(x expr.Node, n int) expr.Node
	start func(i, n int) float64
	hand  func(dst, x []float64) float64
}{
	{"maxQ", func(x expr.Node, _ int) expr.Node { return expr.Max(expr.Mul(x, x)) }, func(i, n int) float64 {
		v := float64(i+1) / float64(n)
		if i >= n/2 {
			return -v
		}
		return v
	}, maxQ},
	{"chainedLQ", func(x expr.Node, n int) expr.Node {
		u, v := pairs(x, n)
		a := expr.Neg(expr.Add(u, v))
		return expr.Sum(expr.Max(a, expr.Add(a, expr.Shift(expr.Add(expr.Mul(u, u), expr.Mul(v, v)), -1))))
	}, func(int, int) float64 { return -0.5 }, chainedLQ},
	{"chainedCB3II", func(x expr.Node, n int) expr.Node {
		u, v := pairs(x, n)
		q, s, t := expr.Mul(u, u), expr.AffineOf(u, -1, 2), expr.AffineOf(v, -1, 2)
		first := expr.Sum(expr.Add(expr.Mul(q, q), expr.Mul(v, v)))
		second := expr.Sum(expr.Add(expr.Mul(s, s), expr.Mul(t, t)))
		return expr.Max(expr.Max(first, second), expr.Sum(expr.Scale(2, expr.Exp(expr.Sub(v, u)))))
	}, func(int, int) float64 { return 2 }, chainedCB3II},
	{"activeFaces", func(x expr.Node, _ int) expr.Node {
		g := func(y expr.Node) expr.Node { return expr.Log(expr.Shift(expr.Abs(y), 1)) }
		return expr.Max(g(expr.Neg(expr.Sum(x))), expr.Max(g(x)))
	}, func(int, int) float64 { return 1 }, activeFaces},
	{"crescentI", func(x expr.Node, n int) expr.Node {
		u, v := pairs(x, n)
		w := expr.Shift(v, -1)
		q := expr.Add(expr.Mul(u, u), expr.Mul(w, w))
		return expr.Max(expr.Sum(expr.Add(q, w)), expr.Sum(expr.Sub(expr.Shift(v, 1), q)))
	}, func(i, _ int) float64 { return []float64{-1.5, 2}[i%2] }, crescentI},
}

// pairs are the neighbours (xᵢ, xᵢ₊₁).
func pairs(x expr.Node, n int) (u, v expr.Node) { return expr.Slice(x, 0, n-1), expr.Slice(x, 1, n) }

// chainGradient is the gradient of a chain as PyTorch takes it.
func chainGradient(t testing.TB, f func(x expr.Node, n int) expr.Node, n int) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", n)
	return gradientOf(t, g, f(x, n), x)
}

func gradientOf(t testing.TB, g *expr.Graph, y expr.Node, in ...expr.Node) *expr.Func {
	p, err := g.Func(expr.In(in...), expr.Out(y))
	require.NoError(t, err)
	d, err := ad.Gradient(p)
	require.NoError(t, err)
	d, err = ad.Wire(d, ad.PyTorch.Wiring())
	require.NoError(t, err)
	return d
}

func textOf(t testing.TB, f *expr.Func, o codegen.Options) string {
	var out bytes.Buffer
	require.NoError(t, codegen.Write(&out, f, o))
	return out.String()
}

// The chains have the bits of the executor too, with sums and extrema over many entries.
func TestChainsHaveTheBitsOfTheExecutor(t *testing.T) {
	var all []written
	for _, c := range chains {
		const n = 1000
		x := make([]float64, n)
		for i := range x {
			x[i] = c.start(i, n) + float64(i%7)/64
		}
		all = appendWritten(t, all, capital(c.name), chainGradient(t, c.f, n), [][]float64{x})
	}
	requireBits(t, all)
}
