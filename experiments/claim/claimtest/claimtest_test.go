package claimtest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
)

// watched is a test that notes its failure instead of ending.
type watched struct {
	testing.TB
	failed bool
}

func (w *watched) Helper()               {}
func (w *watched) Errorf(string, ...any) { w.failed = true }
func (w *watched) FailNow()              { w.failed = true }

// A check is sharp if a prediction that is off by a quarter fails.
func TestRequireSharpSeesBluntChecks(t *testing.T) {
	c := claim.Claim{Numbers: []int{1}, Name: "some", Findings: []claim.Finding{{Key: "other", Reason: "A reason."}}}
	found := func(instead claim.Prediction) claim.Check {
		return claim.Check{Predicted: claim.AtMost(1), Measured: claim.Measured(2), Finding: "other", Instead: instead}
	}
	for name, test := range map[string]struct {
		check claim.Check
		blunt bool
	}{
		"exact":               {claim.Check{Predicted: claim.Exact(2), Measured: claim.Measured(2)}, false},
		"near":                {claim.Check{Predicted: claim.Near(2, 0.4), Measured: claim.Measured(2)}, false},
		"near everything":     {claim.Check{Predicted: claim.Near(2, 0.6), Measured: claim.Measured(2)}, true},
		"small, near":         {claim.Check{Predicted: claim.Near(0.01, 0.002), Measured: claim.Measured(0.01)}, false},
		"small, everything":   {claim.Check{Predicted: claim.Near(0.01, 0.01), Measured: claim.Measured(0.01)}, true},
		"relative":            {claim.Check{Predicted: claim.NearRelative(-4, 0.1), Measured: claim.Measured(-4)}, false},
		"zero":                {claim.Check{Predicted: claim.Near(0, 0.2), Measured: claim.Measured(0)}, false},
		"covered":             {claim.Check{Predicted: claim.Covered(2, 1), Measured: claim.MeasuredIn(2, 1.6, 2.4)}, false},
		"covered by too much": {claim.Check{Predicted: claim.Covered(2, 2), Measured: claim.MeasuredIn(2, 1.4, 2.6)}, true},
		"bound":               {claim.Check{Predicted: claim.AtMost(3), Measured: claim.Measured(2)}, false},
		"found":               {found(claim.Near(2, 0.1)), false},
		"found everything":    {found(claim.Near(2, 1)), true},
		"skipped":             {claim.Check{Skip: "Not here."}, false},
	} {
		w := &watched{TB: t}
		claimtest.RequireSharp(w, c, claim.Outcome{Checks: []claim.Check{test.check}}, 0.25)
		require.Equal(t, test.blunt, w.failed, name)
	}
}

func TestRequireKeptSeesFailures(t *testing.T) {
	for verdict, fails := range map[claim.Verdict]bool{claim.Pass: false, claim.Found: false, claim.Fail: true, claim.NotTested: true} {
		w := &watched{TB: t}
		claimtest.RequireKept(w, []claim.Row{{Name: "some", Verdict: verdict}})
		require.Equal(t, fails, w.failed, verdict)
	}
}
