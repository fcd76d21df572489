package subgradient

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/claim"
)

// The vertex of smallest norm is not the nearest point, and a search that goes through points twice
// is not Wolfe's.
func TestWolfeChecksSeeOtherSearches(t *testing.T) {
	failing := func(find nearestPoint) (failed []string) {
		c := &claim.Context{Claim: "fermat", Seed: 1}
		checks, err := wolfeChecks(c, find)
		require.NoError(t, err)
		rows, err := claim.Rows(fermat(), nil, claim.Outcome{Checks: checks})
		require.NoError(t, err)
		for i, r := range rows {
			if r.Verdict == claim.Fail {
				failed = append(failed, checks[i].Label)
			}
		}
		return failed
	}
	require.Empty(t, failing(convex.MinNorm))
	require.Len(t, failing(func(points [][]float64) (convex.MinNormPoint, error) { return convex.MinNorm(points[:1]) }), 6)
	require.Equal(t, []string{"wolfe-cycles/n=2", "wolfe-cycles/n=5", "wolfe-cycles/n=20"}, failing(func(points [][]float64) (convex.MinNormPoint, error) {
		m, err := convex.MinNorm(points)
		m.Cycles *= 2
		return m, err
	}))
}

// The distance in the plane is the height of a right triangle, ab/√(a² + b²), and in space that of a
// corner of a box, by the triple product over the area of the opposite face.
func TestDistanceOfAxes(t *testing.T) {
	require.InEpsilon(t, 12.0/5, distanceOfAxes([]float64{3, 4}), 1e-15)
	a, b, c := 2.0, 3.0, 6.0
	area := math.Sqrt(a*a*b*b + b*b*c*c + c*c*a*a)
	require.InEpsilon(t, a*b*c/area, distanceOfAxes([]float64{a, b, c}), 1e-15)
}
