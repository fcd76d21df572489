package ad_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// chains are five test functions of Haarala, Miettinen and Mäkelä (2004) by which other libraries were measured, with the
// points at which they were.
var chains = []struct {
	name  string
	f     func(x expr.Node, n int) expr.Node
	start func(i, n int) float64
}{
	{"maxQ", func(x expr.Node, _ int) expr.Node { return expr.Max(expr.Mul(x, x)) }, func(i, n int) float64 {
		v := float64(i+1) / float64(n)
		if i >= n/2 {
			return -v
		}
		return v
	}},
	{"chainedLQ", func(x expr.Node, n int) expr.Node {
		u, v := pairs(x, n)
		a := expr.Neg(expr.Add(u, v))
		return expr.Sum(expr.Max(a, expr.Add(a, expr.Shift(expr.Add(expr.Mul(u, u), expr.Mul(v, v)), -1))))
	}, func(int, int) float64 { return -0.5 }},
	{"chainedCB3II", func(x expr.Node, n int) expr.Node {
		u, v := pairs(x, n)
		q, s, t := expr.Mul(u, u), expr.AffineOf(u, -1, 2), expr.AffineOf(v, -1, 2)
		first := expr.Sum(expr.Add(expr.Mul(q, q), expr.Mul(v, v)))
		second := expr.Sum(expr.Add(expr.Mul(s, s), expr.Mul(t, t)))
		return expr.Max(expr.Max(first, second), expr.Sum(expr.Scale(2, expr.Exp(expr.Sub(v, u)))))
	}, func(int, int) float64 { return 2 }},
	{"activeFaces", func(x expr.Node, _ int) expr.Node {
		g := func(y expr.Node) expr.Node { return expr.Log(expr.Shift(expr.Abs(y), 1)) }
		return expr.Max(g(expr.Neg(expr.Sum(x))), expr.Max(g(x)))
	}, func(int, int) float64 { return 1 }},
	{"crescentI", func(x expr.Node, n int) expr.Node {
		u, v := pairs(x, n)
		w := expr.Shift(v, -1)
		q := expr.Add(expr.Mul(u, u), expr.Mul(w, w))
		return expr.Max(expr.Sum(expr.Add(q, w)), expr.Sum(expr.Sub(expr.Shift(v, 1), q)))
	}, func(i, _ int) float64 { return []float64{-1.5, 2}[i%2] }},
}

// pairs are the neighbours (xᵢ, xᵢ₊₁).
func pairs(x expr.Node, n int) (u, v expr.Node) { return expr.Slice(x, 0, n-1), expr.Slice(x, 1, n) }

// BenchmarkPeers measures value and gradient, and the value alone.
func BenchmarkPeers(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		for _, c := range chains {
			g := expr.NewGraph()
			x := g.Input("x", n)
			f, err := g.Func(expr.In(x), expr.Out(c.f(x, n)))
			require.NoError(b, err)
			d, err := ad.Gradient(f)
			require.NoError(b, err)
			w, err := ad.Wire(d, ad.PyTorch.Wiring())
			require.NoError(b, err)
			for what, f := range map[string]*expr.Func{"value": f, "gradient": w} {
				b.Run(fmt.Sprintf("%s/%s/n=%d", what, c.name, n), func(b *testing.B) {
					p, err := vm.Compile(f, vm.Options{})
					require.NoError(b, err)
					ws := p.NewWorkspace()
					for i := range ws.In(0) {
						ws.In(0)[i] = c.start(i, n)
					}
					for b.Loop() {
						require.NoError(b, ws.Run())
					}
				})
			}
		}
	}
}
