package ad_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// Tangents and cotangents are named after inputs, which may have such names
// themselves.
func TestNamesOfTangentsDoNotClash(t *testing.T) {
	g := expr.NewGraph()
	x, dx := g.Input("x"), g.Input("dx")
	f, err := g.Func(expr.In(x, dx), expr.Out(expr.Mul(x, dx)))
	require.NoError(t, err)
	for _, differentiate := range []func(*expr.Func) (*expr.Func, error){
		ad.Forward, ad.Backward, ad.Directional, ad.ElementAlong, ad.JacobianElementAlong,
	} {
		h, err := differentiate(f)
		require.NoError(t, err)
		_, err = differentiate(f) // the same names again in one graph
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(h.In()), 3)
	}
}

// The derivative of u = x/‖x‖ is (v − u⟨u, v⟩)/‖x‖. At 0 there is none: a direction that is not moved does not move, and one
// that is gives no number.
func TestTangentOfDirection(t *testing.T) {
	direction, ok := expr.Lookup("direction")
	require.True(t, ok)
	g := expr.NewGraph()
	x := g.Input("x", 2)
	slot := g.Numbers([]expr.Number{expr.Num(0.6), expr.Num(0.8)}, 2)
	f, err := g.Func(expr.In(x), expr.Out(direction.Apply(nil, x, slot)))
	require.NoError(t, err)
	d, err := ad.Forward(f)
	require.NoError(t, err)
	for _, c := range []struct {
		x, v, want []float64
	}{
		{[]float64{3, 4}, []float64{1, 0}, []float64{0.128, -0.096}}, // 16/125 and −12/125
		{[]float64{3, 4}, []float64{3, 4}, []float64{0, 0}},
		{[]float64{0, 0}, []float64{0, 0}, []float64{0, 0}},
	} {
		require.InDeltaSlice(t, c.want, at(d, 1, c.x, c.v), 1e-15)
	}
	for _, y := range at(d, 1, []float64{0, 0}, []float64{1, 0}) {
		require.True(t, y-y != 0, "%v is finite", y)
	}
}
