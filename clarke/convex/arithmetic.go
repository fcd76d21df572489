package convex

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// The inner loops of the package. They name the rounding of every product, so
// that no compiler fuses it with the sum and results have the same bits on every
// machine.

// inner returns ⟨a, b⟩ in four interleaved sums; b is at least as long as a.
func inner(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i < len(a)-3; i += 4 {
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+1] * b[i+1])
		s2 += float64(a[i+2] * b[i+2])
		s3 += float64(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// innerShifted returns ⟨a, b − c⟩, accurate relative to the size of b − c.
func innerShifted(a, b, c []float64) float64 {
	b, c = b[:len(a)], c[:len(a)]
	var even, odd float64
	j := 0
	for ; j+1 < len(a); j += 2 {
		even += float64(a[j] * (b[j] - c[j]))
		odd += float64(a[j+1] * (b[j+1] - c[j+1]))
	}
	if j < len(a) {
		even += float64(a[j] * (b[j] - c[j]))
	}
	return even + odd
}

// addScaled adds c·v to dst.
func addScaled(dst []float64, c float64, v []float64) {
	dst = dst[:len(v)]
	i := 0
	for ; i < len(v)-3; i += 4 {
		from, to := (*[4]float64)(v[i:]), (*[4]float64)(dst[i:])
		to[0] += float64(c * from[0])
		to[1] += float64(c * from[1])
		to[2] += float64(c * from[2])
		to[3] += float64(c * from[3])
	}
	for ; i < len(v); i++ {
		dst[i] += float64(c * v[i])
	}
}

// subtract writes a − b to dst; a nil b stands for 0.
func subtract(dst, a, b []float64) {
	if b == nil {
		copy(dst, a)
		return
	}
	for j := range dst {
		dst[j] = a[j] - b[j]
	}
}

// scaleTo writes c·v to dst.
func scaleTo(dst []float64, c float64, v []float64) {
	for j := range dst {
		dst[j] = c * v[j]
	}
}

// rotate replaces a and b by cos·a + sin·b and cos·b − sin·a.
func rotate(a, b []float64, cos, sin float64) {
	b = b[:len(a)]
	for j, upper := range a {
		lower := b[j]
		a[j] = float64(cos*upper) + float64(sin*lower)
		b[j] = float64(cos*lower) - float64(sin*upper)
	}
}

// norm returns ‖v‖. Squares of coordinates that underflow count for nothing as long
// as the sum is far above the smallest number; where it is not, or where it
// overflows, the slow way out is exact enough.
func norm(v []float64) float64 {
	if square := inner(v, v); square > 0x1p-900 && square < math.Inf(1) {
		return math.Sqrt(square)
	}
	return floats.Norm(v, 2)
}

// distance returns ‖a − b‖; a nil b stands for 0.
func distance(a, b []float64) float64 {
	if b == nil {
		return norm(a)
	}
	square := 0.0
	for j, value := range a {
		d := value - b[j]
		square += float64(d * d)
	}
	if square > 0x1p-900 && square < math.Inf(1) {
		return math.Sqrt(square)
	}
	return floats.Distance(a, b, 2)
}
