package convex

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

// requireMembership rechecks weights or normal in rationals.
func requireMembership(t require.TestingT, points [][]float64, v []float64, m Membership) {
	exact := rationals(points)
	near := rounded(exactCombination(exact, m.Support, rational(m.Weights)))
	require.InDeltaSlice(t, near, m.Nearest, 1e-12)
	require.InDelta(t, m.Distance, floats.Distance(v, near, 2), 1e-12)
	if m.Inside {
		require.Nil(t, m.Normal)
		return
	}
	require.InDelta(t, 1, floats.Norm(m.Normal, 2), 1e-14)
	require.Positive(t, m.Margin)
	for _, p := range exact {
		product, _ := exactDot(rational(m.Normal), exactMinus(p, rational(v))).Float64()
		require.GreaterOrEqual(t, product, m.Margin-1e-12)
	}
}

func TestLawContains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := smallIntegers(t, 5, 20, 3)
		v := points[0]
		points = append(points[1:], points[len(points)-1])
		m, err := Contains(points, v, 0)
		require.NoError(t, err)
		requireMembership(t, points, v, m)
		e, err := ExactContains(rationals(points), rational(v))
		require.NoError(t, err)
		requireExactMembership(t, rationals(points), rational(v), e)
		require.Equal(t, e.Inside, m.Inside)
	})
}

func requireExactMembership(t require.TestingT, points [][]*big.Rat, v []*big.Rat, e ExactMembership) {
	nearest := exactCombination(points, e.Support, e.Weights)
	if e.Inside {
		require.Nil(t, e.Normal)
		require.Equal(t, fmt.Sprint(v), fmt.Sprint(nearest))
		return
	}
	square := exactDot(e.Normal, e.Normal)
	require.Positive(t, square.Sign())
	require.Equal(t, fmt.Sprint(exactMinus(nearest, v)), fmt.Sprint(e.Normal))
	for _, p := range points {
		require.GreaterOrEqual(t, exactDot(e.Normal, exactMinus(p, v)).Cmp(square), 0)
	}
}

func TestContainsDegenerateMidpoints(t *testing.T) {
	for seed := range uint64(200) {
		points, midpoint := degenerate(rand.New(rand.NewPCG(seed, 1)))
		m, err := Contains(points, midpoint, 0)
		require.NoError(t, err)
		require.True(t, m.Inside)
		requireMembership(t, points, midpoint, m)
		e, err := ExactContains(rationals(points), rational(midpoint))
		require.NoError(t, err)
		require.True(t, e.Inside)
		requireExactMembership(t, rationals(points), rational(midpoint), e)
	}
}

// A vertex of the cube pushed outwards by a hair is outside for rationals.
func TestExactContainsHair(t *testing.T) {
	square := rationals([][]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}})
	v := []*big.Rat{big.NewRat(1, 2), new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 400))}
	e, err := ExactContains(square, v)
	require.NoError(t, err)
	require.True(t, e.Inside)
	v[1].Neg(v[1])
	e, err = ExactContains(square, v)
	require.NoError(t, err)
	require.False(t, e.Inside)
	requireExactMembership(t, square, v, e)
}

func TestContainsTolerance(t *testing.T) {
	square := [][]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}}
	for _, c := range []struct {
		y, tol float64
		inside bool
	}{{-1e-9, 0, false}, {-1e-9, 1e-10, false}, {-1e-9, 2e-9, true}, {0, 0, true}, {-1e-17, 0, true}} {
		m, err := Contains(square, []float64{.5, c.y}, c.tol)
		require.NoError(t, err)
		require.Equal(t, c.inside, m.Inside, "%+v", c)
	}
}

func TestHausdorff(t *testing.T) {
	square := [][]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}}
	for name, c := range map[string]struct {
		other [][]float64
		want  float64
	}{
		"itself":         {square, 0},
		"with midpoints": {append([][]float64{{.5, 0}, {.5, .5}}, square...), 0},
		"shifted":        {[][]float64{{3, 4}, {4, 4}, {3, 5}, {4, 5}}, 5},
		"a point":        {[][]float64{{.5, .5}}, 0.7071067811865476},
		"twice as large": {[][]float64{{0, 0}, {2, 0}, {0, 2}, {2, 2}}, 1.4142135623730951},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Hausdorff(square, c.other)
			require.NoError(t, err)
			require.InDelta(t, c.want, d, 1e-14)
			d, err = Hausdorff(c.other, square)
			require.NoError(t, err)
			require.InDelta(t, c.want, d, 1e-14)
		})
	}
}

func TestLawHausdorffIsAMetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		var lists [3][][]float64
		for i := range lists {
			lists[i] = gaussian(rand.New(rand.NewPCG(seed, uint64(i))), 6, 3, unitScale)
		}
		distance := func(i, k int) float64 {
			d, err := Hausdorff(lists[i], lists[k])
			require.NoError(t, err)
			return d
		}
		require.Zero(t, distance(0, 0))
		require.Positive(t, distance(0, 1))
		require.Equal(t, distance(0, 1), distance(1, 0))
		require.LessOrEqual(t, distance(0, 2), distance(0, 1)+distance(1, 2)+1e-14)
	})
}
