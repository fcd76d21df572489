package convex

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

func requireAlternative(t require.TestingT, points [][]float64, a Alternative) {
	if a.Direction == nil {
		sum := exactCombination(rationals(points), a.Support, rational(a.Weights))
		require.InDelta(t, a.Residual, floats.Norm(rounded(sum), 2), 1e-12)
		require.InDelta(t, 0, a.Residual, 1e-12)
		require.InDelta(t, 1, floats.Sum(a.Weights), 1e-14)
		require.GreaterOrEqual(t, floats.Min(a.Weights), 0.0)
		return
	}
	require.Nil(t, a.Weights)
	for _, p := range rationals(points) {
		require.Positive(t, exactDot(p, rational(a.Direction)).Sign())
	}
}

func TestLawDirection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := smallIntegers(t, 6, 12, 3)
		a, err := Direction(points)
		require.NoError(t, err)
		requireAlternative(t, points, a)
		exact := rationals(points)
		e, err := ExactDirection(exact)
		require.NoError(t, err)
		require.Equal(t, e.Direction != nil, a.Direction != nil)
		require.NotEqual(t, e.Direction != nil, e.Weights != nil)
		for _, p := range exact {
			require.True(t, e.Direction == nil || exactDot(p, e.Direction).Sign() > 0)
		}
		if e.Weights != nil {
			sum := exactCombination(exact, e.Support, e.Weights)
			require.Zero(t, exactDot(sum, sum).Sign())
		}
	})
}

// Lengths do not matter for the alternative; in plain floating point the short
// gradients would drown.
func TestDirectionOfMixedLengths(t *testing.T) {
	points := [][]float64{{1e-200, 1e-200}, {1e200, -2e200}, {1e-320, 0}, {1e308, 1e308}}
	a, err := Direction(points)
	require.NoError(t, err)
	requireAlternative(t, points, a)
	require.Greater(t, a.Margin, .1)

	a, err = Direction([][]float64{{1e-100, 0}, {-1e100, 0}, {0, 1}})
	require.NoError(t, err)
	require.Nil(t, a.Direction)
	require.Equal(t, []int{0, 1}, a.Support)
	require.InDelta(t, 1, a.Weights[0], 1e-15)
	require.InEpsilon(t, 1e-200, a.Weights[1], 1e-15)
	require.Less(t, a.Residual, 1e-115)
}

func TestDirectionOfNarrowCone(t *testing.T) {
	for _, width := range []float64{1e-3, 1e-8, 1e-12} {
		points := [][]float64{{1, width}, {-1, width}}
		a, err := Direction(points)
		require.NoError(t, err)
		requireAlternative(t, points, a)
		require.InEpsilon(t, width, a.Margin, 1e-3)
	}
	// Below the rounding level floats decline, rationals do not.
	points := [][]float64{{1, 1e-18}, {-1, 1e-18}}
	a, err := Direction(points)
	require.NoError(t, err)
	require.Nil(t, a.Direction)
	e, err := ExactDirection(rationals(points))
	require.NoError(t, err)
	require.NotNil(t, e.Direction)
}

func TestDirectionOfZeroVector(t *testing.T) {
	a, err := Direction([][]float64{{1, 2}, {0, math.Copysign(0, -1)}})
	require.NoError(t, err)
	require.Equal(t, Alternative{Support: []int{1}, Weights: []float64{1}}, a)
}

// Norms of rows may overflow although their coordinates do not.
func TestDirectionOfLongestRows(t *testing.T) {
	top := math.MaxFloat64
	a, err := Direction([][]float64{{top, top, top}, {-top, -top, -top}, {0, 1, 0}})
	require.NoError(t, err)
	require.Equal(t, Alternative{Support: []int{0, 1}, Weights: []float64{.5, .5}}, a)
	a, err = Direction([][]float64{{top, top, top}, {-top / 4, -top / 4, -top / 4}})
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{.2, .8}, a.Weights, 1e-15)
	require.LessOrEqual(t, a.Residual, 1e-15*top)
}
