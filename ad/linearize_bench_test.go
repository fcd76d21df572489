package ad_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// absLayers is Σ |A₁ ⋯ |A₂ |A₁x||| with dyadic entries: all kinks are active at 0.
func absLayers(b testing.TB, n int, layers ...int) *expr.Func {
	rng := rand.New(rand.NewPCG(3, 3))
	g := expr.NewGraph()
	x := g.Input("x", n)
	y := x
	for _, k := range layers {
		a := make([]float64, k*y.Shape().Size())
		for i := range a {
			a[i] = float64(rng.IntN(2001)-1000) / 1024
		}
		y = expr.Abs(expr.MatMul(g.Tensor(a, k, y.Shape().Size()), y))
	}
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(y)))
	require.NoError(b, err)
	return f
}

// BenchmarkLinearization measures the linearisation at a point where all kinks are
// active, in one layer and in three.
func BenchmarkLinearization(b *testing.B) {
	for _, size := range [][]int{{50, 200}, {4, 12, 12, 12}, {30, 30, 30}} {
		f := absLayers(b, size[0], size[1:]...)
		l, err := ad.NewLinearizer(f, 0)
		require.NoError(b, err)
		zero := make([]float64, size[0])
		b.Run(fmt.Sprintf("%v/At", size), func(b *testing.B) {
			for b.Loop() {
				_, err := l.At(b.Context(), zero)
				require.NoError(b, err)
			}
		})
		b.Run(fmt.Sprintf("%v/AtExact", size), func(b *testing.B) {
			for b.Loop() {
				_, err := l.AtExact(b.Context(), [][]*big.Rat{optest.ToRats(zero)}...)
				require.NoError(b, err)
			}
		})
	}
}
