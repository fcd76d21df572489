package stochastic

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/sgd"
)

func TestPermutations(t *testing.T) {
	seen := map[[4]int]bool{}
	permutations(4, func(order []int) {
		sorted := slices.Sorted(slices.Values(order))
		require.Equal(t, []int{0, 1, 2, 3}, sorted)
		seen[[4]int(order)] = true
	})
	require.Len(t, seen, 24)
}

// The closed forms agree with averages over all orders: equal Hessians in one dimension, where an
// epoch is an affine map for each order.
func TestClosedFormsAgreeWithEnumeration(t *testing.T) {
	u := unequal{h: []float64{1, 1, 1, 1, 1}, a: []float64{2, -1, 0.5, 0, -1.5}}
	s := (4 + 1 + 0.25 + 2.25) / 5
	for _, alpha := range []float64{0.01, 0.1, 0.5} {
		require.InEpsilon(t, u.endsFloor(alpha), s*endsFloor(alpha, 5), 1e-9)
		require.InEpsilon(t, u.innerFloorByEnumeration(alpha), s*innerFloor(alpha, 5), 1e-9)
	}
}

// innerFloorByEnumeration follows the second moment through the positions of an epoch.
func (u unequal) innerFloorByEnumeration(alpha float64) float64 {
	start, sum, count := u.endsFloor(alpha), 0.0, 0.0 // the mean at the ends is 0
	permutations(len(u.h), func(order []int) {
		scale, b := 1.0, 0.0
		for _, i := range order {
			scale, b = scale*(1-alpha), (1-alpha)*b+alpha*u.a[i]
			sum += scale*scale*start + b*b
			count++
		}
	})
	return sum / count
}

// The leading terms are the powers that the claim names.
func TestLeadingTerms(t *testing.T) {
	const alpha, n = 1e-4, 8
	require.InEpsilon(t, alpha/2, withFloor(alpha), 1e-3)
	require.InEpsilon(t, alpha*alpha*(n+1)/6, innerFloor(alpha, n), 1e-2)
	require.InEpsilon(t, alpha*alpha*alpha*n*(n+1)/24, endsFloor(alpha, n), 1e-2)
	u := newUnequal(4)
	m := 0.0 // ½Σhb/Σh, Σh = 4
	for i, h := range u.h {
		m += h * h * u.a[i] / 8
	}
	require.InEpsilon(t, alpha*alpha*m*m, u.endsFloor(alpha), 1e-2)
}

// Drawing with replacement in the place of reshuffling is seen by all that it should be.
func TestReplacementIsNotReshuffling(t *testing.T) {
	failed := failures(t, reshuffleFloor(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runReshuffle(ctx, c, sgd.WithReplacement)
	})
	require.Subset(t, failed, []string{"without-inner-slope", "without-ends-slope", "unequal-ends-slope"})
	require.NotContains(t, failed, "with-slope")
}
