package claims_test

import (
	"bytes"
	"flag"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	_ "pgregory.net/rapid" // defines the flags by which make prop sets seed and effort

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/experiments/claims"
)

func TestEveryClaimIsComplete(t *testing.T) {
	_, err := claim.NewRegistry(claims.All())
	require.NoError(t, err)
	classes := []claim.Theorem{claim.Identity, claim.Inequality, claim.Limit, claim.Probability, claim.Example, claim.Observation}
	for _, c := range claims.All() {
		require.Contains(t, classes, c.Theorem, c.Name)
		require.NotEmpty(t, c.Decides, c.Name)
	}
}

// Wrong predictions are off by a quarter.
const wrongBy = 0.25

// Every claim passes and would not pass with a wrong prediction, and what it writes, figures
// included, is the same for any number of workers.
func TestClaimsPassAndReproduce(t *testing.T) {
	for _, c := range claims.All() {
		t.Run(c.Name, func(t *testing.T) {
			if testing.Short() {
				t.Skip("runs every claim twice")
			}
			t.Parallel() // the first run has one worker
			first := claimtest.ExecuteWith(t, c, claimtest.Seed, 1)
			claimtest.RequireKept(t, first.Rows)
			claimtest.RequireDecided(t, c, first.Outcome)
			claimtest.RequireSharp(t, c, first.Outcome, wrongBy)
			second := claimtest.ExecuteWith(t, c, claimtest.Seed, 4)
			require.True(t, bytes.Equal(first.Written, second.Written), "two runs of one seed differ")
		})
	}
}

// Other seeds keep the verdicts. The five seeds follow from that of make prop.
func TestLawSeedsKeepVerdicts(t *testing.T) {
	if flag.Lookup("rapid.seed").Value.String() == "0" {
		t.Skip("runs every claim five times; make prop does")
	}
	start, err := strconv.ParseUint(flag.Lookup("rapid.seed").Value.String(), 10, 64)
	require.NoError(t, err)
	for _, c := range claims.All() {
		for i := range uint64(5) {
			t.Run(fmt.Sprintf("%s/%d", c.Name, i), func(t *testing.T) {
				claimtest.RequireKept(t, claimtest.ExecuteWith(t, c, start+i, 2).Rows)
			})
		}
	}
}
