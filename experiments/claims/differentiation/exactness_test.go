package differentiation

import (
	"context"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr/parse"
)

// The truth agrees with derivatives known on paper.
func TestExactGradient(t *testing.T) {
	f, err := parse.Parse("x^2*y + relu(x - y)")
	require.NoError(t, err)
	got, err := exactGradient(f, []float64{1.5, 0.25}) // 2xy + 1, x² − 1
	require.NoError(t, err)
	for i, want := range []*big.Rat{big.NewRat(7, 4), big.NewRat(5, 4)} {
		difference, _ := new(big.Rat).Sub(got[i], want).Float64()
		require.InDelta(t, 0, difference, 1e-60)
	}
}

// For larger steps one-sided quotients have the error of truncation, and that of
// central ones falls by four when the step is halved.
func TestTruncation(t *testing.T) {
	f, err := parse.Parse(differentiable("polynomial"))
	require.NoError(t, err)
	d := differences{precision: arithmetics[1].precision, unit: unit}
	require.NoError(t, d.study(context.Background(), contextOf(t, exactness()), f, 20))
	for k := 10; k < 20; k++ {
		require.InEpsilon(t, 1, d.oneSided[k]/d.oneSidedTruncation[k], 0.2)
		require.InEpsilon(t, 4, d.centralTruncation[k-1]/d.centralTruncation[k], 0.01)
	}
}

// Central quotients in the place of one-sided ones, and difference quotients in
// the place of automatic differentiation, are found out.
func TestWrongDerivativesFail(t *testing.T) {
	c := exactness()
	found, err := measureDifferences(context.Background(), contextOf(t, c))
	require.NoError(t, err)
	judge := func() []string {
		outcome, err := runExactness(context.Background(), contextOf(t, c))
		require.NoError(t, err)
		outcome.Checks = exponentChecks(found)
		return notPassing(t, c, outcome)
	}
	require.Empty(t, judge())
	for i := range found {
		found[i].oneSided, found[i].central = found[i].central, found[i].oneSided
		found[i].ad = found[i].central[20]
	}
	require.Equal(t, []string{"ad-in-u", "one-sided-in-u", "central-in-u", "one-sided-truncation", "central-truncation"}, judge())
}
