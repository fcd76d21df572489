package stochastic

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// The parabola 3(a − 5/7)² + 2.
func TestVertex(t *testing.T) {
	at, err := vertex(func(a *big.Rat) (*big.Rat, error) {
		d := new(big.Rat).Sub(a, big.NewRat(5, 7))
		return d.Add(product3(integer(3), d, d), integer(2)), nil
	})
	require.NoError(t, err)
	require.Equal(t, "5/7", at.RatString())
}

// The floor to first order in α alone, ασ²/(2L), is not enough.
func TestFirstOrderFloorFails(t *testing.T) {
	failed := failures(t, noiseFloor(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
		return runFloor(ctx, c, func(alpha, l, sigma float64) float64 { return alpha * sigma * sigma / (2 * l) })
	})
	require.Equal(t, []string{"variance-0.1", "variance-0.4", "variance-1", "variance-1.5", "variance-1.8"}, failed)
}
