package ad_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// BenchmarkScalarChain builds a chain of scalar operations, differentiates and
// wires it, compiles value and gradient and runs them: the seconds of each phase,
// the memory of all of them, and a run in ns for each operation of the chain.
func BenchmarkScalarChain(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			phases := map[string]float64{}
			lap := func(what string) {
				phases[what] = time.Since(start).Seconds()
				start = time.Now()
			}
			f := scalarChain(b, n)
			lap("s-build")
			open, err := ad.Gradient(f)
			require.NoError(b, err)
			lap("s-derive")
			wired, err := ad.Wire(open, ad.AtKink(0))
			require.NoError(b, err)
			lap("s-wire")
			p, err := vm.Compile(wired, vm.Options{})
			require.NoError(b, err)
			lap("s-compile")
			ws := p.NewWorkspace()
			runtime.ReadMemStats(&after)
			runs := 0
			for b.Loop() {
				runs++
				require.NoError(b, ws.Run())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(runs)/float64(n), "ns/operation")
			for what, seconds := range phases {
				b.ReportMetric(seconds, what)
			}
			b.ReportMetric(float64(after.Sys)/(1<<20), "MB-system")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/(1<<20), "MB-allocated")
			runtime.KeepAlive(f)
		})
	}
}

// scalarChain is a chain of n operations on two scalars, half of them kinks.
func scalarChain(b testing.TB, n int) *expr.Func {
	g := expr.NewGraph()
	x, y := g.Input("x"), g.Input("y")
	z := expr.Add(x, y)
	for i := range n - 1 {
		switch i % 6 {
		case 0:
			z = expr.ReLU(z)
		case 1:
			z = expr.AffineOf(z, 0.5, 1)
		case 2:
			z = expr.Abs(z)
		case 3:
			z = expr.Sub(z, y)
		case 4:
			z = expr.Max(z, x)
		default:
			z = expr.Mul(z, x)
		}
	}
	f, err := g.Func(expr.In(x, y), expr.Out(z))
	require.NoError(b, err)
	return f
}
