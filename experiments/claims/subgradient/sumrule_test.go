package subgradient

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Known pairs, and a wrong set in place of the sum.
func TestSumRuleOfKnownPairs(t *testing.T) {
	for _, test := range []struct {
		pair
		strict bool
	}{
		{pair{f: "abs(x)", g: "-abs(x)", inputs: 1}, true},
		{pair{f: "abs(x)", g: "2*abs(x)", inputs: 1}, false},
		{pair{f: "max(x, y)", g: "min(x, y)", inputs: 2}, true},
		{pair{f: "max(x, y)", g: "abs(x - y)", inputs: 2}, false},
		{pair{f: "abs(x) + 0*y", g: "0*x - abs(y)", inputs: 2}, false}, // other variables, no cancellation
	} {
		included, strict, err := sumRuleOf(t.Context(), test.pair)
		require.NoError(t, err)
		require.True(t, included, test.f)
		require.Equal(t, test.strict, strict, test.f)
	}
	outside, err := allIn(rationals([]int64{-1}, []int64{1}), rationals([]int64{-2}))
	require.NoError(t, err)
	require.False(t, outside)
}

// The spelling with one node has one choice: the field is the point 0.
func TestSharedNodeHasNoChoice(t *testing.T) {
	p, err := at("let y = abs(x); y - y", "0")
	require.NoError(t, err)
	field, err := vertexField(t.Context(), p)
	require.NoError(t, err)
	require.Len(t, field, 1)
	require.Zero(t, widest(field))
}
