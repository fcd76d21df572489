package kernel

import "math"

// FMA32 returns a·b + c, rounded once to float32, as the instructions of processors do. The product is exact in
// float64, and so is the sum with its rounding error. Only where the rounded sum is half-way between two float32
// does the error decide: then the sum is rounded to odd instead, so that it stands on the right side (Boldo and
// Melquiond, IEEE Transactions on Computers 57, 2008).
func FMA32(a, b, c float32) float32 {
	p := float64(float64(a) * float64(b))
	s := p + float64(c)
	if doubtful(s) {
		return roundOnce(p, float64(c))
	}
	return float32(s)
}

// doubtful reports whether a number is half-way between two normal float32, whose last bits are 1 and 28 zeros, or
// below all of them.
func doubtful(s float64) bool {
	return math.Float64bits(s)<<35 == 1<<63 || s < 0x1p-126 && s > -0x1p-126
}

func roundOnce(p, c float64) float32 { return float32(roundToOdd(p, c)) }

// roundToOdd returns a + b, where it is not exact the one of its two neighbours whose last bit is 1.
func roundToOdd(a, b float64) float64 {
	s, e := twoSum(a, b)
	u := math.Float64bits(s)
	if e == 0 || e != e || u&1 == 1 {
		return s
	}
	if (e > 0) == (s > 0) {
		return math.Float64frombits(u + 1)
	}
	return math.Float64frombits(u - 1)
}

// fmaEach adds the products of x and y to the entries of dst, as many as it has, each by a fused multiply-add.
func fmaEach[T Real](dst, x, y []T) {
	switch dst := any(dst).(type) {
	case []float64:
		x, y := any(x).([]float64)[:len(dst)], any(y).([]float64)[:len(dst)]
		for i, v := range dst {
			dst[i] = math.FMA(x[i], y[i], v)
		}
	case []float32:
		x, y := any(x).([]float32)[:len(dst)], any(y).([]float32)[:len(dst)]
		for i, v := range dst {
			dst[i] = FMA32(x[i], y[i], v)
		}
	}
}

// fmaScaled adds s·x to the entries of dst, as many as it has.
func fmaScaled[T Real](dst, x []T, s T) {
	switch dst := any(dst).(type) {
	case []float64:
		x, s := any(x).([]float64)[:len(dst)], float64(s)
		for i, v := range dst {
			dst[i] = math.FMA(s, x[i], v)
		}
	case []float32:
		x, s := any(x).([]float32)[:len(dst)], float64(s)
		for i, v := range dst { // FMA32, without calls
			p := float64(s * float64(x[i]))
			if sum := p + float64(v); !doubtful(sum) {
				dst[i] = float32(sum)
			} else {
				dst[i] = roundOnce(p, float64(v))
			}
		}
	}
}

// fmaChain sums n products of entries with the given strides, one after the other.
func fmaChain[T Real](n int, x []T, stepX int, y []T, stepY int) T {
	switch x := any(x).(type) {
	case []float64:
		y, s := any(y).([]float64), 0.0
		for i := range n {
			s = math.FMA(x[i*stepX], y[i*stepY], s)
		}
		return T(s)
	case []float32:
		y, s := any(y).([]float32), float32(0)
		for i := range n {
			s = FMA32(x[i*stepX], y[i*stepY], s)
		}
		return T(s)
	}
	return 0
}
