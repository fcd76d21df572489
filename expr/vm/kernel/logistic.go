package kernel

import "math"

// Tanh returns the hyperbolic tangent. Measured error: 0.54 ulp. It is odd.
//
// Away from 0 it is 1 − 2/(e^(2|x|) + 1), with the remainder of the division.
func Tanh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case a < 0x1p-4:
		return tanhNear(x)
	case a > 22:
		return math.Copysign(1, x)
	case x != x:
		return x
	}
	hi, lo := expPair(2 * a)
	d, e := twoSum(hi, 1)
	e += lo
	q := 2 / d
	rest := math.FMA(-q, e, math.FMA(-q, d, 2)) // of the division: it adds rest/d
	s, t := fastTwoSum(1, -q)
	return math.Copysign(s+math.FMA(-0.5*rest, q, t), x)
}

// tanhNear is the Taylor polynomial of degree 13.
func tanhNear(x float64) float64 {
	if math.Abs(x) < 0x1p-28 {
		return x // keeps −0
	}
	u := x * x
	u2 := u * u
	low := math.FMA(u2, math.FMA(u, 62.0/2835, -17.0/315), math.FMA(u, 2.0/15, -1.0/3))
	p := math.FMA(float64(u2*u2), math.FMA(u, 21844.0/6081075, -1382.0/155925), low)
	return math.FMA(float64(x*u), p, x)
}

// Sigmoid returns 1/(1 + e⁻ˣ). Measured error: 0.52 ulp, 0.76 ulp where the
// result is subnormal. It never forms an exponential that overflows.
func Sigmoid(x float64) float64 {
	a := math.Abs(x)
	if !(a < 40) {
		return sigmoidFar(x)
	}
	hi, lo := expPair(-a)
	d, e := fastTwoSum(1, hi)
	e += lo
	if x >= 0 {
		hi, lo = 1, 0
	}
	inverse := 1 / d
	q := hi * inverse
	rest := math.FMA(-q, e, lo) + math.FMA(-q, d, hi)
	return math.FMA(rest, inverse, q)
}

func sigmoidFar(x float64) float64 {
	if x > 0 {
		return 1
	}
	return Exp(x) // and NaN
}

// Softplus returns log(1 + eˣ). Measured error: 0.52 ulp, 0.76 ulp where the
// result is subnormal.
func Softplus(x float64) float64 {
	a := math.Abs(x)
	if !(a < 40) {
		return softplusFar(x)
	}
	hi, lo := expPair(-a)
	if x < -13 { // h − h²/2 + h³/3
		return hi + math.FMA(float64(hi*hi), math.FMA(hi, 1.0/3, -0.5), lo)
	}
	d, e := fastTwoSum(1, hi)
	l, m := logPair(d, e+lo)
	s, t := twoSum(max(x, 0), l)
	return s + (t + m)
}

func softplusFar(x float64) float64 {
	if x > 0 {
		return x
	}
	return Exp(x) // and NaN
}
