package stochastic

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// Other losses of two weights are not taken for the product: a convex one has no saddle and no
// wrong midpoint, and a product of squares has a saddle that is not strict.
func TestOtherLossesOfTwoWeightsFail(t *testing.T) {
	spoiled := func(text string) []string {
		return failures(t, product(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runProduct(ctx, c, text)
		})
	}
	require.Empty(t, spoiled(productText))
	require.Subset(t, spoiled("(theta[0] + theta[1] - 1)^2 / 2"), []string{"gradient", "eigenvalue-low", "determinant", "ends"})
	require.Subset(t, spoiled("(theta[0]^2 * theta[1]^2 - 1)^2 / 2"), []string{"eigenvalue-low", "eigenvalue-high", "determinant"})
}
