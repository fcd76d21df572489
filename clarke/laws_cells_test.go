package clarke_test

import (
	"context"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// families are recipes of one kind of selector each, and of all together.
var families = []*rapid.Generator[*recipe]{
	recipes(ingredients{}),
	recipes(ingredients{ops: append([]string{"linear", "again"}, stepOps...)}),
	recipes(ingredients{ops: append([]string{"linear", "again", "relu"}, rankOps...)}),
	recipes(ingredients{ops: append([]string{"linear", "again", "relu"}, permutationOps...), steps: 4}),
	recipes(ingredients{outputs: 2, steps: 4}),
}

// everyFamily runs a law on recipes, each spelled in one of many ways.
func everyFamily(t *testing.T, law func(t *rapid.T, r *recipe, f *expr.Func)) {
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.OneOf(families...).Draw(t, "recipe")
		law(t, r, r.build(t, seeded(t)))
	})
}

func seeded(t *rapid.T) *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
}

func at(t require.TestingT, f *expr.Func, x clarke.Point) *clarke.Subdifferential {
	s, err := clarke.At(context.Background(), f, x, clarke.Options{})
	require.NoError(t, err)
	return s
}

// exactly wants the set of a piecewise affine program to be proved.
func exactly(t require.TestingT, f *expr.Func, x clarke.Point) (*clarke.Subdifferential, [][]*big.Rat) {
	s := at(t, f, x)
	require.True(t, s.Exact && s.Complete, s.Why)
	require.Equal(t, "rational", s.Arithmetic)
	return s, clarke.Point(s.Vertices).Exact()
}

// The vertices are extreme points of the limiting gradients that brute force
// finds, which are in their hull.
func TestLawCellsEqualBruteForce(t *testing.T) {
	everyFamily(t, func(t *rapid.T, r *recipe, f *expr.Func) { requireBruteForce(t, f, r.point(), 64) })
}

// The same for programs of all ops and shapes, with parameters and data.
func TestLawCellsOfAllOpsEqualBruteForce(t *testing.T) {
	programs := optest.Programs(optest.Config{Class: expr.PiecewiseAffine, Vector: true})
	rapid.Check(t, func(t *rapid.T) {
		if p := programs.Draw(t, "program"); len(p.Func.Wrt()) > 0 {
			requireBruteForce(t, p.Func, clarke.RationalPoint(p.Rats()...), 16)
		}
	})
}

func requireBruteForce(t require.TestingT, f *expr.Func, x clarke.Point, most int) {
	all, ok := newBrute(t, f, x).selections(most)
	if !ok {
		return
	}
	limits := limiting(all)
	_, vertices := exactly(t, f, x)
	requireExtreme(t, vertices, limits)
}

// requireExtreme wants the list of extreme points of a set of points.
func requireExtreme(t require.TestingT, vertices, all [][]*big.Rat) {
	for i, v := range vertices {
		require.Contains(t, textsOf(all), textsOf([][]*big.Rat{v})[0], "a vertex that is no limit")
		if len(v) <= 3 {
			require.False(t, inHull(append(append([][]*big.Rat{}, vertices[:i]...), vertices[i+1:]...), v), "%v is no vertex", v)
		}
	}
	requireInHull(t, vertices, all...)
}

// requireInHull wants points in a hull.
func requireInHull(t require.TestingT, hull [][]*big.Rat, points ...[]*big.Rat) {
	for _, p := range points {
		require.True(t, inside(t, hull, p), "%v is a limit outside the hull of %v", textsOf([][]*big.Rat{p}), textsOf(hull))
	}
}

// inside decides by elimination, unless there are too many numbers for that.
func inside(t require.TestingT, hull [][]*big.Rat, p []*big.Rat) bool {
	if slices.ContainsFunc(hull, func(v []*big.Rat) bool { return equal(v, p) }) {
		return true
	}
	if len(p) <= 3 {
		return inHull(hull, p)
	}
	yes, err := clarke.HullContains(vectors(hull), clarke.Rational(p))
	require.NoError(t, err)
	return yes
}

func vectors(points [][]*big.Rat) (out []clarke.Vector) {
	for _, p := range points {
		out = append(out, clarke.Rational(p))
	}
	return out
}

func textsOf(points [][]*big.Rat) [][]string { return texts(vectors(points)) }
