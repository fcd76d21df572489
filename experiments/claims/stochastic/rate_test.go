package stochastic

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/sgd"
)

// The moments with replacement, by enumerating all 2⁴ sequences of two epochs of two rows; those
// without, by all 2^4 sequences of orders of four epochs.
func TestMomentsAgreeWithEnumeration(t *testing.T) {
	u, steps := newUnequal(2), sgd.PerEpoch{Schedule: sgd.Power{C: 0.6, P: 0.75}}
	rate := func(k int) float64 { return steps.Rate(sgd.Progress{Epoch: k}) }
	step := func(x, alpha float64, i int) float64 { return x - alpha*u.h[i]*(x-u.a[i]) }
	loss := func(x float64) float64 { return x * x / 2 } // the mean of h is 1
	withTwo, plainTwo, removedTwo := 0.0, 0.0, 0.0
	for code := range 16 { // two epochs with replacement
		x := float64(startOfRates)
		for j := range 4 {
			x = step(x, rate(j/2), code>>j&1)
		}
		withTwo += loss(x) / 16
	}
	m := func(x float64) float64 { // −½Σhg/Σh with g = h(x − a), Σh = 2
		return -(u.h[0]*u.h[0]*(x-u.a[0]) + u.h[1]*u.h[1]*(x-u.a[1])) / 4
	}
	for code := range 16 { // four epochs without; the block of 2² is the last two
		x, sum := float64(startOfRates), 0.0
		for k := range 4 {
			first := code >> k & 1
			x = step(step(x, rate(k), first), rate(k), 1-first)
			if k >= 2 {
				sum += x
			}
		}
		average := sum / 2
		plainTwo += loss(average) / 16
		removedTwo += loss(average-m(average)*(rate(3)+rate(4))/2) / 16
	}
	with, err := u.withMoments(t.Context(), steps, 1)
	require.NoError(t, err)
	require.InEpsilon(t, withTwo, with[1], 1e-12)
	plain, removed, err := u.withoutMoments(t.Context(), steps, 2)
	require.NoError(t, err)
	require.InEpsilon(t, plainTwo, plain[2], 1e-12)
	require.InEpsilon(t, removedTwo, removed[2], 1e-12)
}

// Drawing with replacement, and a bias that is not removed, are seen.
func TestWrongRatesFail(t *testing.T) {
	spoiled := func(order sgd.Order, bias biasEstimate) []string {
		return failures(t, reshuffleRate(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runRate(ctx, c, order, bias)
		})
	}
	require.Equal(t, []string{"without-ratio", "without-slope", "bias-removed-ratio", "bias-removed-slope"}, spoiled(sgd.WithReplacement, biasOf))
	none := func(problem) (func(float64) (float64, error), error) {
		return func(float64) (float64, error) { return 0, nil }, nil
	}
	require.Equal(t, []string{"bias-removed-ratio", "bias-removed-slope"}, spoiled(sgd.Reshuffled, none))
}
