package deep

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
)

// Claims pass, would not pass for predictions off by a quarter, and write the same for any
// number of workers.
func TestClaims(t *testing.T) {
	for _, c := range Claims() {
		t.Run(c.Name, func(t *testing.T) {
			first := claimtest.ExecuteWith(t, c, claimtest.Seed, 1)
			claimtest.RequireKept(t, first.Rows)
			claimtest.RequireSharp(t, c, first.Outcome, 0.25)
			second := claimtest.ExecuteWith(t, c, claimtest.Seed, 3)
			require.True(t, bytes.Equal(first.Written, second.Written))
			for _, r := range first.Rows {
				t.Log(r.Name, r.Predicted, r.Measured, r.Lower, r.Upper)
			}
		})
	}
}
