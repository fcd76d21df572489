package subgradient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
)

// Rows that are not in general position have fewer cells.
func TestKinkCellsSeeDependentRows(t *testing.T) {
	failed := claimtest.Sabotaged(t, kinkCells(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runKinkCells(ctx, c, func(n, s int, rng *rand.Rand) [][]int {
			rows := vandermonde(n, s, rng)
			for j := range rows[0] {
				rows[1][j] = -2 * rows[0][j]
			}
			return rows
		})
	}, claim.Setting{Name: "dimensions", Value: "3"}, claim.Setting{Name: "kinks", Value: "4"})
	require.Equal(t, []string{
		"cells/n=2,s=2", "vertices/n=2,s=2", "cells/n=2,s=3", "vertices/n=2,s=3", "cells/n=2,s=4", "vertices/n=2,s=4",
		"cells/n=3,s=2", "vertices/n=3,s=2", "cells/n=3,s=3", "vertices/n=3,s=3", "cells/n=3,s=4", "vertices/n=3,s=4",
	}, failed)
}

// A program without a kink at the point has a linearisation of second order too, one that is taken
// for affine is found out.
func TestLinearisationSeesCurvature(t *testing.T) {
	c := &claim.Context{Claim: "kink-cells", Seed: 1, Values: claim.Values{"directions": 5}}
	curved := linearisation{"curved", "abs(x - y) + x^2", 0, 0, 0}
	check, err := curved.check(c)
	require.NoError(t, err)
	rows, err := claim.Rows(kinkCells(), nil, claim.Outcome{Checks: []claim.Check{check}})
	require.NoError(t, err)
	require.Equal(t, claim.Fail, rows[0].Verdict)
}

// The number of cells by the recursion of hyperplanes that are added one by one, and by the signs
// at random points.
func TestCellsByRecursionAndByPoints(t *testing.T) {
	var count func(n, s int) int
	count = func(n, s int) int {
		switch {
		case s == 0:
			return 1
		case n == 1:
			return 2
		default:
			return count(n, s-1) + count(n-1, s-1)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for n := 2; n <= 6; n++ {
		for s := 1; s <= 12; s++ {
			require.Equal(t, count(n, s), cellsInGeneralPosition(n, s), "n = %d, s = %d", n, s)
		}
	}
	for _, size := range [][2]int{{2, 4}, {3, 3}, {3, 4}} {
		n, s := size[0], size[1]
		rows, seen := vandermonde(n, s, rng), map[string]bool{}
		for range 200000 {
			signs := ""
			x := make([]float64, n)
			for j := range x {
				x[j] = rng.NormFloat64()
			}
			for _, a := range rows {
				sum := 0.0
				for j, v := range a {
					sum += float64(v) * x[j]
				}
				signs += fmt.Sprint(sum > 0)
			}
			seen[signs] = true
		}
		require.Len(t, seen, cellsInGeneralPosition(n, s))
	}
}
