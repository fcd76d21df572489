package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

var sink float64

// Every kernel beside package math, on arguments around 1.
func BenchmarkFunctions(b *testing.B) {
	for _, fn := range functions {
		x := arguments(fn.lo, fn.hi)
		b.Run(fn.name+"/kernel", func(b *testing.B) { benchmark(b, x, fn.f) })
		b.Run(fn.name+"/math", func(b *testing.B) { benchmark(b, x, fn.std) })
	}
	x := arguments(0, 16)
	b.Run("Pow/kernel", func(b *testing.B) { benchmark(b, x, func(x float64) float64 { return Pow(x, 2.3) }) })
	b.Run("Pow/math", func(b *testing.B) { benchmark(b, x, func(x float64) float64 { return math.Pow(x, 2.3) }) })
}

func benchmark(b *testing.B, x []float64, f func(float64) float64) {
	for b.Loop() {
		for _, v := range x {
			sink = f(v)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/call")
}

func arguments(lo, hi float64) []float64 {
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float64, 1024)
	lo, hi = max(lo, -8), min(hi, 8)
	for i := range x {
		x[i] = lo + r.Float64()*(hi-lo)
	}
	return x
}
