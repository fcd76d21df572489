package ad_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
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
			f := workload.ScalarChain(n)
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

// BenchmarkGradientOverValue runs nonsmooth test functions of 10⁶ variables in
// vector form: the gradient, value included, against the value alone.
func BenchmarkGradientOverValue(b *testing.B) {
	const n = 1_000_000
	for name, f := range map[string]*expr.Func{"maxq": workload.Chains[0].Program(n), "chainedLQ": workload.Chains[1].Program(n), "hinges": hinges(b, n)} {
		b.Run(name, func(b *testing.B) {
			g, err := ad.Gradient(f)
			require.NoError(b, err)
			g, err = ad.Wire(g, ad.AtKink(0))
			require.NoError(b, err)
			value, gradient := workspaceOf(b, f), workspaceOf(b, g)
			var inValue, inGradient time.Duration
			for b.Loop() {
				inValue += timeOf(b, value)
				inGradient += timeOf(b, gradient)
			}
			b.ReportMetric(float64(inValue.Nanoseconds())/float64(b.N)/n, "ns/value-entry")
			b.ReportMetric(float64(inGradient)/float64(inValue), "gradient/value")
		})
	}
}

func workspaceOf(b *testing.B, f *expr.Func) *vm.Workspace {
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(b, err)
	w := p.NewWorkspace()
	for i := range w.In(0) {
		w.In(0)[i] = float64(i%7) - 3
	}
	return w
}

func timeOf(b *testing.B, w *vm.Workspace) time.Duration {
	start := time.Now()
	require.NoError(b, w.Run())
	return time.Since(start)
}

// hinges is Σ relu(2xᵢ − 1) + |xᵢ|.
func hinges(b testing.TB, n int) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", n)
	y := expr.Add(expr.ReLU(expr.AffineOf(x, 2, -1)), expr.Abs(x))
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(y)))
	require.NoError(b, err)
	return f
}
