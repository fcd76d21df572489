package convex

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever the directions are, good ones, those of ties, huge, tiny or no ones, the answer is that without.
func TestLawDirectionsChangeNoExtremePoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := smallIntegers(t, 5, 25, 3)
		n := len(points[0])
		entry := rapid.SampledFrom([]float64{0, 1, -1, 2, -3, 0.1, 1e300, -1e-310, math.Inf(1), math.NaN()})
		directions := rapid.SliceOfN(rapid.SliceOfN(entry, n, n), 0, 80).Draw(t, "directions")
		exact := rationals(points)
		want, err := ExactExtreme(exact)
		require.NoError(t, err)
		got, err := ExactExtremeAlong(t.Context(), exact, directions)
		require.NoError(t, err)
		require.Equal(t, want, got)
		got, err = ExtremeAlong(t.Context(), points, 0, directions)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

// The corners of a cube are known by the directions to them, without a search; the point inside is not.
func TestDirectionsFindCorners(t *testing.T) {
	points := [][]float64{{0, 0, 0}}
	for i := range 8 {
		points = append(points, []float64{float64(2*(i&1) - 1), float64(i&2 - 1), float64(i&4/2 - 1)})
	}
	h := newExactHull(newLattice(rationals(points)).points)
	h.along(points)
	require.Len(t, h.found, 8)
	f := newHull(points, 0)
	f.along(points)
	require.Len(t, f.found, 8)
}

// Two points that differ by less than rounding along a direction are left to the search, and a point that rounding
// puts ahead is not taken for extreme.
func TestDirectionsWithinRounding(t *testing.T) {
	points := rationals([][]float64{{0, 0}, {1, 1}, {1, -1}, {1, 0x1p-60}, {1 + 0x1p-52, 0}})
	h := newExactHull(newLattice(points).points)
	require.Equal(t, -1, h.ends([]float64{1, 0}, 0x1p-50)[1])
	got, err := ExactExtremeAlong(t.Context(), points, [][]float64{{1, 0}, {1, 0x1p-60}})
	require.NoError(t, err)
	want, err := ExactExtreme(points)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestDirectionsOfAnotherDimension(t *testing.T) {
	_, err := ExtremeAlong(t.Context(), [][]float64{{1, 2}}, 0, [][]float64{{1, 2}, {1}})
	require.ErrorIs(t, err, ErrDimension)
	require.ErrorContains(t, err, "directions, point 1")
	_, err = ExactExtremeAlong(t.Context(), rationals([][]float64{{1, 2}}), [][]float64{{1}})
	require.ErrorIs(t, err, ErrDimension)
}
