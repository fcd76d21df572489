package expr_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// Batching comes before or after differentiation: the batched program has the
// roles of the program, and its derivative in every lane is that at the lane's
// point.
func TestLawVmapCommutesWithBackward(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewisePolynomial, Vector: true})
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program")
		const lanes = 2
		many, _, err := expr.Vmap(p.Func, lanes, nil)
		require.NoError(t, err)
		require.Len(t, many.Wrt(), len(p.Func.Wrt()))
		points := [lanes][][]float64{
			optest.Join(p.At, optest.PointsFor(t, p.Func.Out(), "bar")),
			optest.Join(optest.PointsFor(t, p.Func.In(), "at"), optest.PointsFor(t, p.Func.Out(), "bar")),
		}
		batch := make([][]*big.Rat, len(points[0]))
		for i := range batch {
			batch[i] = optest.ToRats(append(append([]float64{}, points[0][i]...), points[1][i]...))
		}
		got := optest.Exact(t, closedBackward(t, many), batch...)
		one := closedBackward(t, p.Func)
		for l, at := range points {
			for i, want := range optest.Exact(t, one, optest.AllToRats(at)...) {
				lane := got[i][l*len(want) : (l+1)*len(want)]
				require.Equal(t, optest.Strings([][]*big.Rat{want}), optest.Strings([][]*big.Rat{lane}), "output %d in lane %d", i, l)
			}
		}
	})
}

func closedBackward(t *rapid.T, f *expr.Func) *expr.Func {
	b, err := ad.Backward(f)
	require.NoError(t, err)
	b, err = ad.Wire(b, ad.AtSlot(0.5))
	require.NoError(t, err)
	return b
}
