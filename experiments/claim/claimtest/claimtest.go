// Package claimtest runs claims in tests and asks of each what every claim promises.
package claimtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// Run is one run of a claim.
type Run struct {
	Outcome claim.Outcome
	Rows    []claim.Row
	Written []byte // traces, figures and result, in the order of writing
}

// Seed is the seed of [Execute].
const Seed = 1

// Execute runs a claim in its quick profile; the test fails if that is an error.
func Execute(t testing.TB, c claim.Claim, settings ...claim.Setting) Run {
	t.Helper()
	return ExecuteWith(t, c, Seed, 2, settings...)
}

// ExecuteWith is Execute with a seed and a number of workers.
func ExecuteWith(t testing.TB, c claim.Claim, seed uint64, workers int, settings ...claim.Setting) Run {
	t.Helper()
	values, err := c.Resolve(claim.Quick, settings)
	require.NoError(t, err)
	out := &recorder{}
	outcome, err := c.Run(context.Background(), &claim.Context{
		Claim: c.Name, Profile: claim.Quick, Values: values, Seed: seed, Workers: workers, Output: out,
	})
	require.NoError(t, err)
	result, err := json.Marshal(outcome.Result)
	require.NoError(t, err)
	rows, err := claim.Rows(c, values, outcome)
	require.NoError(t, err)
	return Run{Outcome: outcome, Rows: rows, Written: append(out.Bytes(), result...)}
}

// recorder keeps everything that a claim writes.
type recorder struct {
	mu sync.Mutex
	bytes.Buffer
}

func (r *recorder) Trace(record any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	text, err := json.Marshal(record)
	r.Write(append(text, '\n'))
	return err
}

func (r *recorder) Figure(name string, d claim.Drawing) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = io.WriteString(r, name)
	return d.WriteSVG(r)
}

// Sabotaged executes a claim with another Run, one that measures something wrong on purpose, and
// returns what fails: the labels of the checks in their order, or the claim's name for a check
// without a label. A test of a claim asks that the checks which are about the wrong thing are among
// them, since a check that nothing can fail tests nothing.
func Sabotaged(t testing.TB, c claim.Claim, run func(context.Context, *claim.Context) (claim.Outcome, error), settings ...claim.Setting) []string {
	t.Helper()
	c.Run = run
	var failed []string
	for _, r := range Execute(t, c, settings...).Rows {
		if r.Verdict == claim.Fail {
			failed = append(failed, strings.TrimPrefix(r.Name, c.Name+"/"))
		}
	}
	return failed
}

// RequireKept fails the test unless every row passes or is a registered finding.
func RequireKept(t testing.TB, rows []claim.Row) {
	t.Helper()
	for _, r := range rows {
		require.Contains(t, []claim.Verdict{claim.Pass, claim.Found}, r.Verdict, "%s: %s", r.Name, r.Why)
	}
}

// RequireDecided fails the test unless what decides the checks is what the claim declares; of skipped checks nothing is known.
func RequireDecided(t testing.TB, c claim.Claim, o claim.Outcome) {
	t.Helper()
	used, skipped := map[claim.Decision]bool{}, false
	for _, check := range o.Checks {
		if check.Skip == "" {
			used[check.Predicted.Decision()] = true
		}
		skipped = skipped || check.Skip != ""
	}
	for d := range used {
		require.Contains(t, c.Decides, d)
	}
	for _, d := range c.Decides {
		require.True(t, used[d] || skipped, "no check is decided by %s", d)
	}
}

// RequireSharp fails the test if a check would also pass for a wrong prediction: one that is off
// by the share, see [claim.Prediction.Wrong]. For a finding that is one of what holds instead.
func RequireSharp(t testing.TB, c claim.Claim, o claim.Outcome, share float64) {
	t.Helper()
	for _, check := range o.Checks {
		right := check.Predicted
		if judge(t, c, check).Verdict == claim.Found {
			right = check.Instead
		}
		for _, wrong := range right.Wrong(share) {
			check.Predicted, check.Finding = wrong, ""
			row := judge(t, c, check)
			require.NotEqual(t, claim.Pass, row.Verdict, "%s passes for the wrong prediction: %s", row.Name, row.Why)
		}
	}
}

func judge(t testing.TB, c claim.Claim, check claim.Check) claim.Row {
	t.Helper()
	rows, err := claim.Rows(c, nil, claim.Outcome{Checks: []claim.Check{check}})
	require.NoError(t, err)
	return rows[0]
}
