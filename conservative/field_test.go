package conservative_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func pointsOf(v []clarke.Vector) [][]float64 { return clarke.Point(v).Floats() }

func hausdorff(a, b [][]float64) (float64, error) { return convex.Hausdorff(a, b) }

func parsed(t testing.TB, text string, opts ...parse.Option) *expr.Func {
	f, err := parse.Parse(text, opts...)
	require.NoError(t, err)
	return f
}

func field(t testing.TB, f *expr.Func, x clarke.Point, o conservative.Options) *conservative.Field {
	d, err := conservative.At(context.Background(), f, x, o)
	require.NoError(t, err)
	return d
}

func origin(n int) clarke.Point { return clarke.RationalPoint(vectorOfZeros(n).Exact) }

func vectorOfZeros(n int) clarke.Vector { return vector(nil, strings.Fields(strings.Repeat("0 ", n))) }

// The cube [−1, 1]^n, the zonotope of n parallel kinks.
func TestManyParallelKinks(t *testing.T) {
	f := parsed(t, "norm1(v)", parse.Shapes(map[string][]int{"v": {10}}))
	d := field(t, f, origin(10), conservative.Options{})
	require.True(t, d.Complete)
	require.Len(t, d.Vertices, 1024)
	require.True(t, d.Affine)
	require.Equal(t, clarke.Yes, d.ContainsZero)

	f = parsed(t, "norm1(v)", parse.Shapes(map[string][]int{"v": {40}}))
	d = field(t, f, origin(40), conservative.Options{})
	require.False(t, d.Complete)
	require.Nil(t, d.Vertices)
	require.Contains(t, d.Why, "budget")
	require.Equal(t, clarke.Yes, d.ContainsZero, "the middle of all slots gives 0")
	require.Len(t, d.Kinks, 40)
}

// Points that differ by less than a float can tell are one vertex, and two in rationals.
func TestVerticesAreDistinctAfterRounding(t *testing.T) {
	f := parsed(t, "8*x + abs(1e-18*x)")
	d := field(t, f, clarke.FloatPoint([]float64{0}), conservative.Options{})
	require.Equal(t, [][]float64{{8}}, pointsOf(d.Vertices))
	d = field(t, f, origin(1), conservative.Options{})
	require.Len(t, d.Vertices, 2)
}

// The cube [1/2, 3/2]^20 has too many vertices, but a support function.
func TestBudgetIsForVerticesOnly(t *testing.T) {
	f := parsed(t, "sum(v) + 0.5*norm1(v)", parse.Shapes(map[string][]int{"v": {20}}))
	d := field(t, f, origin(20), conservative.Options{MaxSlots: 4})
	require.False(t, d.Complete)
	require.Nil(t, d.Vertices)
	require.Equal(t, clarke.No, d.ContainsZero)
	require.Equal(t, clarke.No, d.HullContainsZero)
	require.Len(t, d.MinNorm.Exact, 20)
	for _, x := range d.MinNorm.Exact {
		require.Equal(t, "1/2", x.RatString())
	}
	require.Equal(t, d.Distance, d.DistanceLower)
	in, err := d.HullContains(vectorOfZeros(20))
	require.NoError(t, err)
	require.Equal(t, clarke.No, in)
}

// A norm of one entry is an absolute value, whose slot set is a polytope.
func TestNormOfOneEntry(t *testing.T) {
	d := field(t, parsed(t, "norm2([x]) + x"), clarke.FloatPoint([]float64{0}), conservative.Options{})
	require.True(t, d.Complete)
	require.Equal(t, [][]float64{{0}, {2}}, pointsOf(d.Vertices))
}

func TestBalls(t *testing.T) {
	d := field(t, parsed(t, "norm2([x, y]) + relu(x)"), clarke.FloatPoint([]float64{0}, []float64{0}), conservative.Options{})
	require.False(t, d.Complete)
	require.Contains(t, d.Why, "ball")
	require.Equal(t, clarke.Yes, d.HullContainsZero)
	require.True(t, d.Affine)
	require.Equal(t, clarke.Yes, d.ContainsZero)
	require.Len(t, d.Kinks, 2)
}

// Sorting four tied entries has 4! pieces; the weighted sum is a permutohedron.
func TestPermutohedron(t *testing.T) {
	f := parsed(t, "dot(sort(v), [1, 2, 3, 4])", parse.Shapes(map[string][]int{"v": {4}}))
	d := field(t, f, origin(4), conservative.Options{})
	require.True(t, d.Complete)
	require.Len(t, d.Vertices, 24)
	require.Equal(t, []string{"1", "2", "3", "4"}, texts(d.Vertices)[0])
	require.Equal(t, 24, d.Kinks[0].Pieces)
	require.True(t, d.Affine)
	require.InDelta(t, 5, d.Distance, 1e-15)
}

// The sum of the two largest of four tied entries is a hypersimplex.
func TestHypersimplex(t *testing.T) {
	f := parsed(t, "topksum(v, 2)", parse.Shapes(map[string][]int{"v": {4}}))
	d := field(t, f, origin(4), conservative.Options{})
	require.Len(t, d.Vertices, 6)
	require.Equal(t, []string{"0", "0", "1", "1"}, texts(d.Vertices)[0])
	require.Equal(t, 2, d.Kinks[0].Count)
}

func TestTolerance(t *testing.T) {
	f := parsed(t, "abs(x - 0.1) + relu(x)")
	x := clarke.FloatPoint([]float64{0.1 + 1e-9})
	require.Empty(t, field(t, f, x, conservative.Options{}).Kinks)
	d := field(t, f, x, conservative.Options{Tol: 1e-6})
	require.Len(t, d.Kinks, 1)
	require.Equal(t, [][]float64{{0}, {2}}, pointsOf(d.Vertices))
	require.InDelta(t, 1e-9, d.Kinks[0].Switch, 1e-15)
}

// Only x moves; the data come first in the point.
func TestDataAreNotDifferentiated(t *testing.T) {
	g := expr.NewGraph()
	x, y := g.Input("x"), g.Data("y", 2)
	f, err := g.Func(expr.In(y, x), expr.Out(expr.Mul(expr.Index(y, 1), expr.Abs(x))))
	require.NoError(t, err)
	d := field(t, f, clarke.FloatPoint([]float64{5, 3}, []float64{0}), conservative.Options{})
	require.Equal(t, [][]float64{{-3}, {3}}, pointsOf(d.Vertices))
}

func TestMistakes(t *testing.T) {
	ctx := context.Background()
	scalar := parsed(t, "abs(x)")
	for name, c := range map[string]struct {
		f *expr.Func
		x clarke.Point
		o conservative.Options
	}{
		"too few":   {scalar, nil, conservative.Options{}},
		"size":      {scalar, clarke.FloatPoint([]float64{1, 2}), conservative.Options{}},
		"NaN":       {scalar, clarke.FloatPoint([]float64{math.NaN()}), conservative.Options{}},
		"exact":     {scalar, clarke.Point{{Float: []float64{0}, Exact: origin(2).Exact()[0][:0]}}, conservative.Options{}},
		"tolerance": {scalar, origin(1), conservative.Options{Tol: -1}},
		"slots":     {scalar, origin(1), conservative.Options{MaxSlots: 99}},
	} {
		_, err := conservative.At(ctx, c.f, c.x, c.o)
		require.Error(t, err, name)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	d, err := conservative.At(stopped, scalar, origin(1), conservative.Options{})
	require.NoError(t, err)
	require.False(t, d.Complete)
	require.Contains(t, d.Why, context.Canceled.Error())
}

// One analyzer serves many points at once.
func TestAnalyzerIsConcurrent(t *testing.T) {
	a, err := conservative.NewAnalyzer(parsed(t, "relu(x - relu(y)) - relu(y - relu(x))"), conservative.Options{})
	require.NoError(t, err)
	for i := range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			x := float64(i % 2)
			d, err := a.At(context.Background(), clarke.FloatPoint([]float64{x}, []float64{x}))
			require.NoError(t, err)
			require.Len(t, d.Kinks, []int{4, 2}[i%2])
		})
	}
}
