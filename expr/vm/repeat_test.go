package vm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// forwardChain is value and gradient, by forward mode, of a chain of 64 entries: 64 tangents of 64 entries in
// each layer.
func forwardChain(t testing.TB, depth int) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", 64)
	y := x
	for range depth {
		y = expr.ReLU(expr.AffineOf(y, 0.75, 0.125))
	}
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(y)))
	require.NoError(t, err)
	open, err := ad.JacobianForward(f)
	require.NoError(t, err)
	wired, err := ad.Wire(open, ad.AtKink(0))
	require.NoError(t, err)
	return wired
}

// Slopes are known layers before the tangents that they multiply. Beyond what the second-level cache holds they
// are repeated when they are needed, so that a layer adds no memory of the size of its tangents.
func TestRepeatedValuesDoNotPileUp(t *testing.T) {
	bytes := func(depth int) int {
		p, err := vm.Compile(forwardChain(t, depth), vm.Options{})
		require.NoError(t, err)
		return p.Cost().Bytes
	}
	const tangents = 8 * 64 * 64
	require.Less(t, bytes(128)-bytes(64), 8*tangents)
}

// In whatever order, the bits are those of a run without groups.
func TestRepeatedValuesKeepTheirBits(t *testing.T) {
	f := forwardChain(t, 40)
	run := func(p *vm.Program, err error) []float64 {
		require.NoError(t, err)
		w := p.NewWorkspace()
		for i := range w.In(0) {
			w.In(0)[i] = float64(i-32) / 16
		}
		require.NoError(t, w.Run())
		return w.Out(1)
	}
	apart := run(vm.CompileInBlocks(f, vm.Options{}, expr.MaxSize))
	require.Equal(t, optest.Bits(apart), optest.Bits(run(vm.Compile(f, vm.Options{}))))
	require.Greater(t, apart[63], 0.0)
	require.Zero(t, apart[0])
}
