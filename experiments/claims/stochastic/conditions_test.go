package stochastic

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/sgd"
)

// The product is of these steps only: with 1/k² from k = 2 on it starts one step late.
func TestTelescopeSeesOtherSteps(t *testing.T) {
	failed, err := telescope(context.Background(), 50, func(k int) *big.Rat { return big.NewRat(1, int64(k+2)*int64(k+2)) })
	require.NoError(t, err)
	require.Equal(t, 50, failed)
}

// V_k = σ²/k for steps 1/k, and the floor ασ²/(2 − α) for constant ones.
func TestMomentsOfStepRules(t *testing.T) {
	harmonic, err := stepRule{schedule: sgd.Power{C: 1, P: 1}}.moments(t.Context(), 3, 2, 10)
	require.NoError(t, err)
	require.InEpsilon(t, 4.0/1024, harmonic[10], 1e-10)
	constant, err := stepRule{schedule: sgd.Constant(0.5)}.moments(t.Context(), 3, 2, 10)
	require.NoError(t, err)
	require.InEpsilon(t, 0.5*4/1.5, constant[10], 1e-10)
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = stepRule{schedule: sgd.Constant(0.5)}.moments(stopped, 3, 2, 10)
	require.ErrorIs(t, err, context.Canceled)
}

// Exponents that belong to other steps are refused.
func TestWrongExponentsFail(t *testing.T) {
	failed := failures(t, stepConditions(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		rules := stepRules(c)
		rules[0].exponent, rules[2].exponent, rules[4].exponent = -0.5, -1, -1
		return runConditions(ctx, c, rules)
	})
	require.Equal(t, []string{"harmonic-limit", "root-limit", "summable-limit"}, failed)
}
