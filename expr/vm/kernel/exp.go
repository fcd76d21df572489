package kernel

import "math"

const (
	expBits = 7
	// rounder added to a small number rounds it to an integer, which the last
	// bits of the sum show.
	rounder     = 0x1.8p52
	rounderBits = 0x4338_0000_0000_0000
)

// expParts returns e^(x + lo) = 2ⁿ·v·(1 + u) with 1 ≤ v < 2 from the table and
// |u| < 0.0028. It needs |x| < 2²⁰ and |lo| far below the last place of x. The
// error of u is about 2⁻⁶¹.
func expParts(x, lo float64) (v, u float64, n int64) {
	kd := math.FMA(x, expPerStep, rounder)
	k := int64(math.Float64bits(kd) - rounderBits)
	kd -= rounder
	r := math.FMA(-kd, expStepLo, math.FMA(-kd, expStep, x)) + lo
	row := &expTable[k&(1<<expBits-1)]
	r2 := r * r
	q := math.FMA(r2, math.FMA(r, 1.0/120, 1.0/24), math.FMA(r, 1.0/6, 0.5))
	return row[0], math.FMA(r2, q, r) + row[1], k >> expBits
}

// expPair returns e^x = hi + lo for |x| < 708.
func expPair(x float64) (hi, lo float64) {
	v, u, n := expParts(x, 0)
	v = float64(v * power2(n))
	p := float64(v * u)
	hi, lo = fastTwoSum(v, p)
	return hi, lo + math.FMA(v, u, -p)
}

// Exp returns e^x. Measured error: 0.51 ulp, 0.76 ulp where the result is
// subnormal. It is monotone.
func Exp(x float64) float64 {
	if !(math.Abs(x) < 708) {
		return expFar(x, 0)
	}
	v, u, n := expParts(x, 0)
	v = math.Float64frombits(math.Float64bits(v) + uint64(n)<<52)
	return math.FMA(v, u, v)
}

// expFar is e^(x + lo) where it may overflow, or be subnormal or NaN: it scales
// in two steps.
func expFar(x, lo float64) float64 {
	switch {
	case x != x:
		return x
	case x > 710:
		return math.Inf(1)
	case x < -746:
		return 0
	}
	v, u, n := expParts(x, lo)
	half := n / 2
	v *= power2(half)
	if n > 0 {
		return math.FMA(v, u, v) * power2(n-half)
	}
	// The only rounding below the normal numbers is that of the last product.
	return math.FMA(v, u, v) * power2(half) * power2(n-half-half)
}

// Expm1 returns e^x − 1, accurately near 0. Measured error: 0.75 ulp.
func Expm1(x float64) float64 {
	switch a := math.Abs(x); {
	case a < 0x1p-4:
		return expm1Near(x)
	case a < 37.5:
		v, u, n := expParts(x, 0)
		v = float64(v * power2(n))
		s, e := twoSum(v, -1)
		return s + math.FMA(v, u, e)
	case x < 0:
		return -1
	}
	return Exp(x) // and NaN
}

// expm1Near is the Taylor polynomial of degree 10.
func expm1Near(x float64) float64 {
	if math.Abs(x) < 0x1p-54 {
		return x // keeps −0
	}
	x2 := x * x
	x4 := x2 * x2
	low := math.FMA(x2, math.FMA(x, 1.0/120, 1.0/24), math.FMA(x, 1.0/6, 0.5))
	high := math.FMA(x2, math.FMA(x, 1.0/362880, 1.0/40320), math.FMA(x, 1.0/5040, 1.0/720))
	q := math.FMA(x4, math.FMA(x4, 1.0/3628800, high), low)
	return math.FMA(x2, q, x)
}
