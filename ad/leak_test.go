package ad_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// A branch that is not taken may have an infinite value and derivative; neither
// reaches the result, in either mode.
func TestUntakenBranchesDoNotLeak(t *testing.T) {
	one := func(x expr.Node) expr.Node { return x.Graph().Const(1) }
	high := func(x expr.Node) expr.Node { return expr.Exp(expr.Scale(1000, x)) } // +Inf at 1
	low := func(x expr.Node) expr.Node { return expr.Neg(high(x)) }
	for name, build := range map[string]func(x expr.Node) expr.Node{
		"min":       func(x expr.Node) expr.Node { return expr.Min(high(x), one(x)) },
		"max":       func(x expr.Node) expr.Node { return expr.Max(one(x), low(x)) },
		"relu":      func(x expr.Node) expr.Node { return expr.ReLU(low(x)) },
		"hinge":     func(x expr.Node) expr.Node { return expr.Hinge(high(x)) },
		"clamp":     func(x expr.Node) expr.Node { return expr.Clamp(high(x), one(x), one(x)) },
		"amin":      func(x expr.Node) expr.Node { return expr.Min(high(x), one(x), high(x)) },
		"amax":      func(x expr.Node) expr.Node { return expr.Max(low(x), one(x), low(x)) },
		"median":    func(x expr.Node) expr.Node { return expr.Median(expr.Stack(high(x), one(x), low(x))) },
		"topksum":   func(x expr.Node) expr.Node { return expr.TopKSum(expr.Stack(one(x), low(x)), 1) },
		"sort":      func(x expr.Node) expr.Node { return expr.Index(expr.Sort(expr.Stack(high(x), one(x))), 0) },
		"where":     func(x expr.Node) expr.Node { return expr.Where(x, expr.Less, high(x), one(x)) },
		"where log": func(x expr.Node) expr.Node { return expr.Where(x, expr.Greater, one(x), expr.Log(expr.Neg(x))) },
	} {
		g := expr.NewGraph()
		x := g.Input("x")
		f, err := g.Func(expr.In(x), expr.Out(build(x)))
		require.NoError(t, err)
		backward, err := ad.Gradient(f)
		require.NoError(t, err)
		forward, err := ad.Forward(f)
		require.NoError(t, err)
		for _, w := range []ad.Wiring{ad.AtSlot(0), ad.AtSlot(0.5), ad.AtSlot(1), ad.AtKink(0)} {
			b, err := ad.Wire(backward, w)
			require.NoError(t, err)
			require.Equal(t, 0.0, optest.Float(t, b, []float64{1})[1][0]+0, "%s backward", name)
			d, err := ad.Wire(forward, w)
			require.NoError(t, err)
			require.Equal(t, 0.0, optest.Float(t, d, []float64{1}, []float64{1})[1][0]+0, "%s forward", name)
		}
	}
}
