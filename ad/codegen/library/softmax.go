package library

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// LogSumExp returns log Σ e^(xᵢ): the largest term is factored out.
func LogSumExp(x []float64) float64 {
	at := Argmax(x)
	m := x[at]
	if m != m || math.IsInf(m, 0) {
		return m
	}
	var a [8]float64
	for j, v := range x {
		if j != at {
			a[j&7] += kernel.Exp(v - m)
		}
	}
	return m + kernel.Log1p(Pairwise(&a))
}

// Softmax sets dst to e^(xᵢ)/Σ e^(xⱼ).
func Softmax(dst, x []float64) {
	m := x[Argmax(x)]
	for j, v := range x {
		dst[j] = kernel.Exp(v - m)
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
