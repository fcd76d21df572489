package differentiation

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// failing runs the laboratory on a group and returns the labels that do not pass.
func failing(t *testing.T, g group) []string {
	t.Helper()
	c := equivalence()
	values, err := c.Resolve(claim.Quick, nil)
	require.NoError(t, err)
	outcome, err := compareSpellings(context.Background(), &claim.Context{Claim: c.Name, Values: values, Seed: 1}, []group{g})
	require.NoError(t, err)
	return notPassing(t, c, outcome)
}

// notPassing returns the names of the rows that do not pass, without the claim's.
func notPassing(t *testing.T, c claim.Claim, outcome claim.Outcome) []string {
	t.Helper()
	rows, err := claim.Rows(c, nil, outcome)
	require.NoError(t, err)
	var labels []string
	for i, r := range rows {
		if r.Verdict != claim.Pass {
			labels = append(labels, outcome.Checks[i].Label)
		}
	}
	return labels
}

// Each wrong statement about a spelling is seen by the check that is about it.
func TestWrongSpellingsFail(t *testing.T) {
	require.Empty(t, failing(t, identityGroup()))

	g := identityGroup()
	g.spellings[2].field = "0; 3/2"
	require.Equal(t, []string{"identity-field"}, failing(t, g))

	g = identityGroup()
	g.spellings[2].returned = always(1) // as if frameworks knew the function
	require.Equal(t, []string{"identity-returned", "outside-pytorch", "outside-jax", "outside-tensorflow", "outside-gorgonia", "outside-gomlx"}, failing(t, g)[:6])

	g = identityGroup()
	g.spellings[3].text = "max(x, 0) + 2*min(x, 0)" // another function
	require.Subset(t, failing(t, g), []string{"identity-clarke", "identity-field", "identity-values"})

	g = identityGroup()
	g.clarke = "0; 2" // the field taken for the subdifferential
	require.Contains(t, failing(t, g), "identity-clarke")
}

// The headline: of three smooth functions each framework gets some spelling wrong.
func TestEveryFrameworkLeavesClarkeSomewhere(t *testing.T) {
	c := equivalence()
	outcome, err := compareSpellings(context.Background(), contextOf(t, c), []group{identityGroup(), sumGroup(), softplusGroup()})
	require.NoError(t, err)
	require.Empty(t, notPassing(t, c, outcome))
	outside := 0
	for _, check := range outcome.Checks {
		if strings.HasPrefix(check.Label, "outside-") {
			require.Positive(t, check.Measured.Value, check.Label)
			outside++
		}
	}
	require.Equal(t, len(frameworks()), outside)
}

// Every group has spellings enough to speak of, and no program twice.
func TestCorpus(t *testing.T) {
	require.GreaterOrEqual(t, len(corpus()), 8)
	for _, g := range corpus() {
		require.GreaterOrEqual(t, len(g.spellings), 4, g.name)
		seen := map[string]bool{}
		for _, s := range g.spellings {
			require.False(t, seen[s.text], s.text)
			seen[s.text] = true
		}
	}
}
