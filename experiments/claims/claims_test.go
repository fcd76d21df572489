package claims_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claims"
)

func TestEveryClaimIsComplete(t *testing.T) {
	_, err := claim.NewRegistry(claims.All())
	require.NoError(t, err)
}
