package expr_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// counted returns the operations of a program of one input x of n entries, and
// those of value and gradient.
func counted(t *testing.T, n int, build func(x expr.Node) expr.Node) (value, both int) {
	g := expr.NewGraph()
	x := g.Input("x", n)
	f, err := g.Func(expr.In(x), expr.Out(build(x)))
	require.NoError(t, err)
	gradient, err := ad.Gradient(f)
	require.NoError(t, err)
	return expr.Operations(f), expr.Operations(gradient)
}

func TestOperationsByHand(t *testing.T) {
	weights := func(x expr.Node, rows, cols int) expr.Node {
		return x.Graph().Tensor(make([]float64, rows*cols), rows, cols)
	}
	ones := func(x expr.Node, dims ...int) expr.Node { return expr.BroadcastTo(x.Graph().Const(1), dims...) }
	for name, test := range map[string]struct {
		n           int
		build       func(x expr.Node) expr.Node
		value, both int
	}{
		// four additions; the gradient is constant
		"sum": {5, expr.Sum, 4, 4},
		// and with a kink: relu, step and gate for every entry
		"relu": {5, func(x expr.Node) expr.Node { return expr.Sum(expr.ReLU(x)) }, 9, 19},
		// one entry of the relu is needed, and moved; its adjoint, 1, is a constant
		"one entry of many": {1000, func(x expr.Node) expr.Node { return expr.Index(expr.ReLU(x), 7) }, 2, 4},
		// the same, moved before: what is moved back is not constant
		"of one entry": {1000, func(x expr.Node) expr.Node { return expr.ReLU(expr.Index(x, 7)) }, 2, 5},
		// overlapping slices: 2 + 2 moved, 2 added, 1 for the sum; back all is constant: nothing
		"slices": {3, func(x expr.Node) expr.Node {
			return expr.Sum(expr.Add(expr.Slice(x, 0, 2), expr.Slice(x, 1, 3)))
		}, 7, 7},
		// equal copies count as often as they occur: the move, 3 relus and 2 additions; 3 steps, 3 gates, 2 additions and the move
		"copies": {1, func(x expr.Node) expr.Node {
			x = expr.Index(x, 0)
			return expr.Add(expr.Add(expr.ReLU(x), expr.ReLU(x)), expr.ReLU(x))
		}, 6, 15},
		// products: 2·3 − 1 for each of two rows, and one addition
		"matvec": {3, func(x expr.Node) expr.Node { return expr.Sum(expr.MatMul(ones(x, 2, 3), x)) }, 11, 11},
		// of two rows one is needed: 5 and the move; the relu after it is a step and a gate more, its adjoint 3 products
		"dead row": {3, func(x expr.Node) expr.Node {
			return expr.ReLU(expr.Index(expr.MatMul(ones(x, 2, 3), x), 1))
		}, 7, 7 + 2 + 1 + 3},
		// nothing depends on x: constants are free
		"constant": {3, func(x expr.Node) expr.Node { return expr.Sum(expr.MatMul(weights(x, 2, 3), ones(x, 3))) }, 0, 0},
		// an operand that is 0 is no addition
		"plus nothing": {3, func(x expr.Node) expr.Node {
			return expr.Sum(expr.Add(x, expr.BroadcastTo(x.Graph().Const(0), 3)))
		}, 2, 2},
		// the mean divides once
		"mean": {4, expr.Mean, 4, 4},
		// a norm counts twice its length, its signs: steps, and an affine map each
		"norm1": {3, expr.Norm1, 6, 6 + 9},
		// of two rows the largest of one: 3 entries and the move; its rank and gates, and nothing for the other row
		"rows": {6, func(x expr.Node) expr.Node { return expr.Index(expr.Max(expr.Reshape(x, 2, 3)), 0) }, 4, 4 + 3 + 3},
	} {
		t.Run(name, func(t *testing.T) {
			value, both := counted(t, test.n, test.build)
			require.Equal(t, test.value, value, "value")
			require.Equal(t, test.both, both, "value and gradient")
		})
	}
}
