package subgradient

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/claim/claimtest"
	"github.com/tamegrad/tamegrad/expr"
)

// One node for all samples has one choice, which the signs cancel: another program
// of the same mean, whose field is {0}.
func TestSharedKinkOfAllSamples(t *testing.T) {
	p, err := at("let y = abs(x); (y - y)/2", "0")
	require.NoError(t, err)
	d, err := vertexField(t.Context(), p)
	require.NoError(t, err)
	require.Zero(t, widest(d))
	truth, field, err := radiiOfMean(t.Context(), 2, 1)
	require.NoError(t, err)
	require.Equal(t, 0.0, truth)
	require.Equal(t, 1.0, field)
}

func TestMeanOfValues(t *testing.T) {
	f, err := meanOf(4, 3)
	require.NoError(t, err)
	p, err := at(expr.Format(f), "0")
	require.NoError(t, err)
	y, err := p.value(rationals([]int64{-6})[0].Exact)
	require.NoError(t, err)
	require.Equal(t, "3", y.RatString()) // (3 − 1)/4·6
}

// Runs that do not walk, or walk further, fail: here a walk that stands still every
// other step.
func TestSquareChecksSeeAnotherWalk(t *testing.T) {
	c := samplingExpectation()
	values, err := c.Resolve(claim.Quick, nil)
	require.NoError(t, err)
	context := &claim.Context{Claim: c.Name, Values: values, Seed: claimtest.Seed}
	rng := testRand()
	walked := make([][]float64, 2000)
	for i := range walked {
		x := 0.0
		for range 32 {
			x += stepSize(context) * float64(1-2*rng.IntN(2))
		}
		walked[i] = []float64{x}
	}
	for looks, want := range map[int]claim.Verdict{32: claim.Pass, 64: claim.Fail} {
		checks, err := squareChecks(context, []int{looks}, walked)
		require.NoError(t, err)
		rows, err := claim.Rows(c, values, claim.Outcome{Checks: checks})
		require.NoError(t, err)
		require.Equal(t, want, rows[0].Verdict)
	}
}
