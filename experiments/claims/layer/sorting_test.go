package layer

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
)

// The network of comparators computes the same function: only the row about the
// field of the primitive fails.
func TestSortingFailsForComparatorsInPlaceOfThePrimitive(t *testing.T) {
	failed := claimtest.Sabotaged(t, sorting(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runSorting(ctx, c, bubble)
	}, claim.Setting{Name: "size", Value: "3"})
	require.Equal(t, []string{"field"}, failed)
}

func TestSortingFailsForALayerThatRepeatsEntries(t *testing.T) {
	failed := claimtest.Sabotaged(t, sorting(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runSorting(ctx, c, func(x expr.Node) expr.Node {
			return expr.Add(expr.Scale(0, x), expr.Max(x))
		})
	})
	require.Subset(t, failed, []string{"sort-permutation", "sort-norm", "sort-smallest-singular-value", "clarke-jacobian", "all-tied"})
}

func TestSortingMatricesOfBlocks(t *testing.T) {
	rationals := func(v ...int64) (out []*big.Rat) {
		for _, x := range v {
			out = append(out, big.NewRat(x, 1))
		}
		return out
	}
	require.Equal(t, [][]float64{{0, 1, 1, 0}}, sortingMatrices(rationals(2, 1)))
	require.Len(t, sortingMatrices(rationals(1, 1, 1)), 6)
	require.Len(t, sortingMatrices(rationals(2, 1, 2, 1)), 4)
}

func TestNormChange(t *testing.T) {
	one, two := big.NewRat(1, 1), big.NewRat(2, 1)
	zero := new(big.Rat)
	require.Zero(t, normChange([]*big.Rat{zero, one, one, zero}, []*big.Rat{one, two}).Sign())
	// J has the rows (1, 0), (1, 0): Jᵀg = (3, 0).
	require.Equal(t, "4", normChange([]*big.Rat{one, zero, one, zero}, []*big.Rat{one, two}).RatString())
}
