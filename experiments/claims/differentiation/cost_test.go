package differentiation

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
)

// contextOf returns the context of a claim in its quick profile.
func contextOf(t *testing.T, c claim.Claim) *claim.Context {
	t.Helper()
	values, err := c.Resolve(claim.Quick, nil)
	require.NoError(t, err)
	return &claim.Context{Claim: c.Name, Values: values, Seed: 1, Workers: 2}
}

// The random programs are rich enough to see a derivative that costs more than
// the bounds: all four tangents in forward mode.
func TestForwardModeBreaksTheBounds(t *testing.T) {
	c := contextOf(t, cost())
	for _, d := range []drawn{{inputs: 4, steps: 30}, {inputs: 4, steps: 30, products: true}} {
		worst, err := searchRatio(context.Background(), c, d, ad.JacobianForward)
		require.NoError(t, err)
		require.Greater(t, worst.ratio, float64(productBound))
		require.NotEmpty(t, worst.program)
	}
}

// The formulas of the chain hold at all small sizes, and not for another depth.
func TestChainFormulas(t *testing.T) {
	for _, layers := range []int{2, 3, 5} {
		for _, p := range []int{2, 3, 8} {
			backward, forward, err := chainCounts(layers, p)
			require.NoError(t, err)
			require.EqualValues(t, backwardFormula(layers, p), backward)
			require.EqualValues(t, forwardFormula(layers, p), forward)
			require.EqualValues(t, 4*layers*p*p+layers*p+p-1, backward)
			require.EqualValues(t, 2*(layers-1)*p*p*p+(3*layers+2)*p*p+(layers+1)*p-1, forward)
			require.NotEqualValues(t, backwardFormula(layers+1, p), backward)
		}
	}
}

func TestEqualSizesAreRefused(t *testing.T) {
	c := cost()
	for _, name := range []string{"inputs", "sides"} {
		values, err := c.Resolve(claim.Quick, []claim.Setting{{Name: name, Value: "16,16"}})
		require.NoError(t, err)
		_, err = c.Run(context.Background(), &claim.Context{Claim: c.Name, Values: values})
		require.EqualError(t, err, name+": a slope needs at least two different sizes, such as 16,64")
	}
}
