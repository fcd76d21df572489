package stochastic

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// y = 3x² with intervals: the slope is 2, and every slope of values within the intervals lies in the
// interval of the slope.
func TestLawExponentHoldsAllSlopes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := []float64{1, 2, 4, 8, 16}
		m, inside := make([]claim.Measurement, len(x)), make([]float64, len(x))
		for i, v := range x {
			y, share := 3*v*v, rapid.Float64Range(0, 0.9).Draw(t, "share")
			m[i] = claim.MeasuredIn(y, y*(1-share), y*(1+share))
			inside[i] = y * (1 + share*rapid.Float64Range(-1, 1).Draw(t, "at"))
		}
		s := exponent(x, m)
		require.InDelta(t, 2, s.Value, 1e-12)
		slope := claim.Slope(x, inside)
		require.LessOrEqual(t, s.Lower, slope+1e-12)
		require.GreaterOrEqual(t, s.Upper, slope-1e-12)
	})
}

func TestExponentOfUnboundedIntervals(t *testing.T) {
	x := []float64{1, 2, 4}
	y := []claim.Measurement{claim.MeasuredIn(1, -1, 2), claim.MeasuredIn(2, -1, 3), claim.MeasuredIn(4, 3, 5)}
	s := exponent(x, y)
	require.InDelta(t, 1, s.Value, 1e-12)
	require.True(t, math.IsInf(s.Upper, 1))
	require.False(t, math.IsInf(s.Lower, 0))
}
