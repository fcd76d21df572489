package continuous

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/sgd"
)

// Wrong orders are seen, and the limit of another system is none.
func TestLimitsSeeWrongOrders(t *testing.T) {
	spoiled := func(change func(p *pair)) []string {
		pairs := followed(1)
		for i := range pairs {
			change(&pairs[i])
		}
		return claimtest.Sabotaged(t, limits(), func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runLimits(ctx, c, pairs)
		}, claim.Setting{Name: "halvings", Value: "4"})
	}
	require.Empty(t, spoiled(func(*pair) {}))
	require.Len(t, spoiled(func(p *pair) { p.order = 1.5 - p.order }), 4)
	require.Equal(t, []string{"heavy-ball"}, spoiled(func(p *pair) {
		if p.name == "heavy-ball" { // INNA is of order 1 in its step
			p.system = sgd.INNAFlow{Alpha: 0.5, Beta: 0.1}
		}
	}))
}
