package convex

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// planar draws a list of points in ℝ² with few different coordinates.
func planar(t *rapid.T) [][]float64 {
	entry := rapid.IntRange(-3, 3)
	var points [][]float64
	for range rapid.IntRange(1, 12).Draw(t, "points") {
		points = append(points, []float64{float64(entry.Draw(t, "x")), float64(entry.Draw(t, "y"))})
	}
	return points
}

// The hull has the extreme points that membership in rationals finds, in
// counter-clockwise order, from the smallest; its area is the sum of the areas of a
// triangulation from another vertex.
func TestLawHull2(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := planar(t)
		hull, err := Hull2(points)
		require.NoError(t, err)
		exactHull, err := ExactHull2(rationals(points))
		require.NoError(t, err)
		require.Equal(t, hull, exactHull)

		kept, err := ExactExtreme(rationals(points))
		require.NoError(t, err)
		require.Equal(t, kept[0], hull[0])
		require.ElementsMatch(t, kept, hull)
		twice := 0.0
		for k := range hull {
			a, b, c := points[hull[k]], points[hull[(k+1)%len(hull)]], points[hull[(k+2)%len(hull)]]
			if len(hull) > 2 {
				require.Positive(t, (b[0]-a[0])*(c[1]-b[1])-(b[1]-a[1])*(c[0]-b[0]))
			}
			twice += a[0]*b[1] - a[1]*b[0]
		}
		area, err := Area2(points)
		require.NoError(t, err)
		require.Equal(t, twice/2, area)
		exact, err := ExactArea2(rationals(points))
		require.NoError(t, err)
		require.Zero(t, exact.Cmp(new(big.Rat).SetFloat64(twice/2)))
	})
}

// Orientation is exact where plain floating point is wrong: near-collinear points
// (Kettner et al., "Classroom examples of robustness problems in geometric
// computations", Comput. Geom. 40, 2008), huge and tiny ones.
func TestLawTurnIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		ulps := func(c float64) float64 { return c + float64(rng.IntN(256))*0x1p-53 }
		a, b, c := []float64{ulps(.5), ulps(.5)}, []float64{12, 12}, []float64{24, 24}
		e := rapid.SampledFrom([]int{0, 0, -540, -539, -538, -537, -536, -530, -1074, 1018}).Draw(t, "exponent")
		if e < 0 { // where products underflow, small numbers
			for _, p := range [][]float64{a, b, c} {
				p[0], p[1] = float64(rng.IntN(16)), float64(rng.IntN(16))
			}
		}
		for _, p := range [][]float64{a, b, c} {
			p[0], p[1] = math.Ldexp(p[0], e), math.Ldexp(p[1], e)
		}
		want := exactTurn(exactPoint(a), exactPoint(b), exactPoint(c)).Sign()
		require.Equal(t, want, turn(a, b, c))
		require.Equal(t, -want, turn(b, a, c))
	})
}

func TestHull2Known(t *testing.T) {
	for name, c := range map[string]struct {
		points [][]float64
		want   []int
		area   float64
	}{
		"point":      {[][]float64{{1, 2}, {1, 2}}, []int{0}, 0},
		"segment":    {[][]float64{{1, 1}, {0, 0}, {2, 2}}, []int{1, 2}, 0},
		"triangle":   {[][]float64{{1, 0}, {0, 0}, {0, 1}, {.25, .25}}, []int{1, 0, 2}, .5},
		"square":     {[][]float64{{1, 1}, {1, 0}, {0, 1}, {0, 0}, {.5, 0}, {1, .5}}, []int{3, 1, 0, 2}, 1},
		"far square": {[][]float64{{1e15 + 1, 1e15 + 1}, {1e15 + 1, 1e15}, {1e15, 1e15 + 1}, {1e15, 1e15}}, []int{3, 1, 0, 2}, 1},
	} {
		hull, err := Hull2(c.points)
		require.NoError(t, err, name)
		require.Equal(t, c.want, hull, name)
		area, err := Area2(c.points)
		require.NoError(t, err, name)
		require.Equal(t, c.area, area, name)
	}
}

// A polygon is found exactly, both from inside and from outside, in some calls a
// vertex; what the corners listed by hand say is the truth.
func TestLawOutlineOfPolygon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCorners(t, 2, 2)
		hull, err := Hull2(c.points)
		require.NoError(t, err)
		want, err := Area2(c.points)
		require.NoError(t, err)
		lower, upper, err := AreaOver2(c.set, 2*len(hull)+4)
		require.NoError(t, err)
		require.InDelta(t, want, lower, 1e-10)
		require.InDelta(t, want, upper, 1e-10)
		inner, outer, err := Outline2(c.set, 4)
		require.NoError(t, err)
		for _, p := range inner {
			require.True(t, slices.ContainsFunc(c.points, func(q []float64) bool { return slices.Equal(p, q) }))
		}
		for _, p := range c.points {
			m, err := Contains(outer, p, 1e-12)
			require.NoError(t, err)
			require.True(t, m.Inside)
		}
	})
}

// Two support lines of a segment, one from each side, leave nothing between them but
// rounding errors.
func TestOutlineOfSegment(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	for range 200 {
		// The image rounds the direction, so that its choice of an end is not the
		// one that the product with the end would make.
		ends, rows := gaussian(rng, 2, 2, unitScale), gaussian(rng, 2, 2, unitScale)
		inner, outer, err := Outline2(must(Image(rows, must(Segment(ends[0], ends[1])))), 8)
		require.NoError(t, err)
		require.Len(t, inner, 2)
		area, err := Area2(outer)
		require.NoError(t, err)
		require.InDelta(t, 0, area, 1e-12)
	}
}

func TestOutlineOfDisc(t *testing.T) {
	for _, calls := range []int{4, 7, 16, 50, 100, 1000} {
		lower, upper, err := AreaOver2(must(Ball([]float64{3, -5}, 1)), calls)
		require.NoError(t, err)
		allowed := 8 * math.Pow(math.Pi, 3) / (3 * float64(calls*calls))
		require.Less(t, lower, math.Pi)
		require.Greater(t, upper, math.Pi)
		require.Greater(t, lower, math.Pi-allowed)
		require.Less(t, upper, math.Pi+allowed)
	}
}

// Where the oracle knows bounds only, the polygons still are inside and outside.
func TestOutlineOfBounded(t *testing.T) {
	square := must(Box([]float64{-1, -1}, []float64{1, 1}))
	lower, upper, err := AreaOver2(&loose{square, .25}, 40)
	require.NoError(t, err)
	require.Equal(t, 4.0, lower)
	// Bounds that are off by ¼ are those of the square with a disc of that radius added.
	require.LessOrEqual(t, upper, 6.25+1e-12)
	require.GreaterOrEqual(t, upper, 6+math.Pi/16)
	rng := rand.New(rand.NewPCG(3, 8))
	for range 100 {
		set := &vague{must(Polytope(gaussian(rng, 10, 2, unitScale))), rng, rng.Float64()}
		exact, _, err := AreaOver2(set.Set, 100)
		require.NoError(t, err)
		lower, upper, err = AreaOver2(set, 30)
		require.NoError(t, err)
		require.LessOrEqual(t, lower, exact+1e-12)
		require.GreaterOrEqual(t, upper, exact-1e-12)
	}
}

func TestPlanarErrors(t *testing.T) {
	_, err := Hull2([][]float64{{1, 2, 3}})
	require.ErrorIs(t, err, ErrPlane)
	_, err = Area2(nil)
	require.ErrorIs(t, err, ErrEmpty)
	_, err = Hull2([][]float64{{1, math.NaN()}})
	require.ErrorIs(t, err, ErrNotFinite)
	_, err = ExactArea2([][]*big.Rat{{nil, nil}})
	require.ErrorIs(t, err, ErrNil)
	_, _, err = AreaOver2(must(Simplex(3)), 10)
	require.ErrorIs(t, err, ErrPlane)
	_, _, err = Outline2(broken{math.NaN()}, 10)
	require.ErrorIs(t, err, ErrNotFinite)
	_, _, err = Outline2(nil, 10)
	require.ErrorIs(t, err, ErrSet)
}
