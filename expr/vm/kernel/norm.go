package kernel

import "math"

// Norm returns the Euclidean norm of x: 0 for no entries, NaN if an entry is, else
// +Inf if one is infinite. The squares add up in eight interleaved accumulators
// that are combined pairwise. A power of two near the largest entry is taken out,
// so that squares neither overflow nor vanish; the result is the same where they
// do neither.
func Norm(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	if m == 0 || math.IsInf(m, 0) || m != m {
		return m
	}
	_, e := math.Frexp(m)
	e = max(min(e, 1000), -1000)
	down := math.Ldexp(1, -e)
	var a [8]float64
	for j, v := range x {
		v *= down
		a[j&7] = math.FMA(v, v, a[j&7])
	}
	return math.Ldexp(math.Sqrt(Pairwise(&a)), e)
}

// SquaredDistance adds the squares of the differences of the entries of x and y, each by a fused multiply-add to its
// accumulator.
func SquaredDistance(x, y []float64) float64 {
	var a [8]float64
	for j, v := range x {
		v -= y[j]
		a[j&7] = math.FMA(v, v, a[j&7])
	}
	return Pairwise(&a)
}
