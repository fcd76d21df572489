package ad_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// The ops of affine–relu programs. Data moves without arithmetic are apart:
// what they leave unused is not removed before counting.
var (
	affineOps = []string{"add", "sub", "neg", "affine", "sum", "mean", "stack", "concat", "reshape", "transpose", "matvec", "matmul", "relu", "leakyrelu"}
	productOp = []string{"mul", "dot"}
)

// operations counts one run of f; unshared counts every node of f, so that
// equal operations count as often as they occur.
func operations(t require.TestingT, f *expr.Func) int {
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	return p.Cost().Operations
}

func unshared(f *expr.Func) int {
	moving, total := map[expr.Node]bool{}, 0
	for _, n := range f.Nodes() {
		var in []expr.Shape
		moving[n] = n.IsInput()
		for _, a := range n.Args() {
			in = append(in, a.Shape())
			moving[n] = moving[n] || moving[a]
		}
		switch op := n.Op(); {
		case n.IsInput() || !moving[n] || op.View:
		case op.Flops != nil:
			total += op.Flops(in, n.Shape(), n.Attr())
		default:
			total += n.Shape().Size()
		}
	}
	return total
}

// costs draws programs and holds a derivative against a multiple of the value.
func costs(t *testing.T, cfg optest.Config, bound int, derive func(*expr.Func) (*expr.Func, error)) {
	programs := optest.Programs(cfg)
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		g, err := derive(p.Func)
		require.NoError(t, err)
		value, both := unshared(p.Func), operations(t, g)
		require.LessOrEqual(t, operations(t, p.Func), value)
		require.LessOrEqual(t, both, bound*value, "value: %d operations\n%v", value, g)
	})
}

// Value and gradient together cost at most 5 times the value.
func TestLawCostOfGradient(t *testing.T) {
	for class, ops := range map[expr.Kind][]string{
		expr.PiecewiseAffine:     affineOps,
		expr.PiecewisePolynomial: append(append([]string{}, affineOps...), productOp...),
	} {
		t.Run(class.String(), func(t *testing.T) {
			costs(t, optest.Config{Class: class, Ops: ops, Steps: 15}, 5, ad.Gradient)
		})
	}
}

// Branch locking costs a forward pass more: 6 times the value with constant
// weights, 8 times with products of variables.
func TestLawCostOfElement(t *testing.T) {
	t.Run("constant", func(t *testing.T) {
		costs(t, optest.Config{Class: expr.PiecewiseAffine, Ops: affineOps, Steps: 15}, 6, ad.ElementAlong)
	})
	t.Run("products", func(t *testing.T) {
		ops := append(append([]string{}, affineOps...), productOp...)
		costs(t, optest.Config{Class: expr.PiecewisePolynomial, Ops: ops, Steps: 15}, 8, ad.ElementAlong)
	})
}
