package stochastic

import (
	"context"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

// failures runs a spoiled experiment in the place of the claim's own and lists what fails.
func failures(t *testing.T, c claim.Claim, run func(context.Context, *claim.Context) (claim.Outcome, error)) []string {
	t.Helper()
	name := c.Name
	c.Run = run
	var labels []string
	for _, row := range claimtest.Execute(t, c).Rows {
		if row.Verdict == claim.Fail {
			labels = append(labels, row.Name[len(name)+1:])
		}
	}
	return labels
}

func TestEnumerations(t *testing.T) {
	collect := func(enumerate func(int, int, func([]int) error) error, n, b int) (all [][]int) {
		require.NoError(t, enumerate(n, b, func(rows []int) error {
			all = append(all, slices.Clone(rows))
			return nil
		}))
		return all
	}
	require.Equal(t, [][]int{{0, 1}, {0, 2}, {1, 2}}, collect(subsets, 3, 2))
	require.Equal(t, [][]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}}, collect(sequences, 2, 2))
	require.Len(t, collect(subsets, 7, 3), 35)
	require.Len(t, collect(subsets, 5, 5), 1)
	require.Len(t, collect(sequences, 4, 3), 64)
}

// A sampler that draws the other way, and a variance without the correction, are both seen.
func TestWrongDesignsFail(t *testing.T) {
	swapped := designs()
	swapped[1].order = sgd.WithReplacement
	require.Equal(t, []string{"variance-without-b512"}, failures(t, unbiased(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runUnbiased(ctx, c, swapped)
	}))
	uncorrected := designs()
	uncorrected[1].factor = func(int, int) *big.Rat { return big.NewRat(1, 1) }
	require.Equal(t, []string{"enumerated-without", "variance-without-b512"}, failures(t, unbiased(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runUnbiased(ctx, c, uncorrected)
	}))
}
