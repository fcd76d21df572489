package convex

import "math"

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

// rotation returns the cosine and the sine that turn (a, b) into (r, 0), with r ≥ 0
// the norm.
func rotation(a, b float64) (cos, sin, r float64) {
	r = norm([]float64{a, b})
	if r == 0 {
		return 1, 0, 0
	}
	return a / r, b / r, r
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
// overflows, the coordinates are scaled first.
func norm(v []float64) float64 {
	if square := inner(v, v); inRange(square) {
		return math.Sqrt(square)
	}
	largest, sum := largestOf(v), 0.0
	if largest == 0 {
		return 0
	}
	for _, c := range v {
		sum += float64((c / largest) * (c / largest))
	}
	return largest * math.Sqrt(sum)
}

// distance returns ‖a − b‖; a nil b stands for 0.
func distance(a, b []float64) float64 {
	if b == nil {
		return norm(a)
	}
	sum := 0.0
	for j, c := range a {
		sum += float64((c - b[j]) * (c - b[j]))
	}
	if inRange(sum) {
		return math.Sqrt(sum)
	}
	largest, square := 0.0, 0.0
	for j, c := range a {
		largest = max(largest, math.Abs(c-b[j]))
	}
	if largest == 0 {
		return 0
	}
	for j, c := range a {
		square += float64(((c - b[j]) / largest) * ((c - b[j]) / largest))
	}
	return largest * math.Sqrt(square)
}

// inRange says whether a sum of squares has neither overflowed nor lost digits.
func inRange(square float64) bool { return square > 0x1p-900 && square < math.Inf(1) }

func largestOf(p []float64) float64 {
	largest := 0.0
	for _, value := range p {
		largest = max(largest, math.Abs(value))
	}
	return largest
}
