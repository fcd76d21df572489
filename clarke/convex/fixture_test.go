package convex

import (
	"math/big"
	"math/rand/v2"

	"pgregory.net/rapid"
)

// rationals converts a list exactly.
func rationals(points [][]float64) [][]*big.Rat {
	exact := make([][]*big.Rat, len(points))
	for i, p := range points {
		exact[i] = rational(p)
	}
	return exact
}

func rational(p []float64) []*big.Rat {
	exact := make([]*big.Rat, len(p))
	for j, c := range p {
		exact[j] = new(big.Rat).SetFloat64(c)
	}
	return exact
}

func rounded(p []*big.Rat) []float64 {
	floating := make([]float64, len(p))
	for j, c := range p {
		floating[j], _ = c.Float64()
	}
	return floating
}

// smallIntegers draws a list of points with entries in −bound … bound, which is
// full of ties, repetitions and affine dependence.
func smallIntegers(t *rapid.T, maxDim, maxPoints, bound int) [][]float64 {
	dim := rapid.IntRange(1, maxDim).Draw(t, "dimension")
	m := rapid.IntRange(1, maxPoints).Draw(t, "points")
	entry := rapid.IntRange(-bound, bound)
	points := make([][]float64, m)
	for i := range points {
		for _, c := range rapid.SliceOfN(entry, dim, dim).Draw(t, "point") {
			points[i] = append(points[i], float64(c))
		}
	}
	return points
}

// degenerate returns 64 points of {−1, 0, 1}¹⁰ and the midpoint of two of them.
// Linear programming by the simplex method was seen to cycle on these.
func degenerate(rng *rand.Rand) (points [][]float64, midpoint []float64) {
	for range 64 {
		p := make([]float64, 10)
		for j := range p {
			p[j] = float64(rng.IntN(3) - 1)
		}
		points = append(points, p)
	}
	a, b := points[rng.IntN(64)], points[rng.IntN(64)]
	for j := range a {
		midpoint = append(midpoint, (a[j]+b[j])/2)
	}
	return points, midpoint
}

// gaussian returns m normally distributed points, the j-th coordinate scaled by scale(i, j).
func gaussian(rng *rand.Rand, m, dim int, scale func(i, j int) float64) [][]float64 {
	points := make([][]float64, m)
	for i := range points {
		for j := range dim {
			points[i] = append(points[i], rng.NormFloat64()*scale(i, j))
		}
	}
	return points
}

func unitScale(int, int) float64 { return 1 }
