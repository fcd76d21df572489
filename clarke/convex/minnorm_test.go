package convex

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

// requireMinNorm rechecks a result from its definition, in rationals: the weights
// make the point, and no point of the list lies below the supporting hyperplane
// by more than allowed relative to the longest point.
func requireMinNorm(t require.TestingT, points [][]float64, r MinNormPoint) {
	longest := 0.0
	for _, p := range points {
		longest = max(longest, floats.Norm(p, 2))
	}
	allowed := 4 * Tolerance(len(points[0])) * longest
	require.True(t, r.Certified)
	require.LessOrEqual(t, len(r.Support), len(points[0])+1)
	require.InDelta(t, 1, floats.Sum(r.Weights), 1e-12)
	require.GreaterOrEqual(t, floats.Min(r.Weights), 0.0)
	made := rounded(exactCombination(rationals(points), r.Support, rational(r.Weights)))
	require.LessOrEqual(t, floats.Distance(made, r.Point, 2), allowed)
	square, smallest := floats.Dot(r.Point, r.Point), math.Inf(1)
	for _, p := range points {
		product, _ := exactDot(rational(r.Point), rational(p)).Float64()
		smallest = min(smallest, product)
	}
	require.GreaterOrEqual(t, smallest, square-r.Norm*allowed)
	require.InDelta(t, square-smallest, r.Gap, max(r.Norm*allowed, math.SmallestNonzeroFloat64))
}

func TestMinNormKnown(t *testing.T) {
	cube := make([][]float64, 8)
	for i := range cube {
		cube[i] = []float64{1 + float64(i&1), 1 + float64(i>>1&1), -1 + float64(i>>2&1)}
	}
	cases := map[string]struct {
		points  [][]float64
		want    []float64
		support []int
		weights []float64
	}{
		"point":         {[][]float64{{3, -4}}, []float64{3, -4}, []int{0}, []float64{1}},
		"zero":          {[][]float64{{0, 0}, {0, 0}}, []float64{0, 0}, []int{0}, []float64{1}},
		"zero and more": {[][]float64{{1, 2}, {0, 0}}, []float64{0, 0}, []int{1}, []float64{1}},
		"line":          {[][]float64{{5}, {3}, {9}}, []float64{3}, []int{1}, []float64{1}},
		"line over 0":   {[][]float64{{5}, {-3}, {9}}, []float64{0}, nil, nil},
		"duplicates":    {[][]float64{{2, 0}, {0, 2}, {2, 0}, {0, 2}}, []float64{1, 1}, nil, []float64{.5, .5}},
		"simplex":       {[][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, []float64{1. / 3, 1. / 3, 1. / 3}, []int{0, 1, 2}, []float64{1. / 3, 1. / 3, 1. / 3}},
		"cube":          {cube, []float64{1, 1, 0}, []int{4}, []float64{1}},
		"CB3 at its minimiser": {
			[][]float64{{4, 2}, {-2, -2}, {-2, 2}},
			[]float64{0, 0},
			[]int{0, 1, 2},
			[]float64{1. / 3, 1. / 2, 1. / 6},
		},
		"Rosen–Suzuki at its minimiser": {
			[][]float64{{-5, -3, -13, 5}, {5, 7, 37, -25}, {15, 7, 27, -5}},
			[]float64{0, 0, 0, 0},
			[]int{0, 1, 2},
			[]float64{.7, .1, .2},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r, err := MinNorm(c.points)
			require.NoError(t, err)
			requireMinNorm(t, c.points, r)
			require.InDeltaSlice(t, c.want, r.Point, 1e-15)
			e, err := ExactMinNorm(rationals(c.points))
			require.NoError(t, err)
			require.InDeltaSlice(t, c.want, rounded(e.Point), 1e-15)
			if c.support != nil {
				require.Equal(t, c.support, r.Support)
				require.Equal(t, c.support, e.Support)
			}
			if c.weights != nil {
				require.InDeltaSlice(t, c.weights, r.Weights, 1e-14)
				require.InDeltaSlice(t, c.weights, rounded(e.Weights), 1e-15)
			}
		})
	}
}

func TestExactWeightsKnown(t *testing.T) {
	e, err := ExactMinNorm(rationals([][]float64{{-5, -3, -13, 5}, {5, 7, 37, -25}, {15, 7, 27, -5}}))
	require.NoError(t, err)
	require.Equal(t, "[7/10 1/10 1/5]", fmt.Sprint(e.Weights))
	require.Zero(t, e.NormSquared().Sign())
}

// The hull is a hyperplane piece at distance 10⁻¹² from 0, spanned by points of
// size 1: the point and its certificate must stay accurate relative to the
// distance, not only to the points.
func TestMinNormOfThinSlab(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		points := gaussian(rng, 30, 5, unitScale)
		for _, p := range points {
			p[2] = 1e-12
		}
		r, err := MinNorm(points)
		require.NoError(t, err)
		requireMinNorm(t, points, r)
		require.InEpsilon(t, 1e-12, r.Norm, 1e-3)
		require.Less(t, math.Abs(r.Gap), 1e-26)
	}
}

func TestMinNormScale(t *testing.T) {
	points := [][]float64{{4, 1, 0}, {-1, 2, 1}, {0, 1, 3}, {2, 2, -3}}
	plain, err := MinNorm(points)
	require.NoError(t, err)
	for _, exponent := range []int{-1060, -500, 500, 1015} {
		factor := math.Ldexp(1, exponent)
		scaled := make([][]float64, len(points))
		for i, p := range points {
			scaled[i] = floats.ScaleTo(make([]float64, 3), factor, p)
		}
		r, err := MinNorm(scaled)
		require.NoError(t, err)
		require.Equal(t, plain.Support, r.Support)
		require.Equal(t, plain.Weights, r.Weights)
		require.InEpsilon(t, plain.Norm, r.Norm/factor, 1e-3)
	}
}

func TestMinNormOfMixedScales(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 100 {
		points := gaussian(rng, 40, 6, func(i, _ int) float64 { return math.Pow(10, float64(i%17-8)) })
		for _, p := range points {
			p[0] = math.Abs(p[0])
		}
		r, err := MinNorm(points)
		require.NoError(t, err)
		requireMinNorm(t, points, r)
	}
	r, err := MinNorm([][]float64{{1e200, 0}, {1e-90, 0}, {1, 1}})
	require.NoError(t, err)
	require.Equal(t, []float64{1e-90, 0}, r.Point)
	r, err = MinNorm([][]float64{{-8}, {-1e-307}})
	require.NoError(t, err)
	require.Zero(t, r.Norm)
	require.Zero(t, r.Gap)
}

func TestLawMinNorm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := smallIntegers(t, 8, 30, 4)
		r, err := MinNorm(points)
		require.NoError(t, err)
		requireMinNorm(t, points, r)
		e, err := ExactMinNorm(rationals(points))
		require.NoError(t, err)
		requireExact(t, rationals(points), e)
		require.InDeltaSlice(t, rounded(e.Point), r.Point, 1e-12)
		require.Equal(t, e.NormSquared().Sign() == 0, r.Norm == 0)
	})
}

func TestLawMinNormReals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 6).Draw(t, "dimension")
		point := rapid.SliceOfN(rapid.Float64Range(-1e3, 1e3), dim, dim)
		points := rapid.SliceOfN(point, 1, 20).Draw(t, "points")
		r, err := MinNorm(points)
		require.NoError(t, err)
		requireMinNorm(t, points, r)
	})
}

// requireExact rechecks an exact result from its definition.
func requireExact(t require.TestingT, points [][]*big.Rat, e ExactMinNormPoint) {
	sum := new(big.Rat)
	for _, w := range e.Weights {
		require.Positive(t, w.Sign())
		sum.Add(sum, w)
	}
	require.Equal(t, "1", sum.RatString())
	require.Equal(t, fmt.Sprint(exactCombination(points, e.Support, e.Weights)), fmt.Sprint(e.Point))
	for _, p := range points {
		require.GreaterOrEqual(t, exactDot(e.Point, p).Cmp(e.NormSquared()), 0)
	}
	require.NotNil(t, bruteAffine(points, e.Support), "the support is affinely dependent")
}

func TestLawExactMinNormAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := rationals(smallIntegers(t, 3, 8, 5))
		scale := big.NewRat(1, rapid.Int64Range(1, 9).Draw(t, "denominator"))
		for _, c := range points[0] {
			c.Mul(c, scale)
		}
		e, err := ExactMinNorm(points)
		require.NoError(t, err)
		requireExact(t, points, e)
		require.Equal(t, fmt.Sprint(bruteMinNorm(points)), fmt.Sprint(e.Point))
	})
}

// Any guess, an affinely dependent one included, leads to the same point.
func TestLawExactSolverFromAnyGuess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := rationals(smallIntegers(t, 4, 12, 3))
		labels := rapid.SliceOfNDistinct(rapid.IntRange(0, len(points)-1), 0, len(points), rapid.ID).Draw(t, "guess")
		want, err := ExactMinNorm(points)
		require.NoError(t, err)
		s := exactSolver{points: newLattice(points).points}
		s.solve(labels)
		require.Equal(t, fmt.Sprint(want.Point), fmt.Sprint(ratios(s.x, new(big.Int).Mul(s.denominator, newLattice(points).denominator))))
	})
}

func TestExactMinNormOfExtremeFloats(t *testing.T) {
	points := rationals([][]float64{{1e300, 1e-300}, {5e-324, 1}, {-1e-10, 3}})
	e, err := ExactMinNorm(points)
	require.NoError(t, err)
	requireExact(t, points, e)
}

func BenchmarkMinNorm(b *testing.B) {
	points, midpoint := degenerate(rand.New(rand.NewPCG(1, 1)))
	for _, p := range points {
		floats.Sub(p, midpoint)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := MinNorm(points); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExactMinNorm(b *testing.B) {
	points := rationals(gaussian(rand.New(rand.NewPCG(1, 1)), 200, 10, unitScale))
	for b.Loop() {
		if _, err := ExactMinNorm(points); err != nil {
			b.Fatal(err)
		}
	}
}
