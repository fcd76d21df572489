package convex

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
)

// fewExtreme returns m points in the hull of e points, which come last.
func fewExtreme(rng *rand.Rand, m, e, dim int) [][]float64 {
	corners := gaussian(rng, e, dim, unitScale)
	points := gaussian(rng, m-e, dim, func(int, int) float64 { return 0 })
	for _, p := range points {
		total := 0.0
		weights := make([]float64, dim+1)
		for i := range weights {
			weights[i] = rng.ExpFloat64()
			total += weights[i]
		}
		for _, w := range weights {
			floats.AddScaled(p, w/total, corners[rng.IntN(e)])
		}
	}
	return append(points, corners...)
}

// onSphere returns points that are all extreme.
func onSphere(rng *rand.Rand, m, dim int) [][]float64 {
	points := gaussian(rng, m, dim, unitScale)
	for _, p := range points {
		floats.Scale(1/floats.Norm(p, 2), p)
	}
	return points
}

// coarse rounds the coordinates to multiples of a power of two, for short rationals.
func coarse(points [][]float64, unit float64) [][]float64 {
	for _, p := range points {
		for j := range p {
			p[j] = math.Round(p[j]/unit) * unit
		}
	}
	return points
}

func BenchmarkExtreme(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 3))
	for _, c := range []struct {
		name   string
		points [][]float64
	}{
		{"few of 10000 in R5", coarse(fewExtreme(rng, 10_000, 60, 5), 0x1p-20)},
		{"normal 10000 in R5", coarse(gaussian(rng, 10_000, 5, unitScale), 0x1p-20)},
		{"sphere 2000 in R4", onSphere(rng, 2000, 4)},
	} {
		exact := rationals(c.points)
		b.Run(c.name+"/float", func(b *testing.B) {
			n := 0
			for b.Loop() {
				kept, _ := Extreme(c.points, 0)
				n = len(kept)
			}
			b.ReportMetric(float64(n), "extreme")
		})
		b.Run(c.name+"/exact", func(b *testing.B) {
			n := 0
			for b.Loop() {
				kept, _ := ExactExtreme(exact)
				n = len(kept)
			}
			b.ReportMetric(float64(n), "extreme")
		})
	}
}
