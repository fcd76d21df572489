package differentiation

import (
	"context"
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

// The comparison of sets sees a table whose field is taken for the
// subdifferential, and the other way round.
func TestWrongSetsFail(t *testing.T) {
	rows, err := predictedRows(6)
	require.NoError(t, err)
	for _, r := range rows {
		r.known.Clarke, r.known.Conservative = r.known.Conservative, r.known.Clarke
		require.NoError(t, r.study(context.Background()))
	}
	checks := setChecks(rows)
	require.EqualValues(t, 4, checks[0].Measured.Value) // T5 and T6 are the ones that differ
	require.EqualValues(t, 4, checks[1].Measured.Value)
}

// In the plane the distance from a segment and from a point are known.
func TestDistance(t *testing.T) {
	segment, err := vertices("0,0; 2,0")
	require.NoError(t, err)
	for _, test := range []struct {
		v    []float64
		want float64
	}{{[]float64{1, 0}, 0}, {[]float64{1, 3}, 3}, {[]float64{5, 4}, 5}} {
		got, err := distance(test.v, segment)
		require.NoError(t, err)
		require.InDelta(t, test.want, got, 1e-12)
	}
}
