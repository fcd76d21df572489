package vm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// A group computes again what takes an operation or two from what is kept anyway, and nothing else.
func TestGroupsComputeAgain(t *testing.T) {
	const entries, n = 16, 200
	for _, c := range []struct {
		name  string
		value func(x expr.Node) expr.Node // read by two groups
		op    string
		times int // that it runs
	}{
		{"one operation", func(x expr.Node) expr.Node { return expr.AffineOf(x, -1, 2) }, "affine", 2},
		{"two operations", func(x expr.Node) expr.Node { return expr.Abs(expr.AffineOf(x, -1, 2)) }, "affine", 2},
		{"three operations", func(x expr.Node) expr.Node { return expr.Abs(expr.AffineOf(expr.Mul(x, x), -1, 2)) }, "affine", 1},
		{"a view of what is not kept", func(x expr.Node) expr.Node { return expr.AffineOf(expr.Reshape(expr.Mul(x, x), n), -1, 2) }, "affine", 1},
		{"a long one", expr.Exp, "exp", 1},
		{"a division", func(x expr.Node) expr.Node { return expr.Div(x, expr.Shift(expr.Mul(x, x), 1)) }, "div", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := expr.NewGraph()
			x := g.Input("x", n)
			y := c.value(x)
			f, err := g.Func(expr.In(x), expr.Out(expr.Mul(y, expr.Sum(expr.Mul(y, y)))))
			require.NoError(t, err)
			require.Equal(t, c.times, timesRun(t, f, entries, c.op))
		})
	}
}

// What is kept anyway is read: outputs, and what an operation reads that is no member of a group.
func TestGroupsReadWhatIsKept(t *testing.T) {
	const entries, n = 16, 200
	g := expr.NewGraph()
	x := g.Input("x", n)
	y := expr.AffineOf(x, -1, 2)
	product := expr.Mul(y, expr.Sum(expr.Mul(y, y)))
	for name, out := range map[string]expr.Node{"an output": y, "sorted": expr.Sort(y)} {
		f, err := g.Func(expr.In(x), expr.Out(product, out))
		require.NoError(t, err)
		require.Equal(t, 1, timesRun(t, f, entries, "affine"), name)
	}
	short := expr.NewGraph()
	z := short.Input("x", entries*8)
	y = expr.AffineOf(z, -1, 2)
	f, err := short.Func(expr.In(z), expr.Out(expr.Mul(y, expr.Sum(expr.Mul(y, y)))))
	require.NoError(t, err)
	require.Equal(t, 1, timesRun(t, f, entries, "affine"), "short")
}

// A group computes again from its own copies what another group has computed from copies of its own.
func TestGroupsComputeCopiesAgain(t *testing.T) {
	const entries, n = 16, 200
	g := expr.NewGraph()
	x := g.Input("x", n)
	y := expr.AffineOf(x, -1, 2)
	z := expr.Mul(y, expr.Sum(expr.Mul(y, y))) // in the second group
	f, err := g.Func(expr.In(x), expr.Out(expr.Mul(z, expr.Sum(expr.Mul(z, z)))))
	require.NoError(t, err)
	require.Equal(t, 3, timesRun(t, f, entries, "affine"))
}

// timesRun counts how often an op runs in a program in blocks, which has the bits of a naive evaluator.
func timesRun(t *testing.T, f *expr.Func, entries int32, op string) (times int) {
	t.Helper()
	p, err := vm.CompileInBlocks(f, vm.Options{Workers: 1}, entries)
	require.NoError(t, err)
	at := make([]float64, f.In()[0].Shape().Size())
	for i := range at {
		at[i] = float64(i%7)/3 - 1
	}
	requireNaive(t, optest.Program{Func: f, At: [][]float64{at}}, p)
	for _, name := range vm.Ops(p) {
		if name == op {
			times++
		}
	}
	return times
}
