package layer

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/combin"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
)

// The same function with two further choices that cancel.
func TestPoolingFailsForAProgramWithCancellingMaxima(t *testing.T) {
	failed := claimtest.Sabotaged(t, pooling(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runPooling(ctx, c, func(x expr.Node) expr.Node {
			return expr.Add(expr.Max(x), expr.Sub(expr.Max(x), expr.Max(x)))
		})
	}, claim.Setting{Name: "window", Value: "3"}, claim.Setting{Name: "trials", Value: "10"})
	require.Contains(t, failed, "disjoint-field")
	require.NotContains(t, failed, "one-window")
	require.NotContains(t, failed, "lipschitz")
}

func TestPoolingFailsForAnotherFunction(t *testing.T) {
	failed := claimtest.Sabotaged(t, pooling(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runPooling(ctx, c, func(x expr.Node) expr.Node { return expr.Scale(2, expr.Max(x)) })
	}, claim.Setting{Name: "trials", Value: "10"})
	require.Contains(t, failed, "lipschitz")
	require.Contains(t, failed, "one-window")
}

// The distance at a constant point from all orders of the entries.
func TestStrideGapFromAllOrders(t *testing.T) {
	for _, c := range [][2]int{{2, 1}, {3, 1}, {3, 2}, {4, 1}, {4, 2}, {4, 3}} {
		w, s := c[0], c[1]
		n := w + s
		limits := map[[2]int]bool{}
		for _, order := range combin.Permutations(n, n) { // order[i] is the height of entry i
			top := func(lo int) int {
				best := lo
				for i := lo; i < lo+w; i++ {
					if order[i] > order[best] {
						best = i
					}
				}
				return best
			}
			limits[[2]int{top(0), top(s)}] = true
		}
		worst := 0.0
		for i := range w {
			for j := s; j < n; j++ { // e_i − e_j is in the field
				var shifted []clarke.Vector
				for q := range limits {
					r := make([]*big.Rat, n)
					for k := range r {
						r[k] = new(big.Rat)
					}
					for _, term := range [][2]int{{q[0], 1}, {q[1], -1}, {i, -1}, {j, 1}} {
						r[term[0]].Add(r[term[0]], big.NewRat(int64(term[1]), 1))
					}
					shifted = append(shifted, clarke.Rational(r))
				}
				nearest, err := clarke.MinNorm(shifted)
				require.NoError(t, err)
				worst = max(worst, nearest.Distance)
			}
		}
		require.InDelta(t, strideGap(w, s), worst, 1e-12, "window %d, stride %d", w, s)
	}
}
