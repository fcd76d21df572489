package convex

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"pgregory.net/rapid"
)

// must is for constructors whose input is known to be good.
func must(set Set, err error) Set {
	if err != nil {
		panic(err)
	}
	return set
}

func TestLawMinNormOverIsMinNorm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := smallIntegers(t, 6, 20, 4)
		want, err := MinNorm(points)
		require.NoError(t, err)
		n, err := MinNormOver(context.Background(), must(Polytope(points)), Options{})
		require.NoError(t, err)
		require.True(t, n.Certified)
		require.NoError(t, n.Stopped)
		require.InDeltaSlice(t, want.Point, n.Point, 1e-12)
		require.InDelta(t, want.Norm, n.Norm, 1e-12)
		require.InDelta(t, n.Norm, n.Lower, 1e-12)
		require.LessOrEqual(t, n.Lower, n.Norm)
	})
}

func zonotope(rng *rand.Rand, k, dim int) (generators [][]float64, centre []float64) {
	generators = gaussian(rng, k, dim, unitScale)
	size := 0.0
	for _, g := range generators {
		size += floats.Norm(g, 2)
	}
	centre = gaussian(rng, 1, dim, unitScale)[0]
	floats.Scale(2*size/floats.Norm(centre, 2)/math.Sqrt(float64(k)), centre)
	return generators, centre
}

func BenchmarkZonotope(b *testing.B) {
	for _, size := range []struct {
		name   string
		k, dim int
	}{{"20x10", 20, 10}, {"200x50", 200, 50}} {
		generators, centre := zonotope(rand.New(rand.NewPCG(3, 3)), size.k, size.dim)
		parts := []Set{must(Point(centre))}
		columns := make([][]float64, size.dim)
		for _, g := range generators {
			minus := floats.ScaleTo(make([]float64, size.dim), -1, g)
			parts = append(parts, must(Segment(minus, g)))
			for j := range columns {
				columns[j] = append(columns[j], g[j])
			}
		}
		ones := make([]float64, size.k)
		for i := range ones {
			ones[i] = 1
		}
		cube := must(Box(floats.ScaleTo(make([]float64, size.k), -1, ones), ones))
		for name, set := range map[string]Set{
			"sum":   must(Sum(parts...)),
			"image": must(Translate(must(Image(columns, cube)), centre)),
		} {
			b.Run(size.name+"/"+name, func(b *testing.B) {
				var n Nearest
				b.ReportAllocs()
				for b.Loop() {
					n, _ = MinNormOver(context.Background(), set, Options{})
				}
				b.ReportMetric(float64(n.Cycles), "cycles")
				b.ReportMetric(n.Norm, "norm")
				b.ReportMetric(n.Norm-n.Lower, "gap")
			})
		}
	}
}
