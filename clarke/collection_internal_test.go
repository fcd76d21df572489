package clarke

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

// Slopes ⅓ and the float nearest to it differ, whichever cell comes first, and a
// gradient that many cells share is kept once.
func TestGradientsWithOneNearestFloat(t *testing.T) {
	third := expr.Ratio(1, 3)
	for _, slopes := range [][2]expr.Number{{third, expr.Num(third.Float())}, {expr.Num(third.Float()), third}} {
		g := expr.NewGraph()
		x := g.Input("x")
		f, err := g.Func(expr.In(x), expr.Out(expr.Max(expr.ScaleNumber(slopes[0], x), expr.ScaleNumber(slopes[1], x))))
		require.NoError(t, err)
		s, err := At(context.Background(), f, RationalPoint([]*big.Rat{new(big.Rat)}), Options{})
		require.NoError(t, err)
		require.True(t, s.Exact)
		require.Len(t, s.Vertices, 2)
	}
	c := newCollection(nil, nil, false)
	for range 3 {
		c.keep(Rational([]*big.Rat{big.NewRat(1, 3)}), func() Vector { return Vector{} })
	}
	require.Len(t, c.found, 1)
}
