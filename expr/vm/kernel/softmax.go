package kernel

import "math"

// Sum adds the entries of x in eight interleaved accumulators that are combined pairwise: the one meaning of a sum
// of float64 on every path.
func Sum(x []float64) float64 {
	var a [8]float64
	for ; len(x) >= 8; x = x[8:] {
		a[0] += x[0]
		a[1] += x[1]
		a[2] += x[2]
		a[3] += x[3]
		a[4] += x[4]
		a[5] += x[5]
		a[6] += x[6]
		a[7] += x[7]
	}
	for j, v := range x {
		a[j&7] += v
	}
	return Pairwise(&a)
}

// Pairwise combines the accumulators of a reduction.
func Pairwise(a *[8]float64) float64 {
	return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
}

// LogSumExp returns log Σ e^(xᵢ). The largest term is factored out, so that nothing overflows and small terms keep
// their digits: m + log1p(Σ e^(xᵢ−m)) over the others.
func LogSumExp(x []float64) float64 {
	at := Argmax(x)
	m := x[at]
	if m != m || math.IsInf(m, 0) {
		return m
	}
	var a [8]float64
	for j, v := range x {
		if j != at {
			a[j&7] += Exp(v - m)
		}
	}
	return m + Log1p(Pairwise(&a))
}

// Softmax sets dst, as long as x, to e^(xᵢ)/Σ e^(xⱼ). All entries are NaN if one of x is NaN or +Inf, or all are −Inf.
func Softmax(dst, x []float64) {
	m := x[Argmax(x)]
	for j, v := range x {
		dst[j] = Exp(v - m)
	}
	s := Sum(dst[:len(x)])
	for j := range x {
		dst[j] /= s
	}
}

// Argmax returns the first index of the largest entry, or of a NaN.
func Argmax(x []float64) int {
	at := 0
	for j, v := range x {
		if v != v {
			return j
		}
		if v > x[at] {
			at = j
		}
	}
	return at
}
