package vm_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Large products are shared by workers, and no bit depends on how many there are; a run allocates nothing then either.
func TestWorkersShareLargeProducts(t *testing.T) {
	g := expr.NewGraph()
	x, w, b, v := g.Input("x", 100, 300), g.Param("w", 200, 300), g.Param("b", 200), g.Param("v", 200, 150)
	y := expr.MatMul(expr.ReLU(expr.Add(expr.MatMul(x, expr.Transpose(w)), b)), v)
	f, err := g.Func(expr.In(x, w, b, v), expr.Out(expr.Sum(expr.Mul(y, y))))
	require.NoError(t, err)
	open, err := ad.Gradient(f)
	require.NoError(t, err)
	d, err := ad.Wire(open, ad.AtSlot(0.5))
	require.NoError(t, err)
	sameForAllWorkers(t, d)
}

// So are long groups of elementwise operations.
func TestWorkersShareLongGroups(t *testing.T) {
	g := expr.NewGraph()
	x, w := g.Param("x", 300_001), g.Param("w", 300_001)
	y := expr.Mul(expr.Abs(expr.Sub(x, w)), expr.Huber(expr.Max(x, expr.Mul(w, x)), 0.5))
	f, err := g.Func(expr.In(x, w), expr.Out(expr.Sum(expr.Add(y, expr.ReLU(expr.Sub(y, x))))))
	require.NoError(t, err)
	open, err := ad.Gradient(f)
	require.NoError(t, err)
	d, err := ad.Wire(open, ad.AtSlot(0.5))
	require.NoError(t, err)
	sameForAllWorkers(t, d)
	for workers := range 4 { // of two faults the first counts, in whichever part
		p, err := vm.Compile(d, vm.Options{Workers: 1 + workers})
		require.NoError(t, err)
		ws := p.NewWorkspace()
		for _, entry := range []int{280_000, 1000} {
			ws.In(0)[entry] = math.NaN()
			var isNaN *vm.NaNError
			require.ErrorAs(t, ws.Run(), &isNaN)
			require.Equal(t, entry, isNaN.Entry)
		}
	}
}

// sameForAllWorkers runs a program by different numbers of workers.
func sameForAllWorkers(t *testing.T, d *expr.Func) {
	for _, precision := range []vm.Precision{vm.Float64, vm.Float32} {
		var want [][]uint64
		for _, workers := range []int{1, 2, 3, 8} {
			p, err := vm.Compile(d, vm.Options{Precision: precision, Workers: workers})
			require.NoError(t, err)
			ws, rng := p.NewWorkspace(), rand.New(rand.NewPCG(1, 2))
			for i := range ws.Inputs() {
				random.Normals(ws.In(i), 1, rng)
			}
			require.NoError(t, ws.Run())
			var got [][]uint64
			for i := range d.Out() {
				got = append(got, optest.Bits(ws.Out(i)))
			}
			if want == nil {
				want = got
			}
			require.Equal(t, want, got, "%d workers", workers)
			require.LessOrEqual(t, testing.AllocsPerRun(5, func() { _ = ws.Run() }), 0.5)
		}
	}
}
