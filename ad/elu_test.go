package ad_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

func scalar(t *testing.T, build func(x expr.Node) expr.Node) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(build(x)))
	require.NoError(t, err)
	return f
}

// elu(x, a) has one-sided derivatives a and 1 at 0, and the slot goes from one to
// the other.
func TestELUAtItsKink(t *testing.T) {
	for _, a := range []float64{0.25, 0.5, 2, 3} {
		f := scalar(t, func(x expr.Node) expr.Node { return expr.ELU(x, a) })
		for s, want := range map[float64]float64{0: a, 0.5: (a + 1) / 2, 1: 1} {
			require.Equal(t, []float64{want}, evaluate(t, wired(t, f, ad.AtSlot(s)), 1, []float64{0}))
		}
		along, err := ad.Directional(f)
		require.NoError(t, err)
		require.Equal(t, []float64{1}, evaluate(t, along, 1, []float64{0}, []float64{1}))
		require.Equal(t, []float64{-a}, evaluate(t, along, 1, []float64{0}, []float64{-1}))
	}
}

// The exponential of the branch that is not taken overflows at 1000; values and
// derivatives of both orders do not notice.
func TestELUFarOut(t *testing.T) {
	for _, a := range []float64{1, 2} {
		f := scalar(t, func(x expr.Node) expr.Node { return expr.ELU(x, a) })
		g := wired(t, f, ad.AtSlot(0))
		h, err := ad.Forward(g)
		require.NoError(t, err)
		h, err = ad.Wire(h, ad.AtSlot(0))
		require.NoError(t, err)
		for _, c := range []struct{ x, y, first, second float64 }{
			{1000, 1000, 1, 0},
			{math.Inf(1), math.Inf(1), 1, 0},
			{-1000, -a, 0, 0},
			{-1, a * math.Expm1(-1), a * math.Exp(-1), a * math.Exp(-1)},
			{-1e-20, -a * 1e-20, a, a},
		} {
			in := [][]float64{{c.x}, {1}}
			require.InDeltaSlice(t, []float64{c.first}, evaluate(t, h, 1, in...), 1e-15, "first derivative at %v", c.x)
			require.InDeltaSlice(t, []float64{c.second}, evaluate(t, h, 3, in...), 1e-15, "second derivative at %v", c.x)
			if y := evaluate(t, f, 0, in[:1]...)[0]; !math.IsInf(c.y, 1) {
				require.InEpsilon(t, c.y, y, 1e-15)
			} else {
				require.Equal(t, c.y, y)
			}
		}
	}
}

// elu with a = 1 and huber are continuously differentiable: no slot of the first
// order. Their kinks come with the second derivative.
func TestSmoothKinksHaveNoSlots(t *testing.T) {
	for _, build := range []func(x expr.Node) expr.Node{
		func(x expr.Node) expr.Node { return expr.ELU(x, 1) },
		func(x expr.Node) expr.Node { return expr.Huber(x, 2) },
	} {
		g, err := ad.Gradient(scalar(t, build))
		require.NoError(t, err)
		require.Empty(t, g.Slots())
		h, err := ad.Forward(g)
		require.NoError(t, err)
		require.NotEmpty(t, h.Slots())
	}
}

// A slope of 0 of huber is a number, not a branch: what arrives as infinity
// leaves as NaN, as from x²/2. The slopes of pinball are never 0.
func TestHuberSlopeIsNoBranch(t *testing.T) {
	for _, build := range []func(x expr.Node) expr.Node{
		func(x expr.Node) expr.Node { return expr.Sqrt(expr.Huber(x, 1)) },
		func(x expr.Node) expr.Node { return expr.Sqrt(expr.Scale(0.5, expr.Mul(x, x))) },
	} {
		g, err := ad.Gradient(scalar(t, build))
		require.NoError(t, err)
		require.True(t, math.IsNaN(evaluate(t, g, 1, []float64{0})[0]))
	}
}
