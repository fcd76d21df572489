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
