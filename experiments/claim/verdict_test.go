package claim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// judge returns the only row of a claim with one check.
func judge(t require.TestingT, check claim.Check) claim.Row {
	c := passing()
	c.Findings = []claim.Finding{{"half", "The constant in print is twice the true one."}}
	rows, err := claim.Rows(c, nil, claim.Outcome{Checks: []claim.Check{check}})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	return rows[0]
}

func TestPredictionsAgainstMeasurements(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	exactly, in := claim.Measured, claim.MeasuredIn
	for _, test := range []struct {
		name      string
		predicted claim.Prediction
		measured  claim.Measurement
		want      claim.Verdict
	}{
		{"exact", claim.Exact(0.1), exactly(0.1), claim.Pass},
		{"one ulp off", claim.Exact(0.1), exactly(math.Nextafter(0.1, 1)), claim.Fail},
		{"exact with uncertainty", claim.Exact(1), in(1, 0.9, 1.1), claim.Fail},
		{"minus zero", claim.Exact(0), exactly(math.Copysign(0, -1)), claim.Pass},
		{"NaN predicted", claim.Exact(nan), exactly(nan), claim.Pass},
		{"NaN measured", claim.Exact(0), exactly(nan), claim.Fail},
		{"infinity", claim.Exact(inf), exactly(inf), claim.Pass},
		{"near", claim.Near(1, 0.25), exactly(1.25), claim.Pass},
		{"too far", claim.Near(1, 0.25), exactly(1.26), claim.Fail},
		{"near, vague", claim.Near(1, 0.25), in(1, 0.7, 1.1), claim.Fail},
		{"near NaN", claim.Near(1, inf), exactly(nan), claim.Fail},
		{"relative", claim.NearRelative(-1000, 1e-2), exactly(-1010), claim.Pass},
		{"relative, too far", claim.NearRelative(-1000, 1e-2), exactly(-1010.1), claim.Fail},
		{"covered", claim.Covered(0.5, 0.2), in(0.55, 0.45, 0.65), claim.Pass},
		{"not covered", claim.Covered(0.5, 0.2), in(0.6, 0.51, 0.7), claim.Fail},
		{"covered by a vague interval", claim.Covered(0.5, 0.2), in(0.5, 0, 1), claim.Fail},
		{"at most", claim.AtMost(5), in(4, 3, 5), claim.Pass},
		{"at most, undecided", claim.AtMost(5), in(4, 3, 5.1), claim.Fail},
		{"at least", claim.AtLeast(3), in(4, 3, 5), claim.Pass},
		{"at least, undecided", claim.AtLeast(3.1), in(4, 3, 5), claim.Fail},
		{"at most NaN", claim.AtMost(inf), exactly(nan), claim.Fail},
		{"never", claim.Never(0.01), claim.Occurrences(0, 1000, claim.Alpha), claim.Pass},
		{"never, too few trials", claim.Never(0.01), claim.Occurrences(0, 900, claim.Alpha), claim.Fail},
		{"never, but once", claim.Never(0.5), claim.Occurrences(1, 1000, claim.Alpha), claim.Fail},
		{"nothing measured", claim.Exact(0), claim.Measurement{}, claim.Fail},
		{"nothing predicted", claim.Prediction{}, exactly(0), claim.Fail},
		{"crossed interval", claim.AtMost(9), in(1, 2, 0), claim.Fail},
		{"interval beside the value", claim.AtMost(9), in(3, 0, 1), claim.Fail},
		{"impossible proportion", claim.AtMost(1), claim.Proportion(3, 2, claim.Alpha), claim.Fail},
		{"no trials", claim.Never(1), claim.Occurrences(0, 0, claim.Alpha), claim.Fail},
	} {
		row := judge(t, claim.Check{Predicted: test.predicted, Measured: test.measured})
		require.Equal(t, test.want, row.Verdict, test.name)
		require.Regexp(t, `^[A-Z].*\.$`, row.Why, test.name)
	}
}

func TestRowTellsWhatWasMeasured(t *testing.T) {
	row := judge(t, claim.Check{Predicted: claim.AtMost(5), Measured: claim.MeasuredIn(6, 5.5, 6.5)})
	require.Equal(t, claim.Row{
		Number: 1, Name: "passing", Sentence: "One is one.", Source: "Peano 1889", Params: jsonnum.Object{},
		Predicted: 5, Measured: 6, Lower: 5.5, Upper: 6.5,
		Verdict: claim.Fail, Why: "The measured 6 in [5.5, 6.5] is not at most 5.",
	}, row)
}

func TestFindingNeedsARegisteredReasonAndTheTruth(t *testing.T) {
	check := claim.Check{Predicted: claim.Exact(1), Measured: claim.Measured(0.5), Finding: "half", Instead: claim.Exact(0.5)}
	row := judge(t, check)
	require.Equal(t, claim.Found, row.Verdict)
	require.Equal(t, "The measured 0.5 is not exactly 1. It is exactly 0.5: The constant in print is twice the true one.", row.Why)

	holds := check
	holds.Measured = claim.Measured(1)
	require.Equal(t, claim.Pass, judge(t, holds).Verdict)

	other := check
	other.Measured = claim.Measured(0.4)
	require.Equal(t, claim.Fail, judge(t, other).Verdict)

	unregistered := check
	unregistered.Finding = "third"
	row = judge(t, unregistered)
	require.Equal(t, claim.Fail, row.Verdict)
	require.Contains(t, row.Why, `"third" is not registered`)

	silent := check
	silent.Instead = claim.Prediction{}
	require.Equal(t, claim.Fail, judge(t, silent).Verdict)
}

func TestSkippedMeasuresNothing(t *testing.T) {
	row := judge(t, claim.Skipped("The peer is not installed.").Checks[0])
	require.Equal(t, claim.NotTested, row.Verdict)
	require.True(t, math.IsNaN(float64(row.Measured)) && math.IsNaN(float64(row.Predicted)))
	require.Equal(t, "The peer is not installed.", row.Why)
}

func TestSeveralRows(t *testing.T) {
	c := passing()
	c.Numbers = []int{7, 9}
	one := claim.Check{Label: "a", Number: 9, Sentence: "S.", Source: "T", At: map[string]any{"p": 2}, Predicted: claim.Exact(1), Measured: claim.Measured(1)}
	two := one
	two.Label, two.Number = "b", 0
	rows, err := claim.Rows(c, claim.Values{"n": 3}, claim.Outcome{Checks: []claim.Check{one, two}})
	require.NoError(t, err)
	require.Equal(t, "passing/a", rows[0].Name)
	require.Equal(t, 9, rows[0].Number)
	require.Equal(t, 7, rows[1].Number)
	require.Equal(t, "S.", rows[1].Sentence)
	require.Equal(t, jsonnum.Object{"n": 3, "p": 2}, rows[0].Params)

	for name, checks := range map[string][]claim.Check{
		"none": {}, "same label": {one, one}, "no label": {{}, one},
		"foreign number": {{Number: 8}}, "clash": {{At: map[string]any{"n": 1}}},
	} {
		_, err := claim.Rows(c, claim.Values{"n": 3}, claim.Outcome{Checks: checks})
		var wrong *claim.OutcomeError
		require.ErrorAs(t, err, &wrong, name)
	}
}

// The oracle is the definition: the binomial tail at the bound is alpha.
func TestClopperPearsonSolvesItsEquation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		k := rapid.IntRange(0, n).Draw(t, "k")
		alpha := rapid.SampledFrom([]float64{0.05, 1e-4, 5e-5}).Draw(t, "alpha")
		m := claim.Proportion(k, n, alpha)
		require.LessOrEqual(t, m.Lower, m.Value)
		require.LessOrEqual(t, m.Value, m.Upper)
		if k < n {
			require.InEpsilon(t, alpha/2, binomialTail(n, m.Upper, 0, k), 1e-6)
			require.InEpsilon(t, alpha, binomialTail(n, claim.ClopperPearsonUpper(k, n, alpha), 0, k), 1e-6)
		}
		if k > 0 {
			require.InEpsilon(t, alpha/2, binomialTail(n, m.Lower, k, n), 1e-6)
		}
	})
}

func binomialTail(n int, p float64, from, to int) (sum float64) {
	for k := from; k <= to; k++ {
		sum += distuv.Binomial{N: float64(n), P: p}.Prob(float64(k))
	}
	return sum
}

// Without events the bound is 1 − α^(1/n); the quantile must join it continuously for many trials.
func TestClopperPearsonForManyTrials(t *testing.T) {
	require.InEpsilon(t, 9.21029796e-6, claim.ClopperPearsonUpper(0, 1e6, 1e-4), 1e-7)
	previous := 0.0
	for k := range 20 {
		upper := claim.ClopperPearsonUpper(k, 1e6, 1e-4)
		require.Greater(t, upper, previous)
		require.Less(t, upper, 1e-4)
		previous = upper
	}
}

// What passes is told in six digits; what fails in all of them, as the last ones may be why.
func TestReasonsRoundOnlyWhatPasses(t *testing.T) {
	third := 1.0 / 3
	passed := judge(t, claim.Check{Predicted: claim.Near(third, 1e-9), Measured: claim.MeasuredIn(third, third, math.Nextafter(third, 1))})
	require.Equal(t, "The measured 0.333333 in [0.333333, 0.333333] is 0.333333 up to 1e-09.", passed.Why)
	failed := judge(t, claim.Check{Predicted: claim.Exact(third), Measured: claim.Measured(math.Nextafter(third, 1))})
	require.Equal(t, "The measured 0.33333333333333337 is not exactly 0.3333333333333333.", failed.Why)
}

// A measurement without a number says so, and no interval of two NaNs.
func TestEmptyIntervalIsNotMeasured(t *testing.T) {
	why := func(p claim.Prediction) string {
		return judge(t, claim.Check{Predicted: p, Measured: claim.Measured(math.NaN())}).Why
	}
	require.Equal(t, "Not measured: NaN is not exactly 2.", why(claim.Exact(2)))
	require.Equal(t, "The measured NaN is exactly NaN.", why(claim.Exact(math.NaN())))
}
