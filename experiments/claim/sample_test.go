package claim_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// Quantiles of Student's distribution from a table: t(0.975; 3) = 3.182446.
func TestMeanOfFourNumbers(t *testing.T) {
	m := claim.Mean([]float64{1, 2, 3, 6}, 0.05)
	require.Equal(t, 3.0, m.Value)
	half := 3.182446 * math.Sqrt(14.0/3) / 2 // s² = (4 + 1 + 0 + 9)/3
	require.InDelta(t, 3-half, m.Lower, 1e-5)
	require.InDelta(t, 3+half, m.Upper, 1e-5)
}

// The interval of normal samples of five holds the true mean as often as it says.
func TestMeanCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const trials, alpha = 4000, 0.1
	missed := 0
	for range trials {
		sample := make([]float64, 5)
		for i := range sample {
			sample[i] = 7 + 3*rng.NormFloat64()
		}
		if m := claim.Mean(sample, alpha); m.Lower > 7 || m.Upper < 7 {
			missed++
		}
	}
	share := claim.Proportion(missed, trials, claim.Alpha)
	require.LessOrEqual(t, share.Lower, alpha)
	require.GreaterOrEqual(t, share.Upper, alpha)
}

func TestMeanNeedsTwoValues(t *testing.T) {
	row := judge(t, claim.Check{Predicted: claim.Near(1, 10), Measured: claim.Mean([]float64{1}, 0.05)})
	require.Equal(t, claim.Fail, row.Verdict)
	require.Contains(t, row.Why, "the mean of 1 values has no confidence interval")
}

func TestLawSlopeOfPowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		exponent, factor := rapid.Float64Range(-3, 3).Draw(t, "s"), rapid.Float64Range(0.01, 100).Draw(t, "c")
		x := []float64{0.5, 1, 3, 10, 40}
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = factor * math.Pow(v, exponent)
		}
		require.InDelta(t, exponent, claim.Slope(x, y), 1e-9)
	})
}

// Least squares by hand: log₂ y = 0, 0, 3 at log₂ x = 0, 1, 2 have slope 3/2.
func TestSlopeIsLeastSquares(t *testing.T) {
	require.InDelta(t, 1.5, claim.Slope([]float64{1, 2, 4}, []float64{1, 1, 8}), 1e-12)
}

func TestSlopeNeedsTwoPoints(t *testing.T) {
	require.True(t, math.IsNaN(claim.Slope([]float64{1}, []float64{1})))
	require.True(t, math.IsNaN(claim.Slope([]float64{1, 2}, []float64{1})))
}
