package clarke_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// Steps of different orders of magnitude: no switch that is not 0 at the point of
// a recipe changes its sign within near, and none that is not 0 at a distance of
// near within beside.
var near, beside = optest.TwoTo(-80), optest.TwoTo(-200)

// randomInts draws a direction of integers: short ones lie on kinks now and then,
// long ones almost never.
func randomInts(rng *rand.Rand, n int, size int64) []*big.Rat {
	d := zeroes(n)
	for _, x := range d {
		x.SetInt64(rng.Int64N(2*size+1) - size)
	}
	return d
}

// Derivatives at nearby points, found from values only, lie in the hull.
func TestLawNearbyDerivativesLieInTheSet(t *testing.T) {
	everyFamily(t, func(t *rapid.T, r *recipe, f *expr.Func) {
		_, vertices := exactly(t, f, r.point())
		rng := seeded(t)
		for _, size := range []int64{2, 5, 1 << 30, 1 << 30} {
			x := along(r.x, near, randomInts(rng, len(r.x), size))
			if j, ok := r.function().jacobian(x, beside); ok {
				requireInHull(t, vertices, j)
			}
		}
	})
}

// Every vertex is the derivative just beside the point along its certificate,
// and the slope of the values there.
func TestLawCertificates(t *testing.T) {
	everyFamily(t, func(t *rapid.T, r *recipe, f *expr.Func) {
		s, _ := exactly(t, f, r.point())
		require.Len(t, s.Certificates, len(s.Vertices))
		for i, c := range s.Certificates {
			require.Equal(t, s.Vertices[i], c.Vertex)
			d := shortened(c.Direction.Exact)
			j, ok := r.function().jacobian(along(r.x, near, d), beside)
			require.True(t, ok, "the program is not affine beside the point along %v", c.Direction.Float)
			require.Equal(t, textsOf([][]*big.Rat{c.Vertex.Exact}), textsOf([][]*big.Rat{j}))
			for k, y := range r.function().slope(r.x, near, d) {
				require.Equal(t, dot(j[k*len(d):][:len(d)], d).RatString(), y.RatString())
			}
		}
	})
}

// shortened divides a direction by a power of two, so that it is not long.
func shortened(d []*big.Rat) []*big.Rat {
	size := last(ascending(sizes(d)))
	bits := size.Num().BitLen() - size.Denom().BitLen()
	return along(zeroes(len(d)), optest.TwoTo(-bits), d)
}

// Every vertex is a selection: the derivative for some product of extreme points
// of the slots of the derivative itself, D(x).
func TestLawVerticesAreSelections(t *testing.T) {
	everyFamily(t, func(t *rapid.T, r *recipe, f *expr.Func) {
		all, ok := newBrute(t, f, r.point()).selections(64)
		if !ok {
			return
		}
		var field [][]*big.Rat
		for _, s := range all {
			field = append(field, s.jacobian)
		}
		_, vertices := exactly(t, f, r.point())
		for _, v := range textsOf(vertices) {
			require.Contains(t, textsOf(field), v)
		}
	})
}

// In the plane ½(f′(x; eᵢ) − f′(x; −eᵢ)) is an element (K. Khan, Y. Yuan,
// "Constructing a subgradient from directional derivatives for functions of two
// variables", J. Nonsmooth Var. Anal. Optim. 1, 2020).
func TestLawCompassDifference(t *testing.T) {
	programs := recipes(ingredients{inputs: 2})
	rapid.Check(t, func(t *rapid.T) {
		r := programs.Draw(t, "recipe")
		_, vertices := exactly(t, r.build(t, seeded(t)), r.point())
		g := zeroes(len(r.x))
		for i := range g {
			e := unit(len(g), i)
			g[i] = times(big.NewRat(1, 2), minus(r.function().slope(r.x, near, e)[0], r.function().slope(r.x, near, along(zeroes(len(g)), big.NewRat(-1, 1), e))[0]))
		}
		requireInHull(t, vertices, g)
	})
}

// The single elements that package ad and Element give are elements.
func TestLawElements(t *testing.T) {
	programs := recipes(ingredients{})
	rapid.Check(t, func(t *rapid.T) {
		r := programs.Draw(t, "recipe")
		f := r.build(t, seeded(t))
		s, vertices := exactly(t, f, r.point())
		lexicographic, err := ad.Lexicographic(f)
		require.NoError(t, err)
		requireInHull(t, vertices, flatten(runExactly(t, lexicographic, r.point().Exact())[1:]))
		e, err := clarke.NewElement(f)
		require.NoError(t, err)
		v, d, err := e.At(r.point(), seeded(t))
		require.NoError(t, err)
		requireInHull(t, vertices, v.Exact)
		j, ok := r.function().jacobian(along(r.x, near, d.Exact), beside)
		require.True(t, ok)
		require.Equal(t, textsOf([][]*big.Rat{j}), textsOf([][]*big.Rat{v.Exact}))
		for _, c := range s.Certificates {
			v, err := e.Along(r.point(), c.Direction)
			require.NoError(t, err)
			require.Equal(t, texts([]clarke.Vector{c.Vertex}), texts([]clarke.Vector{v}))
		}
	})
}

func flatten(rows [][]*big.Rat) (out []*big.Rat) {
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}
