package ad_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// The ops of affine–relu programs: affine maps of vectors and parts of them, and
// kinks of one number.
var (
	affineOps = []string{
		"add", "sub", "neg", "affine", "sum", "mean", "matvec", "matmul", "relu", "leakyrelu",
		"stack", "concat", "reshape", "transpose", "broadcast", "slice", "index", "gather", "take", "assemble",
	}
	products = append([]string{"mul", "dot"}, affineOps...)
)

// costs draws programs and holds a derivative against a multiple of the value,
// both counted by expr.Operations. It logs the worst program.
func costs(t *testing.T, cfg optest.Config, bound int, derive func(*expr.Func) (*expr.Func, error)) {
	worst, witness := 0.0, "none"
	for _, repeat := range []bool{false, true} {
		cfg.Repeat = repeat
		programs := optest.Programs(cfg)
		rapid.Check(t, func(t *rapid.T) {
			f := programs.Draw(t, "program").Func
			g, err := derive(f)
			require.NoError(t, err)
			value, both := expr.Operations(f), expr.Operations(g)
			require.LessOrEqual(t, both, bound*value, "value: %d operations\n%v", value, g)
			if ratio := float64(both) / float64(max(value, 1)); ratio > worst {
				worst, witness = ratio, fmt.Sprintf("%d and %d operations\n%v", value, both, f)
			}
		})
	}
	t.Logf("largest ratio %.3f, bound %d: %s", worst, bound, witness)
}

// Value and gradient together cost at most 5 times the value.
func TestLawCostOfGradient(t *testing.T) {
	for _, steps := range []int{5, 25} {
		t.Run(fmt.Sprintf("constant weights, %d steps", steps), func(t *testing.T) {
			costs(t, optest.Config{Class: expr.PiecewiseAffine, Ops: affineOps, Steps: steps}, 5, ad.Gradient)
		})
		t.Run(fmt.Sprintf("products, %d steps", steps), func(t *testing.T) {
			costs(t, optest.Config{Class: expr.PiecewisePolynomial, Ops: products, Steps: steps}, 5, ad.Gradient)
		})
	}
}

// Branch locking costs a forward pass more: 6 times the value with constant
// weights, 8 times with products of variables.
func TestLawCostOfElement(t *testing.T) {
	t.Run("constant weights", func(t *testing.T) {
		costs(t, optest.Config{Class: expr.PiecewiseAffine, Ops: affineOps, Steps: 15}, 6, ad.ElementAlong)
	})
	t.Run("products", func(t *testing.T) {
		costs(t, optest.Config{Class: expr.PiecewisePolynomial, Ops: products, Steps: 15}, 8, ad.ElementAlong)
	})
}
