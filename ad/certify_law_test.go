package ad_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// The class at a point computes only the nodes that it asks for when it knows
// none. Knowing the values of all nodes changes nothing.
func TestLawClassAsksForAllThatCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := optest.Programs(optest.Config{Vector: true, Jumps: true}).Draw(t, "program")
		all, _ := optest.Floats(p.Func, p.At...)
		got, err := ad.ClassAt(p.Func, p.At)
		require.NoError(t, err)
		require.Equal(t, p.Func.ClassAt(func(n expr.Node) []float64 { return all[n] }), got)
	})
}

// What is certified of a derivative program, with its selectors and slots, is
// the same too.
func TestLawClassOfDerivativesAsksForAllThatCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := optest.Programs(optest.Config{Steps: 6}).Draw(t, "program")
		g, err := ad.Gradient(p.Func)
		require.NoError(t, err)
		at := optest.Join(p.At, optest.PointsFor(t, g.Slots(), "slots"))
		all, _ := optest.Floats(g, at...)
		for _, row := range all {
			for _, v := range row {
				if v != v {
					t.Skip("no number")
				}
			}
		}
		got, err := ad.ClassAt(g, at)
		require.NoError(t, err)
		require.Equal(t, g.ClassAt(func(n expr.Node) []float64 { return all[n] }), got)
	})
}

// largeProducts are programs that compute a large product of matrices, by what is
// asked about it: nothing, or the signs of its entries.
var largeProducts = map[string]func(z expr.Node) expr.Node{
	"no question": func(z expr.Node) expr.Node { return expr.ReLU(z) },
	"branches":    func(z expr.Node) expr.Node { return expr.Where(z, expr.Greater, z, expr.Neg(z)) },
	"roots":       func(z expr.Node) expr.Node { return expr.Sqrt(expr.Add(expr.Mul(z, z), expr.ReLU(z))) },
}

func productProgram(t testing.TB, n int, ask func(z expr.Node) expr.Node) (*expr.Func, [][]*big.Rat) {
	g := expr.NewGraph()
	x, y := g.Input("x", n, n), g.Input("y", n, n)
	f, err := g.Func(expr.In(x, y), expr.Out(expr.Sum(ask(expr.MatMul(x, y)))))
	require.NoError(t, err)
	at := make([][]*big.Rat, 2)
	for i := range at {
		for j := range n * n {
			at[i] = append(at[i], big.NewRat(int64(j*7919%1001-500), int64(j%13+1)))
		}
	}
	return f, at
}

// Large products are judged exactly, entry by entry and not path by path, which would never end;
// BenchmarkClassOfLargeProducts tells the time.
func TestClassOfLargeProducts(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	for name, ask := range largeProducts {
		f, at := productProgram(t, 150, ask)
		_, err := ad.ClassAtExact(f, at)
		require.NoError(t, err, name)
	}
}

func BenchmarkClassOfLargeProducts(b *testing.B) {
	for name, ask := range largeProducts {
		f, at := productProgram(b, 300, ask)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := ad.ClassAtExact(f, at)
				require.NoError(b, err)
			}
		})
	}
}
