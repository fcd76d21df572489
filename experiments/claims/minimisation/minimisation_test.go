package minimisation

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// A claim that is interrupted returns soon, in the profile that takes minutes too. The limit allows for a busy machine.
func TestInterrupts(t *testing.T) {
	for _, c := range Claims() {
		values, err := c.Resolve(claim.Full, nil)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		start := time.Now()
		_, err = c.Run(ctx, &claim.Context{Claim: c.Name, Profile: claim.Full, Values: values, Workers: 2})
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded, c.Name)
		require.Less(t, time.Since(start), 10*time.Second, c.Name)
	}
}
