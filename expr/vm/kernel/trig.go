package kernel

import "math"

const sinTerms, cosTerms = 7, 6

// reduce returns r + s = x − k·π/2 with |r| ≤ π/4, and k modulo 4, for a finite x.
//
// Cody and Waite's subtraction in three parts serves |x| < 2²⁰: there k has at
// most 20 bits, so that its products with the first two parts are exact. It is
// accurate to 2⁻⁹⁸, too little where the difference nearly vanishes; such
// arguments, and large ones, take the reduction of Payne and Hanek.
func reduce(x float64) (r, s float64, k uint64) {
	if math.Abs(x) < 0x1p20 {
		kd := math.FMA(x, perHalfPi, rounder)
		k = math.Float64bits(kd)
		kd -= rounder
		t, e := twoSum(math.FMA(-kd, halfPi1, x), -float64(kd*halfPi2))
		r, s = fastTwoSum(t, math.FMA(-kd, halfPi3, e))
		if math.Abs(r) > 0x1p-30 || kd == 0 {
			return r, s, k & 3
		}
	}
	return reduceFar(x)
}

// sinNear is sin(r + s) for |r| ≤ π/4 and |s| below its last place.
func sinNear(r, s float64) float64 {
	u := r * r
	u2 := u * u
	c := &sinPoly
	low := math.FMA(u2, math.FMA(u, c[3], c[2]), math.FMA(u, c[1], c[0]))
	p := math.FMA(float64(u2*u2), math.FMA(u2, c[6], math.FMA(u, c[5], c[4])), low)
	// s is multiplied by cos r ≈ 1 − u/2.
	return r + math.FMA(float64(r*u), p, math.FMA(-0.5*u, s, s))
}

// cosNear is cos(r + s), with the rounding error of r².
func cosNear(r, s float64) float64 {
	u := r * r
	e := math.FMA(r, r, -u)
	u2 := u * u
	c := &cosPoly
	p := math.FMA(u2, math.FMA(u2, math.FMA(u, c[5], c[4]), math.FMA(u, c[3], c[2])), math.FMA(u, c[1], c[0]))
	w, d := fastTwoSum(1, float64(-0.5*u))
	return w + math.FMA(u2, p, d+math.FMA(-r, s, -0.5*e))
}

// Sin returns the sine. Measured error: 0.79 ulp.
func Sin(x float64) float64 {
	switch a := math.Abs(x); {
	case a < 0x1p-27:
		return x // keeps −0
	case !(a <= math.MaxFloat64):
		return math.NaN()
	}
	return quadrant(reduce(x))
}

// Cos returns the cosine. Measured error: 0.77 ulp.
func Cos(x float64) float64 {
	if !(math.Abs(x) <= math.MaxFloat64) {
		return math.NaN()
	}
	r, s, k := reduce(x)
	return quadrant(r, s, k+1)
}

// quadrant is sin(r + s + k·π/2).
func quadrant(r, s float64, k uint64) float64 {
	var y float64
	if k&1 == 0 {
		y = sinNear(r, s)
	} else {
		y = cosNear(r, s)
	}
	return math.Float64frombits(math.Float64bits(y) ^ (k & 2 << 62))
}
