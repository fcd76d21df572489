package differentiation

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The comparison of verdicts sees a framework that returns something else.
func TestWrongVerdictFails(t *testing.T) {
	want := map[string]string{"a": inClarke, "b": inField}
	got := []answer{{preset: "a", verdict: inClarke}, {preset: "b", verdict: inNone}}
	check, err := compareVerdicts("T0", want, got)
	require.NoError(t, err)
	require.EqualValues(t, 1, check.Measured.Value)
	_, err = compareVerdicts("T0", want, got[:1])
	require.Error(t, err)
}
