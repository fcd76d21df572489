package ad_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

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
