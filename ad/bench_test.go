package ad_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// chainedLQ is Σ max(−xᵢ − xᵢ₊₁, −xᵢ − xᵢ₊₁ + xᵢ² + xᵢ₊₁² − 1) (Haarala,
// Miettinen, Mäkelä 2004, problem 3).
func chainedLQ(b testing.TB, n int) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", n)
	u, v := expr.Slice(x, 0, n-1), expr.Slice(x, 1, n)
	linear := expr.Neg(expr.Add(u, v))
	squares := expr.Shift(expr.Add(expr.Mul(u, u), expr.Mul(v, v)), -1)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(expr.Max(linear, expr.Add(linear, squares)))))
	require.NoError(b, err)
	return f
}

// BenchmarkGradient measures value and gradient of a nonsmooth test function,
// also in ns for each operation of the plain function.
func BenchmarkGradient(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprintf("chainedLQ/n=%d", n), func(b *testing.B) {
			f := chainedLQ(b, n)
			plain, err := vm.Compile(f, vm.Options{})
			require.NoError(b, err)
			g, err := ad.Gradient(f)
			require.NoError(b, err)
			w, err := ad.Wire(g, ad.AtKink(0))
			require.NoError(b, err)
			p, err := vm.Compile(w, vm.Options{})
			require.NoError(b, err)
			ws := p.NewWorkspace()
			for i := range ws.In(0) {
				ws.In(0)[i] = -0.5
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := ws.Run(); err != nil {
					b.Fatal(err)
				}
			}
			perOp := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(plain.Cost().Operations)
			b.ReportMetric(perOp, "ns/operation")
		})
	}
}

// BenchmarkDerive measures differentiation, wiring and compilation of a chain of
// scalar operations.
func BenchmarkDerive(b *testing.B) {
	const length = 10_000
	for b.Loop() {
		g := expr.NewGraph()
		x := g.Input("x")
		y := x
		for range length {
			y = expr.ReLU(expr.Shift(y, 0.5))
		}
		f, err := g.Func(expr.In(x), expr.Out(y))
		require.NoError(b, err)
		d, err := ad.Gradient(f)
		require.NoError(b, err)
		w, err := ad.Wire(d, ad.AtKink(0))
		require.NoError(b, err)
		_, err = vm.Compile(w, vm.Options{})
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*length), "ns/node")
}
