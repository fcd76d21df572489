package kernel

import "math"

const (
	erfPer   = 16           // rows of the table for a unit of x
	erfRows  = 6*erfPer + 1 // for x ≤ 6
	erfTerms = 11
)

// erfRow holds erf's Taylor coefficients, and what the first lacks.
type erfRow struct {
	lo float64
	c  [erfTerms]float64
}

// Erf returns the error function. Measured error: 0.83 ulp. It is odd.
//
// Near 0 it is a Taylor polynomial, elsewhere the one at the nearest multiple of
// 1/16, with erf itself in two parts.
func Erf(x float64) float64 {
	a := math.Abs(x)
	switch {
	case a < 0.25:
		return erfNear(x)
	case a > 6:
		return math.Copysign(1, x)
	case x != x:
		return x
	}
	t := math.FMA(a, erfPer, rounder)
	row := &erfTable[math.Float64bits(t)&0xFF]
	c := &row.c
	d := math.FMA(t-rounder, -1.0/erfPer, a)
	d2 := d * d
	d4 := d2 * d2
	low := math.FMA(d2, math.FMA(d, c[4], c[3]), math.FMA(d, c[2], c[1]))
	high := math.FMA(d2, math.FMA(d, c[8], c[7]), math.FMA(d, c[6], c[5]))
	p := math.FMA(d4, math.FMA(d4, math.FMA(d, c[10], c[9]), high), low)
	return math.Copysign(c[0]+math.FMA(d, p, row.lo), x)
}

func erfNear(x float64) float64 {
	u := x * x
	u2 := u * u
	u4 := u2 * u2
	c := &erfOdd
	low := math.FMA(u2, math.FMA(u, c[3], c[2]), math.FMA(u, c[1], c[0]))
	high := math.FMA(u2, math.FMA(u, c[7], c[6]), math.FMA(u, c[5], c[4]))
	p := math.FMA(u4, math.FMA(u4, math.FMA(u2, c[10], math.FMA(u, c[9], c[8])), high), low)
	return math.FMA(x, p, x)
}
