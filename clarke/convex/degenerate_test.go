package convex

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

// The instances of this file are made to be hard for Wolfe's algorithm: points of a
// coarse lattice, points in a subspace, repeated points, midpoints of others, 0 in
// the relative interior of a face, coordinates and points of very different size.

// twists make an instance harder, each in its own way.
var twists = []func(rng *rand.Rand, points [][]float64){
	repeatPoints, addMidpoints, flatten, zeroOnFace, stretchPoints, stretchCoordinates, rescale,
}

func drawDegenerate(t *rapid.T) [][]float64 {
	// Sizes come from the generator, since rapid prefers small ones.
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7))
	dim := 1 + rng.IntN(rapid.SampledFrom([]int{5, 50}).Draw(t, "largest dimension"))
	points := gaussian(rng, 1+rng.IntN(3*dim+2), dim, unitScale)
	if bound := rng.IntN(4); bound > 0 {
		for _, p := range points {
			for j := range p {
				p[j] = math.Round(float64(bound) * p[j] / 2)
			}
		}
	}
	for _, twist := range twists {
		if rapid.Bool().Draw(t, "twist") {
			twist(rng, points)
		}
	}
	return points
}

func repeatPoints(rng *rand.Rand, points [][]float64) {
	for range len(points) / 3 {
		copy(points[rng.IntN(len(points))], points[rng.IntN(len(points))])
	}
}

func addMidpoints(rng *rand.Rand, points [][]float64) {
	for range len(points) / 3 {
		a, b := points[rng.IntN(len(points))], points[rng.IntN(len(points))]
		to := points[rng.IntN(len(points))]
		for j := range to {
			to[j] = (a[j] + b[j]) / 2
		}
	}
}

// flatten moves the points into an affine subspace spanned by a third of them.
func flatten(rng *rand.Rand, points [][]float64) {
	basis := points[:len(points)/3+1]
	for _, p := range points[len(basis):] {
		a, b, c := basis[rng.IntN(len(basis))], basis[rng.IntN(len(basis))], basis[rng.IntN(len(basis))]
		for j := range p {
			p[j] = a[j] + b[j] - c[j]
		}
	}
}

// zeroOnFace puts some points on the hyperplane x₀ = 0 with 0 as their centre, and
// the others on one side of it.
func zeroOnFace(rng *rand.Rand, points [][]float64) {
	face := points[:rng.IntN(len(points))+1]
	for _, p := range points {
		p[0] = math.Abs(p[0])
	}
	for i, p := range face {
		p[0] = 0
		if i+1 < len(face) && i%2 == 0 {
			floats.ScaleTo(face[i+1], -1, p)
		}
	}
}

func stretchPoints(rng *rand.Rand, points [][]float64) {
	for _, p := range points {
		floats.Scale(math.Pow(10, float64(rng.IntN(17)-8)), p)
	}
}

func stretchCoordinates(rng *rand.Rand, points [][]float64) {
	for j := range points[0] {
		factor := math.Pow(10, float64(rng.IntN(9)-4))
		for _, p := range points {
			p[j] *= factor
		}
	}
}

func rescale(rng *rand.Rand, points [][]float64) {
	factor := math.Pow(10, float64(rng.IntN(400)-200))
	for _, p := range points {
		floats.Scale(factor, p)
	}
}

// requireResidual computes, with 300 bits, how far x is from the combination of its
// support, and how far it is from satisfying Wolfe's criterion ⟨x, p⟩ ≥ ‖x‖²; both
// are relative to the longest point and must be below 10⁻¹².
func requireResidual(t require.TestingT, points, support [][]float64, weights, x []float64) {
	longest := 0.0
	for _, p := range points {
		longest = max(longest, floats.Norm(p, 2))
	}
	require.LessOrEqual(t, len(support), len(x)+1)
	require.InDelta(t, 1, floats.Sum(weights), 1e-12)
	require.GreaterOrEqual(t, floats.Min(weights), 0.0)
	made := make([]float64, len(x))
	for j := range x {
		column := make([]float64, len(support))
		for i, p := range support {
			column[i] = p[j]
		}
		made[j], _ = bigDot(column, weights).Float64()
	}
	require.LessOrEqual(t, floats.Distance(made, x, 2), 1e-12*longest)
	square, lowest := bigDot(x, x), bigDot(x, points[0])
	for _, p := range points[1:] {
		if v := bigDot(x, p); v.Cmp(lowest) < 0 {
			lowest = v
		}
	}
	allowed := bigDot([]float64{longest * 1e-6}, []float64{longest * 1e-6})
	require.LessOrEqual(t, lowest.Sub(square, lowest).Cmp(allowed), 0)
}

func bigDot(a, b []float64) *big.Float {
	sum, x, y := new(big.Float).SetPrec(300), new(big.Float), new(big.Float)
	product := new(big.Float).SetPrec(300)
	for j := range a {
		sum.Add(sum, product.Mul(x.SetFloat64(a[j]), y.SetFloat64(b[j])))
	}
	return sum
}

// Wolfe's algorithm ends on all of them, certified, with a small residual; on the
// list and on the same list behind an oracle.
func TestLawDegenerate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := drawDegenerate(t)
		m, err := MinNorm(points)
		require.NoError(t, err)
		require.True(t, m.Certified)
		support := make([][]float64, len(m.Support))
		for i, index := range m.Support {
			support[i] = points[index]
		}
		requireResidual(t, points, support, m.Weights, m.Point)

		n, err := MinNormOver(background, must(Polytope(points)), Options{})
		require.NoError(t, err)
		require.True(t, n.Certified)
		requireResidual(t, points, n.Support, n.Weights, n.Point)
	})
}
