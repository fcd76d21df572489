package clarke_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/clarke"
)

var curved = rapid.OneOf(
	recipes(ingredients{ops: curvedOps, dyadic: true}),
	recipes(ingredients{ops: curvedOps, dyadic: true, tangent: true, steps: 6}),
	conditional(),
)

// No limit of derivatives, along curves of any kind, lies outside of a set that
// is said to be exact.
func TestLawExactSetsMissNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := curved.Draw(t, "recipe")
		f := r.build(t, seeded(t))
		s := at(t, f, r.point())
		require.Equal(t, "rational", s.Arithmetic)
		if !s.Exact {
			return
		}
		rng := seeded(t)
		for range 12 {
			curve := randomCurve(rng, len(r.x))
			if inside(t, exacts(s), r.function().quotients(on(r.x, curve, curveTimes[0]), curveStep)) {
				continue // a limit, if there is one
			}
			j, ok := r.function().limit(r.x, curve...)
			require.False(t, ok, "the derivative has the limit %v along %v", j, curve)
		}
	})
}

// Whether exact or not, vertices are limits along their certificates.
func TestLawVerticesOfCurvedProgramsAreLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := curved.Draw(t, "recipe")
		s := at(t, r.build(t, seeded(t)), r.point())
		rng := seeded(t)
		for _, c := range s.Certificates {
			j, ok := r.function().limit(r.x, shortened(c.Direction.Exact), randomInts(rng, len(r.x), 1<<20), randomInts(rng, len(r.x), 1<<20))
			require.True(t, ok)
			require.Equal(t, textsOf([][]*big.Rat{c.Vertex.Exact}), textsOf([][]*big.Rat{j}))
		}
	})
}

// Qualified sets are the hulls of all selections.
func TestLawQualifiedSetsAreHullsOfTheField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := curved.Draw(t, "recipe")
		f := r.build(t, seeded(t))
		s := at(t, f, r.point())
		all, ok := newBrute(t, f, r.point()).selections(64)
		if !ok || !s.Qualified {
			return
		}
		require.True(t, s.Exact)
		var field [][]*big.Rat
		for _, s := range all {
			field = append(field, s.jacobian)
		}
		requireExtreme(t, exacts(s), distinct(field))
	})
}

func exacts(s *clarke.Subdifferential) [][]*big.Rat { return clarke.Point(s.Vertices).Exact() }
