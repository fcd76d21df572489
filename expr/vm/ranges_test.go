package vm_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// affineLoss is the gradient of the mean of relu(A·x + b)·c, with inputs of sizes that are no multiples of each other.
func affineLoss(t *testing.T, n int) *expr.Func {
	g := expr.NewGraph()
	a, b, c, s, x := g.Input("A", n, 3), g.Input("b", n), g.Input("c", n), g.Input("s"), g.Input("x", 3)
	y := expr.Mul(expr.Mul(c, s), expr.ReLU(expr.Add(expr.MatMul(a, x), b)))
	f, err := g.Func(expr.In(a, b, c, s, x), expr.Out(expr.Sum(y)))
	require.NoError(t, err)
	d, err := ad.Gradient(f)
	require.NoError(t, err)
	d, err = ad.Wire(d, ad.AtSlot(0.5))
	require.NoError(t, err)
	return d
}

// The buffers of a small program stand one after the other, inputs and gradients alike, and what is between them stays 0.
func TestRangesHoldTheBuffers(t *testing.T) {
	f := affineLoss(t, 5)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	ws, r := p.NewWorkspace(), rand.New(rand.NewPCG(1, 1))
	for i := range ws.Inputs() {
		for k := range ws.In(i) {
			ws.In(i)[k] = 1 + r.Float64()
		}
	}
	require.NoError(t, ws.Run())
	requireJoined(t, ws.InRange(0, 5), ws.In, 0, 5)
	requireJoined(t, ws.InRange(1, 3), ws.In, 1, 3)
	requireJoined(t, ws.OutRange(0, 6), ws.Out, 0, 6)
	requireJoined(t, ws.OutRange(1, 6), ws.Out, 1, 6)
	for i := range 5 { // each gradient is where its input is
		require.Len(t, ws.OutRange(1, 2+i), len(ws.InRange(0, 1+i)))
	}
}

// requireJoined finds buffers i to j − 1, which hold no 0, in their order in a range, with nothing but 0 between.
func requireJoined(t *testing.T, joined []float64, buffer func(int) []float64, i, j int) {
	require.NotNil(t, joined)
	rest := joined
	for k := i; k < j; k++ {
		b := buffer(k)
		for &rest[0] != &b[0] {
			require.Zero(t, rest[0])
			rest = rest[1:]
		}
		for _, v := range b {
			require.NotZero(t, v)
		}
		rest = rest[len(b):]
	}
	require.Empty(t, rest)
}

// Where buffers do not stand together there is no range.
func TestNoRange(t *testing.T) {
	compiled := func(f *expr.Func, o vm.Options) *vm.Workspace {
		p, err := vm.Compile(f, o)
		require.NoError(t, err)
		return p.NewWorkspace()
	}
	for name, ws := range map[string]*vm.Workspace{
		"lanes":     compiled(affineLoss(t, 5), vm.Options{Lanes: 3}),
		"precision": compiled(affineLoss(t, 5), vm.Options{Precision: vm.Float32}),
	} {
		require.Nil(t, ws.InRange(0, 2), name)
		require.Nil(t, ws.OutRange(0, 2), name)
	}
	long := compiled(affineLoss(t, 5000), vm.Options{})
	require.NotNil(t, long.InRange(0, 2))
	require.Nil(t, long.OutRange(0, 2))

	g := expr.NewGraph()
	x, z := g.Input("x", 3), g.Input("z", 5000)
	y := expr.Mul(x, x)
	for name, out := range map[string][]expr.Node{
		"an input": {y, x}, "a part of an input": {y, expr.Slice(x, 1, 3)}, "twice": {y, expr.Reshape(y, 3, 1)},
		"a part of an output": {y, expr.Slice(y, 1, 2)}, "a part": {expr.Slice(y, 1, 2), expr.Neg(x)}, "too many": {expr.Neg(x), expr.Neg(z)}, "a constant": {y, g.Numbers([]expr.Number{expr.Num(1), expr.Num(2), expr.Num(3)}, 3)},
	} {
		f, err := g.Func(expr.In(x, z), expr.Out(out...))
		require.NoError(t, err)
		require.Nil(t, compiled(f, vm.Options{}).OutRange(0, 2), name)
	}
}
