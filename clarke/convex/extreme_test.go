package convex

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

func TestExtremeKnown(t *testing.T) {
	for name, c := range map[string]struct {
		points [][]float64
		want   []int
	}{
		"one point":          {[][]float64{{1, 2}}, []int{0}},
		"one point repeated": {[][]float64{{1, 2}, {1, 2}, {1, 2}}, []int{0}},
		"on a line":          {[][]float64{{3}, {-1}, {2}, {-1}}, []int{1, 0}},
		"collinear":          {[][]float64{{2, 2}, {1, 1}, {0, 0}, {3, 3}, {-1, -1}}, []int{4, 3}},
		"collinear upright":  {[][]float64{{0, 2}, {0, 1}, {0, 5}}, []int{1, 2}},
		"square with more": {
			[][]float64{{1, 1}, {.5, 0}, {0, 0}, {.3, .3}, {1, 0}, {0, 1}, {1, .25}, {0, 0}, {.5, .5}},
			[]int{2, 5, 4, 0},
		},
		"planar triangle in space": {[][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {.25, .25, .5}, {.5, .5, 0}}, []int{2, 1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			kept, err := Extreme(c.points, 0)
			require.NoError(t, err)
			require.Equal(t, c.want, kept)
			kept, err = ExactExtreme(rationals(c.points))
			require.NoError(t, err)
			require.Equal(t, c.want, kept)
		})
	}
}

func TestLawExtremeAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := smallIntegers(t, 3, 8, 2)
		exact := rationals(points)
		var want []int
		for i := range exact {
			if bruteExtreme(exact, i) {
				want = append(want, i)
			}
		}
		slices.SortFunc(want, func(i, k int) int { return slices.Compare(points[i], points[k]) })
		kept, err := ExactExtreme(exact)
		require.NoError(t, err)
		require.Equal(t, want, kept)
		kept, err = Extreme(points, 0)
		require.NoError(t, err)
		require.Equal(t, want, kept)
	})
}

// Every point is in the hull of those kept, and none of those is in the hull of
// the rest: the definition, checked by exact membership.
func TestLawExactExtremeDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := rationals(smallIntegers(t, 6, 30, 2))
		kept, err := ExactExtreme(points)
		require.NoError(t, err)
		hull := points[:0:0]
		for _, i := range kept {
			hull = append(hull, points[i])
		}
		for _, p := range points {
			m, err := ExactContains(hull, p)
			require.NoError(t, err)
			require.True(t, m.Inside)
		}
		for k := range hull {
			rest := slices.Delete(slices.Clone(hull), k, k+1)
			if len(rest) > 0 {
				m, err := ExactContains(rest, hull[k])
				require.NoError(t, err)
				require.False(t, m.Inside)
			}
		}
	})
}

// On a circle of radius 1 a point sticks out of its neighbours' chord by 10⁻¹⁰:
// floating point sees it, and a tolerance hides it.
func TestExtremeTolerance(t *testing.T) {
	points := [][]float64{{-1, 0}, {1, 0}, {0, -1}, {0, 1e-10}}
	kept, err := Extreme(points, 0)
	require.NoError(t, err)
	require.Equal(t, []int{0, 2, 3, 1}, kept)
	kept, err = Extreme(points, 1e-9)
	require.NoError(t, err)
	require.Equal(t, []int{0, 2, 1}, kept)
}

// Coordinates such as 0.1 are not on the segments they are meant to be on; exact
// arithmetic must say so, floating point must not.
func TestExtremeRoundingErrors(t *testing.T) {
	var points [][]float64
	for i := range 11 {
		s := float64(i) / 10
		points = append(points, []float64{s, .1 + s*.7, 1 - s*.3})
	}
	kept, err := Extreme(points, 0)
	require.NoError(t, err)
	require.Equal(t, []int{0, 10}, kept)
	kept, err = ExactExtreme(rationals(points))
	require.NoError(t, err)
	require.Greater(t, len(kept), 2)
}

func TestExtremeOfHugeAndTiny(t *testing.T) {
	for _, factor := range []float64{0x1p1022, 0x1p-1060} {
		points := [][]float64{{1, 1}, {-1, 1}, {1, -1}, {-1, -1}, {0, 0}, {1, 0}}
		for _, p := range points {
			p[0], p[1] = p[0]*factor, p[1]*factor
		}
		kept, err := Extreme(points, 0)
		require.NoError(t, err)
		require.Equal(t, []int{3, 1, 2, 0}, kept)
		kept, err = ExactExtreme(rationals(points))
		require.NoError(t, err)
		require.Equal(t, []int{3, 1, 2, 0}, kept)
	}
}

// Points 10⁻²⁰ off an edge: the float guess is wrong everywhere, the answer not.
func TestExactExtremeBelowRounding(t *testing.T) {
	points := rationals([][]float64{{0, 0}, {1, 0}, {.5, -1e-20}, {.5, 1}, {.25, 1e-20}, {.5, -2e-20}})
	kept, err := ExactExtreme(points)
	require.NoError(t, err)
	require.Equal(t, []int{0, 5, 3, 1}, kept)
}

// A cluster so far from another point that rounding blurs it: what floating point
// proposes is wrong nearly everywhere, and must not show.
func TestLawExactExtremeOfBlurredCluster(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cluster := rationals(smallIntegers(t, 3, 25, 300))
		far := make([]*big.Rat, len(cluster[0]))
		for j := range far {
			far[j] = new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(int64(j+3)), 60))
		}
		points := append(cluster, far)
		kept, err := ExactExtreme(points)
		require.NoError(t, err)
		for i := range points {
			var rest [][]*big.Rat
			for k := range points {
				if fmt.Sprint(points[k]) != fmt.Sprint(points[i]) {
					rest = append(rest, exactMinus(points[k], points[i]))
				}
			}
			s := exactSolver{points: newLattice(rest).points}
			s.solve(nil)
			first := slices.IndexFunc(points, func(p []*big.Rat) bool { return fmt.Sprint(p) == fmt.Sprint(points[i]) })
			require.Equal(t, first == i && !isZero(s.x), slices.Contains(kept, i))
		}
	})
}

// The lexicographically largest point is taken before those that make it
// superfluous are known.
func TestExtremePrunes(t *testing.T) {
	points := [][]float64{{1, 0}, {.95, 10}, {.95, -10}, {-1, 0}}
	kept, err := Extreme(points, .2)
	require.NoError(t, err)
	require.Equal(t, []int{3, 2, 1}, kept)
	kept, err = Extreme(points, .01)
	require.NoError(t, err)
	require.Equal(t, []int{3, 2, 1, 0}, kept)
}

func TestExtremeOfThousands(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	points := gaussian(rng, 2000, 4, unitScale)
	for _, p := range points {
		for j := range p {
			p[j] = math.Round(6 * p[j])
		}
	}
	exact, err := ExactExtreme(rationals(points))
	require.NoError(t, err)
	kept, err := Extreme(points, 0)
	require.NoError(t, err)
	require.Equal(t, exact, kept)
}

// With a tolerance, each point that is kept is farther than that from the hull of the
// others, and each point that is not is within (1 + r)·tol of them.
func TestLawExtremeTolerance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		dim := rapid.IntRange(1, 4).Draw(t, "dimension")
		tol := rapid.Float64Range(0.01, 1).Draw(t, "tol")
		points := gaussian(rng, 25, dim, unitScale)
		kept, err := Extreme(points, tol)
		require.NoError(t, err)
		var hull [][]float64
		for _, i := range kept {
			hull = append(hull, points[i])
		}
		for k := range hull {
			if others := slices.Delete(slices.Clone(hull), k, k+1); len(others) > 0 {
				m, err := Contains(others, hull[k], tol)
				require.NoError(t, err)
				require.False(t, m.Inside)
			}
		}
		for _, p := range points {
			m, err := Contains(hull, p, float64(len(points))*tol)
			require.NoError(t, err)
			require.True(t, m.Inside)
		}
	})
}

// A cluster 10⁻⁶ in size among far points: floating point decides within the cluster
// by the size of the cluster, whatever corral the search comes from.
func TestExtremeOfClusterAmongFarPoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	for range 100 {
		points := coarse(gaussian(rng, 60, 3, unitScale), .25)
		for _, p := range points[:40] {
			floats.Scale(0x1p-20, p)
			p[0] = math.Abs(p[0])
		}
		for _, p := range points[40:] {
			p[0] = 1 + math.Abs(p[0])
		}
		exact, err := ExactExtreme(rationals(points))
		require.NoError(t, err)
		kept, err := Extreme(points, 0)
		require.NoError(t, err)
		require.Equal(t, exact, kept)
	}
}
