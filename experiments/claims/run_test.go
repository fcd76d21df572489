package claims

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// recorder keeps everything that a claim writes.
type recorder struct{ bytes.Buffer }

func (r *recorder) Trace(record any) error {
	text, err := json.Marshal(record)
	r.Write(append(text, '\n'))
	return err
}

func (r *recorder) Figure(name string, d claim.Drawing) error {
	_, _ = io.WriteString(r, name)
	return d.WriteSVG(r)
}

// execute runs a claim in its quick profile and returns its rows and all that it
// wrote.
func execute(t *testing.T, c claim.Claim, workers int) ([]claim.Row, []byte) {
	t.Helper()
	values, err := c.Resolve(claim.Quick, nil)
	require.NoError(t, err)
	out := &recorder{}
	outcome, err := c.Run(context.Background(), &claim.Context{
		Claim: c.Name, Profile: claim.Quick, Values: values, Seed: 1, Workers: workers, Output: out,
	})
	require.NoError(t, err)
	result, err := json.Marshal(outcome.Result)
	require.NoError(t, err)
	out.Write(result)
	rows, err := claim.Rows(c, values, outcome)
	require.NoError(t, err)
	return rows, out.Bytes()
}

// Every claim passes, and what it writes, figures included, is the same for any
// number of workers.
func TestClaimsPassAndReproduce(t *testing.T) {
	for _, c := range All() {
		t.Run(c.Name, func(t *testing.T) {
			if testing.Short() && c.Name == "digits-sgd" {
				t.Skip("trains a network twice")
			}
			rows, first := execute(t, c, 1)
			for _, r := range rows {
				require.Equal(t, claim.Pass, r.Verdict, "%s: %s", r.Name, r.Why)
			}
			_, second := execute(t, c, 4)
			require.True(t, bytes.Equal(first, second), "two runs of one seed differ")
		})
	}
}

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
