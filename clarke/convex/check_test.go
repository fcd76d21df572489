package convex

import (
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawRationals draws a small list with a common denominator.
func drawRationals(t *rapid.T) [][]*big.Rat {
	points := rationals(smallIntegers(t, 4, 10, 3))
	denominator := big.NewRat(1, rapid.Int64Range(1, 5).Draw(t, "denominator"))
	for _, p := range points {
		for _, c := range p {
			c.Mul(c, denominator)
		}
	}
	return points
}

func cloneRationals(p []*big.Rat) []*big.Rat {
	clone := make([]*big.Rat, len(p))
	for i, c := range p {
		clone[i] = new(big.Rat).Set(c)
	}
	return clone
}

// shifted returns p with a part of a unit added to one entry.
func shifted(p []*big.Rat, at int, by int64) []*big.Rat {
	clone := cloneRationals(p)
	clone[at].Add(clone[at], big.NewRat(by, 1000))
	return clone
}

// The solvers' certificates pass, and none of a series of forgeries does.
func TestLawCheckMinNorm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := drawRationals(t)
		m, err := ExactMinNorm(points)
		require.NoError(t, err)
		require.NoError(t, CheckMinNorm(points, m))

		at := rapid.IntRange(0, len(m.Point)-1).Draw(t, "coordinate")
		var check *CheckError
		require.ErrorAs(t, CheckMinNorm(points, ExactMinNormPoint{Point: shifted(m.Point, at, 1), Support: m.Support, Weights: m.Weights}), &check)
		w := rapid.IntRange(0, len(m.Weights)-1).Draw(t, "weight")
		require.ErrorAs(t, CheckMinNorm(points, ExactMinNormPoint{Point: m.Point, Support: m.Support, Weights: shifted(m.Weights, w, 1)}), &check)
		require.ErrorAs(t, CheckMinNorm(points, ExactMinNormPoint{Point: m.Point, Support: m.Support[1:], Weights: m.Weights[1:]}), &check)
		// A vertex other than the minimum norm point is a combination, but not optimal.
		i := rapid.IntRange(0, len(points)-1).Draw(t, "point")
		if !ratEqual(points[i], m.Point) {
			forged := ExactMinNormPoint{Point: points[i], Support: []int{i}, Weights: []*big.Rat{big.NewRat(1, 1)}}
			require.ErrorAs(t, CheckMinNorm(points, forged), &check)
			require.Contains(t, check.Condition, "⟨x, p⟩")
		}
		twice := ExactMinNormPoint{Point: m.Point, Support: append(slices.Clone(m.Support), m.Support[0]), Weights: append(slices.Clone(m.Weights), new(big.Rat))}
		require.ErrorAs(t, CheckMinNorm(points, twice), &check)
		require.Contains(t, check.Condition, "independent")
	})
}

func TestLawCheckContains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := drawRationals(t)
		v := points[0]
		points = append(points[1:], points[len(points)-1])
		m, err := ExactContains(points, v)
		require.NoError(t, err)
		require.NoError(t, CheckContains(points, v, m))
		var check *CheckError
		if !m.Inside {
			opposite := cloneRationals(m.Normal)
			for _, c := range opposite {
				c.Neg(c)
			}
			require.ErrorAs(t, CheckSeparation(points, v, opposite), &check)
			require.ErrorAs(t, CheckContains(points, v, ExactMembership{Inside: true, Support: m.Support, Weights: m.Weights}), &check)
			return
		}
		// No vector separates a point of the hull from it.
		normal := rapid.SliceOfN(rapid.Int64Range(-3, 3), len(v), len(v)).Draw(t, "normal")
		require.ErrorAs(t, CheckSeparation(points, v, ratVector(normal...)), &check)
		require.ErrorAs(t, CheckContains(points, shifted(v, 0, 1), m), &check)
	})
}

func ratVector(numbers ...int64) []*big.Rat {
	vector := make([]*big.Rat, len(numbers))
	for i, n := range numbers {
		vector[i] = big.NewRat(n, 1)
	}
	return vector
}

func TestLawCheckDirectionAndRefutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRationals(t)
		a, err := ExactDirection(rows)
		require.NoError(t, err)
		var check *CheckError
		if a.Direction != nil {
			require.NoError(t, CheckDirection(rows, a.Direction))
			require.ErrorAs(t, CheckDirection(append(rows, ratVector(make([]int64, len(rows[0]))...)), a.Direction), &check)
			// No combination can be 0: here the centre of the rows.
			support, weights := make([]int, len(rows)), make([]*big.Rat, len(rows))
			for i := range rows {
				support[i], weights[i] = i, big.NewRat(1, int64(len(rows)))
			}
			require.ErrorAs(t, CheckRefutation(rows, support, weights), &check)
			return
		}
		require.NoError(t, CheckRefutation(rows, a.Support, a.Weights))
		d := rapid.SliceOfN(rapid.Int64Range(-3, 3), len(rows[0]), len(rows[0])).Draw(t, "direction")
		require.ErrorAs(t, CheckDirection(rows, ratVector(d...)), &check)
		w := rapid.IntRange(0, len(a.Weights)-1).Draw(t, "weight")
		require.ErrorAs(t, CheckRefutation(rows, a.Support, shifted(a.Weights, w, 1)), &check)
		require.ErrorAs(t, CheckRefutation(rows, a.Support[1:], a.Weights), &check)
		require.ErrorAs(t, CheckRefutation(rows, []int{len(rows)}, ratVector(1)), &check)
	})
}

func TestCheckRefusesNegativeWeights(t *testing.T) {
	rows := [][]*big.Rat{ratVector(1), ratVector(2)}
	var check *CheckError
	require.ErrorAs(t, CheckRefutation(rows, []int{0, 1}, ratVector(2, -1)), &check)
	require.Contains(t, check.Error(), "weights must be non-negative, at 1, found -1/1")
	require.ErrorAs(t, CheckRefutation(rows, []int{0}, []*big.Rat{nil}), &check)
}

func TestLawCheckExtreme(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := drawRationals(t)
		proof, err := ExactExtremeProof(points)
		require.NoError(t, err)
		require.NoError(t, CheckExtreme(points, proof))
		kept, err := ExactExtreme(points)
		require.NoError(t, err)
		require.Equal(t, kept, proof.Extreme)
		require.Error(t, CheckExtreme(points, ExtremeProof{proof.Extreme[1:], proof.Normals[1:], proof.Inside}))
		require.Error(t, CheckExtreme(points, ExtremeProof{
			append(slices.Clone(proof.Extreme), proof.Extreme[0]), append(slices.Clone(proof.Normals), proof.Normals[0]), proof.Inside,
		}))
		if len(proof.Inside) > 0 {
			require.Error(t, CheckExtreme(points, ExtremeProof{proof.Extreme, proof.Normals, proof.Inside[1:]}))
			// A point inside passed off as extreme, whatever its normal.
			i := proof.Inside[0].Point
			normal := rapid.SliceOfN(rapid.Int64Range(-3, 3), len(points[0]), len(points[0])).Draw(t, "normal")
			require.Error(t, CheckExtreme(points, ExtremeProof{
				append(slices.Clone(proof.Extreme), i), append(slices.Clone(proof.Normals), ratVector(normal...)), proof.Inside[1:],
			}))
		}
	})
}
