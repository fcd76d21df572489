package ad_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
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

// BenchmarkPeersInLanes measures gradients at many points at once: those of a mean square over 64 points of a relu network
// 10-32-32-1 at 1000 vectors of parameters, and those of max |Ax + b| for 50 functions on ℝ⁵⁰ at 10,000 points.
func BenchmarkPeersInLanes(b *testing.B) {
	g := expr.NewGraph()
	x, y := g.Input("x", 64, 10), g.Input("y", 64)
	w0, b0 := g.Param("w0", 32, 10), g.Param("b0", 32)
	w1, b1 := g.Param("w1", 32, 32), g.Param("b1", 32)
	w2, b2 := g.Param("w2", 32), g.Param("b2")
	layer := func(x, w, b expr.Node) expr.Node {
		return expr.ReLU(expr.Add(expr.MatMul(x, expr.Transpose(w)), b))
	}
	d := expr.Sub(expr.Add(expr.MatMul(layer(layer(x, w0, b0), w1, b1), w2), b2), y)
	mean, err := g.Func(expr.In(x, y, w0, b0, w1, b1, w2, b2), expr.Out(expr.Mean(expr.Mul(d, d))))
	require.NoError(b, err)
	g = expr.NewGraph()
	m, v, z := g.Input("a", 50, 50), g.Input("b", 50), g.Param("x", 50)
	largest, err := g.Func(expr.In(m, v, z), expr.Out(expr.Max(expr.Abs(expr.Add(expr.MatMul(m, z), v)))))
	require.NoError(b, err)
	for _, w := range []struct {
		name  string
		f     *expr.Func
		lanes int
	}{{"network", mean, 1000}, {"largest", largest, 10_000}} {
		b.Run(w.name, func(b *testing.B) {
			for _, workers := range []int{1, 2} {
				b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
					d, err := ad.Gradient(w.f)
					require.NoError(b, err)
					d, err = ad.Wire(d, ad.PyTorch.Wiring())
					require.NoError(b, err)
					p, err := vm.Compile(d, vm.Options{Lanes: w.lanes, Shared: d.In()[:2], Workers: workers})
					require.NoError(b, err)
					runRandom[float64](b, p, rand.New(rand.NewPCG(1, 2)))
					b.ReportMetric(float64(w.lanes)*float64(b.N)/b.Elapsed().Seconds(), "gradients/s")
				})
			}
		})
	}
}

// BenchmarkPeersSorting measures value and gradient of ⟨w, sort x⟩ for 128 rows of 1024 numbers, sorted whole and in pairs.
func BenchmarkPeersSorting(b *testing.B) {
	for _, c := range []struct {
		name string
		sort func(expr.Node) expr.Node
	}{{"whole", expr.Sort}, {"pairs", func(x expr.Node) expr.Node { return expr.GroupSort(x, 2) }}} {
		for _, precision := range []vm.Precision{vm.Float32, vm.Float64} {
			b.Run(fmt.Sprintf("%s/%v", c.name, precision), func(b *testing.B) {
				g := expr.NewGraph()
				x, w := g.Param("x", 128, 1024), g.Input("w", 128, 1024)
				f, err := g.Func(expr.In(x, w), expr.Out(expr.Sum(expr.Mul(w, c.sort(x)))))
				require.NoError(b, err)
				d, err := ad.Gradient(f)
				require.NoError(b, err)
				d, err = ad.Wire(d, ad.PyTorch.Wiring())
				require.NoError(b, err)
				p, err := vm.Compile(d, vm.Options{Precision: precision})
				require.NoError(b, err)
				if rng := rand.New(rand.NewPCG(1, 2)); precision == vm.Float32 {
					runRandom[float32](b, p, rng)
				} else {
					runRandom[float64](b, p, rng)
				}
			})
		}
	}
}

// runRandom measures runs of a program on normal numbers, in buffers of T.
func runRandom[T expr.Real](b *testing.B, p *vm.Program, rng *rand.Rand) {
	ws := vm.NewWorkspaceOf[T](p)
	for i := range ws.Inputs() {
		x := make([]float64, len(ws.In(i)))
		random.Normals(x, 1, rng)
		for k, v := range x {
			ws.In(i)[k] = T(v)
		}
	}
	for b.Loop() {
		require.NoError(b, ws.Run())
	}
}
