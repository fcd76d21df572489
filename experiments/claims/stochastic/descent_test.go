package stochastic

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// Two rows in one dimension, by hand: J₁ = (θ − 1)², J₂ = (θ + 1)² at θ = 1 with L = 2, α = 1/4.
func TestExactStepByHand(t *testing.T) {
	s, err := newExactStep(centres(1, 2, []float64{1, -1}), rational([]float64{1}))
	require.NoError(t, err)
	require.Equal(t, "2", s.loss.RatString())  // (0 + 4)/2
	require.Equal(t, "4", s.norm.RatString())  // gradients 0 and 4, mean 2
	require.Equal(t, "4", s.sigma.RatString()) // (2² + 2²)/2
	mean, err := s.mean(big.NewRat(1, 4))
	require.NoError(t, err)
	require.Equal(t, "3/2", mean.RatString()) // steps to 1 and 0, where J is 2 and 1
	require.Equal(t, "7/4", s.bound(big.NewRat(1, 4), big.NewRat(2, 1)).RatString())
}

// A smoothness constant that is too small lets α exceed 1/L, and the bound is then false.
func TestTooSmallLipschitzConstantFails(t *testing.T) {
	families := smoothFamilies()
	for i := range families {
		families[i].curvature /= 20
	}
	failed := failures(t, descentLemma(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runDescent(ctx, c, families)
	})
	require.Equal(t, []string{"least-squares", "logistic", "cosine"}, failed)
}
