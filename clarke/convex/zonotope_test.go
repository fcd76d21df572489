package convex

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
)

// zonotope draws generators and a centre that is outside Σ [−1, 1]·gᵢ: a random
// direction, a tenth farther out than the zonotope reaches.
func zonotope(rng *rand.Rand, k, dim int) (generators [][]float64, centre []float64) {
	generators = gaussian(rng, k, dim, unitScale)
	direction := gaussian(rng, 1, dim, unitScale)[0]
	floats.Scale(1/floats.Norm(direction, 2), direction)
	width := 0.0
	for _, g := range generators {
		width += max(floats.Dot(g, direction), -floats.Dot(g, direction))
	}
	return generators, floats.ScaleTo(direction, 1.1*width, direction)
}

func zonotopeSum(generators [][]float64, centre []float64) Set {
	parts := []Set{must(Point(centre))}
	for _, g := range generators {
		parts = append(parts, must(Segment(floats.ScaleTo(make([]float64, len(g)), -1, g), g)))
	}
	return must(Sum(parts...))
}

func zonotopeImage(generators [][]float64, centre []float64) Set {
	columns := make([][]float64, len(centre))
	lower, upper := make([]float64, len(generators)), make([]float64, len(generators))
	for i, g := range generators {
		lower[i], upper[i] = -1, 1
		for j := range columns {
			columns[j] = append(columns[j], g[j])
		}
	}
	return must(Translate(must(Image(columns, must(Box(lower, upper)))), centre))
}

// Both forms of a zonotope are one set, and the point that they give is optimal
// coordinate by coordinate: for x = c + Σ sᵢgᵢ, sᵢ is the sign of −⟨gᵢ, x⟩ wherever
// that is not 0. The sᵢ come back from the directions of the support.
func TestZonotope(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for _, size := range [][2]int{{1, 1}, {5, 3}, {20, 10}, {200, 50}} {
		generators, centre := zonotope(rng, size[0], size[1])
		n, err := MinNormOver(background, zonotopeSum(generators, centre), Options{})
		require.NoError(t, err)
		require.True(t, n.Certified)
		m, err := MinNormOver(background, zonotopeImage(generators, centre), Options{})
		require.NoError(t, err)
		require.InDeltaSlice(t, n.Point, m.Point, 1e-9)
		require.Positive(t, n.Lower)
		made := append([]float64(nil), centre...)
		for _, g := range generators {
			s := 0.0
			for i, d := range n.Directions {
				s += n.Weights[i] * float64(1-2*signBit(floats.Dot(g, d)))
			}
			floats.AddScaled(made, s, g)
			if p := floats.Dot(g, n.Point); p > 1e-9*n.Norm {
				require.InDelta(t, -1, s, 1e-9)
			} else if p < -1e-9*n.Norm {
				require.InDelta(t, 1, s, 1e-9)
			}
		}
		require.InDeltaSlice(t, n.Point, made, 1e-9)
	}
}

func signBit(x float64) int {
	if x > 0 {
		return 0
	}
	return 1
}

func BenchmarkZonotope(b *testing.B) {
	for _, size := range [][2]int{{20, 10}, {200, 50}} {
		generators, centre := zonotope(rand.New(rand.NewPCG(3, 3)), size[0], size[1])
		for _, form := range []struct {
			name string
			set  Set
		}{{"sum", zonotopeSum(generators, centre)}, {"image", zonotopeImage(generators, centre)}} {
			b.Run(fmt.Sprintf("%d in R%d/%s", size[0], size[1], form.name), func(b *testing.B) {
				b.ReportAllocs()
				var n Nearest
				for b.Loop() {
					n, _ = MinNormOver(background, form.set, Options{})
				}
				b.ReportMetric(float64(n.Cycles), "cycles")
			})
		}
	}
}
