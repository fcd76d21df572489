package conservative_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
)

// equilibrium is y = relu(Wy + x) for n units, all of them on their kinks at 0.
func equilibrium(b *testing.B, n int) (f *expr.Func, step *expr.Func) {
	g := expr.NewGraph()
	x, y := g.Input("x", n), g.Input("y", n)
	w := make([]float64, n*n)
	for i := range w {
		w[i] = float64(i*7%11-5) / float64(8*n)
	}
	next := expr.ReLU(expr.Add(expr.Dot(g.Tensor(w, n, n), y), x))
	f, err := g.Func(expr.In(x, y), expr.Out(expr.Sub(y, next)))
	require.NoError(b, err)
	step, err = g.Func(expr.In(x, y), expr.Out(next))
	require.NoError(b, err)
	return f, step
}

func BenchmarkImplicit(b *testing.B) {
	for _, n := range []int{2, 4, 6, 8} {
		f, _ := equilibrium(b, n)
		y := f.In()[1:]
		for name, at := range map[string]clarke.Point{
			"float64":  clarke.FloatPoint(make([]float64, n), make([]float64, n)),
			"rational": clarke.RationalPoint(zeros(n), zeros(n)),
		} {
			b.Run(fmt.Sprintf("%s/n=%d", name, n), func(b *testing.B) {
				for b.Loop() {
					s, err := conservative.Implicit(context.Background(), f, y, at, conservative.ImplicitOptions{})
					require.NoError(b, err)
					require.Equal(b, clarke.Yes, s.Regular)
				}
			})
		}
	}
}

func BenchmarkPiggyback(b *testing.B) {
	for _, n := range []int{2, 8, 32} {
		_, f := equilibrium(b, n)
		it, err := conservative.NewIteration(f, f.In()[1:], conservative.Options{})
		require.NoError(b, err)
		at := clarke.FloatPoint(make([]float64, n), make([]float64, n))
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			steps := 0
			for i, err := range it.Piggyback(context.Background(), at, clarke.Vector{}, conservative.Wired(ad.PyTorch.Wiring())) {
				require.NoError(b, err)
				if i.Step == 1 {
					b.ResetTimer()
				}
				if steps = i.Step; steps > b.N {
					break
				}
			}
		})
	}
}
