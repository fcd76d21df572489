package critical

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
)

// Weights that are tied between units of opposite sign take the biases away.
func TestBiasParametersFailWithoutBiases(t *testing.T) {
	failed := claimtest.Sabotaged(t, biases(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runBiases(ctx, c, "relu(w1) - relu(-w1) + 0*(b1 + w2 + b2)", deep)
	})
	require.Equal(t, []string{"kinks", "all-parameters"}, failed)
}

// An activation spelled with two occurrences of relu is not a unit of the theorem.
func TestBiasParametersFailForADoubledActivation(t *testing.T) {
	doubled := func() (*expr.Func, error) {
		g := expr.NewGraph()
		w, b := g.Param("w", deepWidth, 2), g.Param("b", deepWidth)
		v, a := g.Param("v", deepWidth, deepWidth), g.Param("a", deepWidth)
		x := g.Data("x", 2)
		h := expr.ReLU(expr.Add(expr.MatMul(w, x), b))
		z := expr.Add(expr.MatMul(v, h), a)
		u := expr.Add(expr.ReLU(expr.Neg(z)), z) // relu₂
		return g.Func(expr.In(w, b, v, a, x), expr.Out(expr.Sum(expr.Sub(expr.Scale(2, u), expr.ReLU(z)))))
	}
	failed := claimtest.Sabotaged(t, biases(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runBiases(ctx, c, twoUnits, doubled)
	})
	require.Equal(t, []string{"deep", "independent"}, failed)
}

// The drawn parameters put just the chosen units at their kinks.
func TestAtKinksChoosesUnits(t *testing.T) {
	f, err := deep()
	require.NoError(t, err)
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	finder, err := ad.NewFinder(g)
	require.NoError(t, err)
	kinksOf := func(active int) []ad.Kink {
		kinks, err := finder.AtExact(atKinks(active, rand.New(rand.NewPCG(1, uint64(active))))...)
		require.NoError(t, err)
		return kinks
	}
	first := math.MaxInt // the node of the first layer
	for _, k := range kinksOf(1<<(2*deepWidth) - 1) {
		first = min(first, k.Node)
	}
	for active := range 1 << (2 * deepWidth) {
		mask := 0
		for _, k := range kinksOf(active) {
			bit := k.Index[0]
			if k.Node != first {
				bit += deepWidth
			}
			mask |= 1 << bit
		}
		require.Equal(t, active, mask)
	}
}
