package vm_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Sums, means and cotangents of slices are taken from the blocks of a group, and ties are settled by blocks, with the
// bits of a naive evaluator, and in float32 with those of long blocks; also where several end one group, and where
// another group goes on with them.
func TestLawEndsOfGroupsChangeNothing(t *testing.T) {
	met, checks := map[string]bool{}, 0
	rapid.Check(t, func(t *rapid.T) {
		checks++
		f := chain(t)
		g, err := ad.Gradient(f)
		require.NoError(t, err)
		wiring := ad.PyTorch.Wiring()
		if half := rapid.IntRange(0, 3).Draw(t, "twice the slot, or as PyTorch"); half < 3 {
			wiring = ad.AtSlot(float64(half) / 2)
		}
		g, err = ad.Wire(g, wiring)
		require.NoError(t, err)
		entries := expr.BlockScratch * rapid.Int32Range(1, 2).Draw(t, "blocks of so many accumulators")
		program, err := vm.CompileInBlocks(g, vm.Options{Workers: rapid.IntRange(1, 2).Draw(t, "workers")}, entries)
		require.NoError(t, err)
		for _, name := range vm.NotElementwise(program) {
			met[name] = true
		}
		at := repeatingFor(t, g)
		requireNaive(t, optest.Program{Func: g, At: at}, program)
		requireEqualIn32(t, g, at, entries)
	})
	for _, name := range []string{"sum", "mean", "assemble", "weights of ties"} {
		require.True(t, met[name] || checks < 50, name) // a few checks need not meet all
	}
}

// chain is elementwise operations on slices of one vector, with sums on the way and at the end.
func chain(t *rapid.T) *expr.Func {
	g := expr.NewGraph()
	n := rapid.SampledFrom([]int{18, 33, 70, 130, 200}).Draw(t, "entries")
	x := g.Input("x", n)
	size := n - rapid.IntRange(0, 2).Draw(t, "fewer")
	y := x
	if rapid.Bool().Draw(t, "slices of what was computed") { // its place is free once the group has read it
		y = expr.Mul(x, expr.ReLU(x))
	}
	pool := []expr.Node{expr.Slice(y, 0, size), expr.Slice(y, n-size, n)}
	pick := func() expr.Node { return rapid.SampledFrom(pool).Draw(t, "operand") }
	total := func() expr.Node {
		switch rapid.IntRange(0, 3).Draw(t, "total") {
		case 0:
			return expr.Mean(pick())
		case 1:
			return expr.Max(pick())
		case 2:
			return expr.Min(pick())
		}
		return expr.Sum(pick())
	}
	for range rapid.IntRange(1, 8).Draw(t, "operations") {
		var y expr.Node
		switch rapid.IntRange(0, 6).Draw(t, "operation") {
		case 0:
			y = expr.Mul(pick(), total())
		case 1:
			y = expr.ReLU(pick())
		case 2:
			y = expr.Max(pick(), pick())
		case 3:
			y = expr.Neg(pick())
		case 4:
			y = expr.Reshape(expr.Add(pick(), pick()), size)
		default:
			y = expr.Mul(pick(), pick())
		}
		pool = append(pool, y)
	}
	f, err := g.Func(expr.In(x), expr.Out(expr.Add(total(), total())))
	require.NoError(t, err)
	return f
}

// repeatingFor draws few numbers and repeats them, so that there are ties everywhere, and seldom makes one entry NaN.
func repeatingFor(t *rapid.T, f *expr.Func) (at [][]float64) {
	number := rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.375, 3, -2, 1.0 / 3, 0x1p-30})
	for _, n := range append(f.In(), f.Slots()...) {
		few := rapid.SliceOfN(number, 1, 40).Draw(t, "numbers")
		x := make([]float64, n.Shape().Size())
		for i := range x {
			x[i] = few[i*(i+3)%len(few)]
		}
		if rapid.IntRange(0, 9).Draw(t, "NaN") == 9 {
			x[rapid.IntRange(0, len(x)-1).Draw(t, "where")] = math.NaN()
		}
		at = append(at, x)
	}
	return at
}

func requireEqualIn32(t *rapid.T, f *expr.Func, at [][]float64, entries int32) {
	var outs [2][][]uint64
	for k, entries := range []int32{entries, 512} {
		p, err := vm.CompileInBlocks(f, vm.Options{Precision: vm.Float32, Workers: 1}, entries)
		require.NoError(t, err)
		ws := p.NewWorkspace()
		for i, x := range at {
			copy(ws.In(i), x)
		}
		if ws.Run() != nil { // a NaN switch: what depends on it means nothing
			return
		}
		for i := range f.Out() {
			outs[k] = append(outs[k], optest.Bits(ws.Out(i)))
		}
	}
	require.Equal(t, outs[1], outs[0])
}
