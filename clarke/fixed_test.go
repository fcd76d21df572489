package clarke_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// Data may multiply switches, and be where their functions are not Lipschitz:
// relu(dx) − relu(−dx) + √e·|x| is piecewise affine in x.
func TestDataAreConstants(t *testing.T) {
	g := expr.NewGraph()
	d, x, e := g.Data("d"), g.Input("x"), g.Data("e")
	dx := expr.Mul(d, x)
	bump := expr.Mul(expr.Sqrt(e), expr.Abs(x))
	f, err := g.Func(expr.In(d, x, e), expr.Out(expr.Add(expr.Sub(expr.ReLU(dx), expr.ReLU(expr.Neg(dx))), bump)))
	require.NoError(t, err)
	at := clarke.RationalPoint(rats(2), []*big.Rat{new(big.Rat)}, rats(0))
	why, err := clarke.Refusal(f, at)
	require.NoError(t, err)
	require.Empty(t, why)
	s, err := clarke.At(t.Context(), f, at, clarke.Options{})
	require.NoError(t, err)
	require.True(t, s.Exact, s.Why)
	require.False(t, s.Qualified)
	require.Len(t, s.Vertices, 1)
	require.Equal(t, []float64{2}, s.Vertices[0].Float)
	variable, err := clarke.Refusal(sqrtOf(t), clarke.RationalPoint(rats(0)))
	require.NoError(t, err)
	require.Contains(t, variable, "sqrt")
}

func sqrtOf(t *testing.T) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(expr.Sqrt(x)))
	require.NoError(t, err)
	return f
}
