package kernel

import "math"

// logWide returns log(x·2^shift) = hi + lo with a relative error of about 2⁻⁶⁸:
// unlike logParts it keeps the rounding error of r²/2.
func logWide(x uint64, shift int64) (hi, lo float64) {
	k, z, row := logReduce(x)
	kd := float64(k + shift)
	r := math.FMA(z, row.c, -1)
	sum, e1 := fastTwoSum(math.FMA(kd, ln2Hi, row.hi), r)
	h := -0.5 * r
	q := float64(h * r)
	sum, e2 := fastTwoSum(sum, q)
	r2 := r * r
	p := math.FMA(r2, math.FMA(r, -1.0/10, 1.0/9), math.FMA(r, -1.0/8, 1.0/7))
	p = math.FMA(r2, p, math.FMA(r, -1.0/6, 1.0/5))
	p = math.FMA(r2, p, math.FMA(r, -1.0/4, 1.0/3))
	e := e1 + (e2 + math.FMA(kd, ln2Lo, row.lo)) + math.FMA(h, r, -q)
	return fastTwoSum(sum, math.FMA(float64(r*r2), p, e))
}

// Pow returns x^y. Measured error: 0.53 ulp, 0.78 ulp where the result is
// subnormal; a power that a float64 holds is exact.
func Pow(x, y float64) float64 {
	b := math.Float64bits(x)
	if b-leastNormal < infinity-leastNormal && math.Abs(y) < math.MaxFloat64 {
		return expProduct(y, b, 0)
	}
	return powFar(x, y)
}

// expProduct is e^(y·log(x·2^shift)) for the bits of a normal x and a finite y.
func expProduct(y float64, x uint64, shift int64) float64 {
	hi, lo := logWide(x, shift)
	p := float64(y * hi)
	e := math.FMA(y, lo, math.FMA(y, hi, -p))
	if !(math.Abs(p) < 708) {
		return expFar(p, e)
	}
	v, u, n := expParts(p, e)
	v = math.Float64frombits(math.Float64bits(v) + uint64(n)<<52)
	return math.FMA(v, u, v)
}

// powFar is x^y unless x is positive and normal and y is finite.
func powFar(x, y float64) float64 {
	a := math.Abs(x)
	switch {
	case y == 0 || x == 1:
		return 1
	case x != x || y != y:
		return math.NaN()
	case math.IsInf(y, 0):
		if a == 1 {
			return 1
		}
		return limit(a > 1 == (y > 0))
	case a == 0 || math.IsInf(x, 0):
		z := limit(a > 1 == (y > 0))
		if isOdd(y) {
			z = math.Copysign(z, x)
		}
		return z
	case x < 0 && !isInteger(y):
		return math.NaN()
	}
	shift := int64(0)
	if a < 0x1p-1022 {
		a, shift = a*0x1p52, -52
	}
	z := expProduct(y, math.Float64bits(a), shift)
	if x < 0 && isOdd(y) {
		return -z
	}
	return z
}

// limit is what powers tend to: +∞ or 0.
func limit(infinite bool) float64 {
	if infinite {
		return math.Inf(1)
	}
	return 0
}

func isInteger(y float64) bool { return math.Abs(y) >= 0x1p53 || y == float64(int64(y)) }

func isOdd(y float64) bool {
	return math.Abs(y) < 0x1p53 && y == float64(int64(y)) && int64(y)&1 == 1
}
