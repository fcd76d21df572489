package explain

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func fieldOf(t require.TestingT, expression string, x, y int64) *conservative.Field {
	f, err := parse.Parse(expression)
	require.NoError(t, err)
	require.Len(t, f.In(), 2)
	d, err := conservative.At(context.Background(), f, clarke.RationalPoint([]*big.Rat{big.NewRat(x, 1)}, []*big.Rat{big.NewRat(y, 1)}), conservative.Options{})
	require.NoError(t, err)
	require.Empty(t, d.Refused, expression)
	return d
}

func drawnRegion(t require.TestingT, d *conservative.Field) [][]figure.Point {
	parts, known, err := region(d)
	require.NoError(t, err)
	require.True(t, known)
	return parts
}

func total(parts [][]figure.Point) (sum float64) {
	for _, p := range parts {
		sum += area(p)
	}
	return sum
}

// T28 and T44 have bow ties: {(t, r): |r| ≤ |t| ≤ 1}, and {(−1/4 − 2ts, t): |t|, |s| ≤ 1} of area
// ∫ 4|t| dt = 4.
func TestBowTiesAreDrawnExactly(t *testing.T) {
	tie := drawnRegion(t, fieldOf(t, "abs(x - abs(y))", 0, 0))
	require.Len(t, tie, 2)
	for _, want := range [][]figure.Point{{{X: -1, Y: -1}, {}, {X: -1, Y: 1}}, {{}, {X: 1, Y: -1}, {X: 1, Y: 1}}} {
		require.True(t, slices.ContainsFunc(tie, func(p []figure.Point) bool { return sameCorners(p, want) }), "%v", tie)
	}
	chebyshev := drawnRegion(t, fieldOf(t, "0.25*abs(x1 - 1) + abs(x2 - 2*abs(x1) + 1)", 0, -1))
	require.Len(t, chebyshev, 2)
	require.InDelta(t, 4, total(chebyshev), 1e-12)
	for _, part := range chebyshev {
		require.True(t, slices.ContainsFunc(part, func(p figure.Point) bool { return squaredDistance(p, figure.Point{X: -0.25}) < 1e-24 }))
	}
}

func sameCorners(p, q []figure.Point) bool {
	return len(p) == len(q) && !slices.ContainsFunc(p, func(a figure.Point) bool {
		return !slices.ContainsFunc(q, func(b figure.Point) bool { return squaredDistance(a, b) < 1e-24 })
	})
}

// The boundary of {(st, s + t)} is the parabola (u/2)² on one side: its area is that of
// 0 ≤ u ≤ 2, max(0, u − 1) ≤ x ≤ u²/4, which is 2/3 − 1/2 = 1/6.
func TestCurvedBoundaryIsDrawnFinely(t *testing.T) {
	parts := bilinear(figure.Point{}, figure.Point{Y: 1}, figure.Point{X: 1, Y: 2}, figure.Point{Y: 1}, maxStrips)
	var points []figure.Point
	for _, part := range parts {
		points = append(points, part...)
	}
	const cells = 400
	count := 0
	for i := range cells * cells {
		p := figure.Point{X: (float64(i%cells) + 0.5) / cells, Y: 2 * (float64(i/cells) + 0.5) / cells}
		if slices.ContainsFunc(parts, func(q []figure.Point) bool { return len(q) > 2 && inside(q, p, 0) }) {
			count++
		}
	}
	require.InDelta(t, 1./6, 2*float64(count)/(cells*cells), 1e-3)
	for _, p := range points {
		require.LessOrEqual(t, p.X, p.Y*p.Y/4+1e-12, "chords lie within")
	}
}

// planar draws programs of two inputs with a tie at 0.
func planar() *rapid.Generator[string] {
	leaf := rapid.SampledFrom([]string{"x", "y", "(x + y)", "(x - 2*y)", "(2*x - y)"})
	wide := func(inner *rapid.Generator[string]) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			a, b := inner.Draw(t, "a"), leaf.Draw(t, "b")
			return rapid.SampledFrom([]string{
				"abs(" + a + ")", "relu(" + a + " - " + b + ")", "max(" + a + ", " + b + ")", "max([" + a + ", " + b + ", -x])",
				"(" + a + " - abs(" + b + "))", "norm2([" + a + ", " + b + "])",
			}).Draw(t, "form")
		})
	}
	return wide(wide(leaf))
}

// Every element of D is drawn, up to chords of curved boundaries; and what is drawn is in D.
func TestLawDrawnRegionIsD(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := fieldOf(t, "0*x + 0*y + "+planar().Draw(t, "first")+" - "+planar().Draw(t, "second"), 0, 0)
		sets, _ := slotSets(d)
		if patches(sets) > 512 { // takes long
			return
		}
		parts, known, err := region(d)
		require.NoError(t, err)
		if !known || len(parts) == 0 {
			return
		}
		size := 1.0
		for _, p := range slices.Concat(parts...) {
			size = max(size, math.Abs(p.X), math.Abs(p.Y))
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for range 50 {
			v, err := d.Sample(rng)
			require.NoError(t, err)
			p := figure.Point{X: v.Float[0], Y: v.Float[1]}
			require.True(t, slices.ContainsFunc(parts, func(q []figure.Point) bool { return distance(q, p) <= 0.01*size }), "%v is not drawn", p)
		}
		part := parts[rng.IntN(len(parts))]
		if area(part) < 0.02*size*size { // such as between a curve and its chord
			return
		}
		var middle figure.Point
		for _, p := range part {
			middle.X, middle.Y = middle.X+p.X/float64(len(part)), middle.Y+p.Y/float64(len(part))
		}
		m, err := d.Contains(context.Background(), clarke.Floats([]float64{middle.X, middle.Y}))
		require.NoError(t, err)
		require.NotEqual(t, clarke.No, m.Verdict, "%v is drawn", middle)
	})
}

// distance is that of a point from a convex polygon.
func distance(polygon []figure.Point, p figure.Point) float64 {
	if len(polygon) > 2 && inside(polygon, p, 0) {
		return 0
	}
	least := math.Inf(1)
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		along := 0.0
		if length := (b.X-a.X)*(b.X-a.X) + (b.Y-a.Y)*(b.Y-a.Y); length > 0 {
			along = min(max(((p.X-a.X)*(b.X-a.X)+(p.Y-a.Y)*(b.Y-a.Y))/length, 0), 1)
		}
		q := between(a, b, along)
		least = min(least, math.Hypot(p.X-q.X, p.Y-q.Y))
	}
	return least
}
