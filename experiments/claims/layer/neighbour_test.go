package layer

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// A layer that takes all rows has no jump and is not refused.
func TestNeighbourSelectionFailsForALayerWithoutSelection(t *testing.T) {
	failed := claimtest.Sabotaged(t, neighbours(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runNeighbours(ctx, c, func(n, d, _ int) (*expr.Func, error) {
			g := expr.NewGraph()
			y, x, w := g.Input("y", d), g.Data("x", n, d), g.Data("c", d)
			return g.Func(expr.In(y, x, w), expr.Out(expr.Sum(expr.Dot(expr.Sub(x, y), w))))
		})
	})
	require.Equal(t, []string{"jump", "chain-rule", "refused-at-tie"}, failed)
}

// The crossing from its definition: rows a and b at ranks k and k+1 on one side
// and the other.
func TestCrossingSwapsTheRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		const n, d = 7, 3
		x, ok := newCrossing(n, d, rng)
		if !ok {
			continue
		}
		for i, y := range [][]*big.Rat{x.from, x.to} {
			order := []int{0, 1, 2, 3, 4, 5, 6}
			slices.SortFunc(order, func(a, b int) int {
				return squaredDistance(x.cloud[a*d:(a+1)*d], y).Cmp(squaredDistance(x.cloud[b*d:(b+1)*d], y))
			})
			require.Equal(t, i, order[x.rank-1])
		}
	}
}

// Sorted distances against the definition.
func TestSortedDistances(t *testing.T) {
	f, err := sortedDistances(3, 2, 2)
	require.NoError(t, err)
	p, err := vm.Compile(f, vm.Options{})
	require.NoError(t, err)
	out := [][]float64{make([]float64, 2)}
	require.NoError(t, p.Run(out, []float64{0, 0}, []float64{3, 4, 1, 1, -6, 8}))
	require.InDeltaSlice(t, []float64{math.Sqrt2, 5}, out[0], 1e-15)
}

func TestNeighbourSelectionForOtherSettings(t *testing.T) {
	for _, s := range [][2]string{{"2", "2"}, {"64", "8"}} {
		run := claimtest.Execute(t, neighbours(), claim.Setting{Name: "points", Value: s[0]}, claim.Setting{Name: "dimension", Value: s[1]}, claim.Setting{Name: "trials", Value: "5"})
		claimtest.RequireKept(t, run.Rows)
	}
}
