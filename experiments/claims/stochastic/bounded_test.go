package stochastic

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// A threshold for descent, |x| ≤ √(1/α), in the place of that for boundedness, and growth by
// e^α in a step, are refused.
func TestWrongTheoriesOfDivergenceFail(t *testing.T) {
	failed := failures(t, boundedIterates(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runBounded(ctx, c, boundedTheory{
			overflow:  func(alpha float64) float64 { return 354.9 / alpha },
			threshold: func(float64) float64 { return 1.4142 },
		})
	})
	require.Equal(t, []string{"concave-reported", "quartic-diverged", "quartic-wrong-side", "quartic-beyond"}, failed)
}

// An end without a report is not divergence.
func TestFollowTellsDivergenceFromAnEnd(t *testing.T) {
	ends := func(start float64) int {
		d, err := descent(quarticText, 0.5, start)
		require.NoError(t, err)
		step, err := follow(context.Background(), d, func(k int, _ float64) bool { return k < 50 })
		require.NoError(t, err)
		return step
	}
	require.Equal(t, -1, ends(1.9))
	require.Equal(t, -1, ends(2)) // the cycle 2, −2, 2, …
	require.Positive(t, ends(2.1))
}
