package library

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// SumEvery adds n entries of x that are step apart.
func SumEvery(x []float64, n, step int) float64 {
	var a [8]float64
	for j := range n {
		a[j&7] += x[j*step]
	}
	return kernel.Pairwise(&a)
}

// SumAt adds the entries of x at some positions.
func SumAt(x []float64, at []int32) float64 {
	var a [8]float64
	for j, p := range at {
		a[j&7] += x[p]
	}
	return kernel.Pairwise(&a)
}

// Dot adds the products of the entries of x and y.
func Dot(x, y []float64) float64 {
	var a [8]float64
	y = y[:len(x)]
	for j, v := range x {
		a[j&7] = math.FMA(v, y[j], a[j&7])
	}
	return kernel.Pairwise(&a)
}

// Norm1 adds the absolute values of the entries of x.
func Norm1(x []float64) float64 {
	var a [8]float64
	for j, v := range x {
		a[j&7] += math.Abs(v)
	}
	return kernel.Pairwise(&a)
}

// NormInf returns the largest absolute value.
func NormInf(x []float64) float64 {
	m := 0.0
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// Largest returns the first of the largest entries, a NaN if there is one.
func Largest(x []float64) float64 {
	m := x[0]
	for _, v := range x {
		if v > m || v != v {
			m = v
		}
	}
	return m
}

// Smallest returns the first of the smallest entries, a NaN if there is one.
func Smallest(x []float64) float64 {
	m := x[0]
	for _, v := range x {
		if v < m || v != v {
			m = v
		}
	}
	return m
}
