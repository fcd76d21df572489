package subgradient

import (
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/claim"
)

// wolfeSizes are the numbers of points of [wolfeChecks].
var wolfeSizes = []int{2, 5, 20}

// nearestPoint finds the point of smallest norm of a hull.
type nearestPoint func(points [][]float64) (convex.MinNormPoint, error)

// wolfeChecks holds Wolfe's algorithm against the hull of points c_i e_i, where the nearest point and
// the number of cycles are known.
func wolfeChecks(c *claim.Context, find nearestPoint) (checks []claim.Check, err error) {
	for _, n := range wolfeSizes {
		rng := c.Rand(claim.At("stream", "wolfe"), claim.At("points", n))
		points, lengths := make([][]float64, n), make([]float64, n)
		for i := range points {
			lengths[i] = 1 + float64(9*rng.Float64())
			points[i] = make([]float64, n)
			points[i][i] = lengths[i]
		}
		m, err := find(points)
		if err != nil {
			return nil, err
		}
		square := 0.0
		for _, v := range m.Point {
			square += float64(v * v)
		}
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("wolfe-distance/n=%d", n), Sentence: "The distance from 0 to the hull of cᵢeᵢ is (Σ cᵢ⁻²)^(−1/2).",
			Predicted: claim.NearRelative(distanceOfAxes(lengths), zeroTolerance), Measured: claim.Measured(math.Sqrt(square)),
		}, claim.Check{
			Label: fmt.Sprintf("wolfe-cycles/n=%d", n), Sentence: "Wolfe's algorithm adds these points one by one: n cycles, the last one a test.",
			Predicted: claim.Exact(float64(n)), Measured: claim.Measured(float64(m.Cycles)),
		})
	}
	return checks, nil
}

// distanceOfAxes is (Σ c_i⁻²)^(−1/2).
func distanceOfAxes(lengths []float64) float64 {
	sum := 0.0
	for _, l := range lengths {
		sum += 1 / float64(l*l)
	}
	return 1 / math.Sqrt(sum)
}
