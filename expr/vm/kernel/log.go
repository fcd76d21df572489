package kernel

import "math"

const (
	logBits = 7
	// logOffset is the pattern of the number from which the mantissas z of the
	// reduction begin, about 0.69; an interval of the table lies around 1.
	logOffset = 0x3FE6_1000_0000_0000
)

// logRow belongs to an interval of z: c ≈ 1/z and −log c = hi + lo. The product
// z·c has so few bits more than z that z·c − 1 is exact.
type logRow struct{ c, hi, lo float64 }

// logReduce returns x = 2^k·z for the bits of a normal x, and z's row.
func logReduce(x uint64) (k int64, z float64, row *logRow) {
	t := x - logOffset
	k = int64(t) >> 52
	return k, math.Float64frombits(x - uint64(k)<<52), &logTable[t>>(52-logBits)&(1<<logBits-1)]
}

// logSeries is (log(1 + r) − r)/r², to degree 6, for |r| < 0.008.
func logSeries(r, r2 float64) float64 {
	low := math.FMA(r2, math.FMA(r, 1.0/5, -1.0/4), math.FMA(r, 1.0/3, -1.0/2))
	return math.FMA(float64(r2*r2), math.FMA(r2, -1.0/8, math.FMA(r, 1.0/7, -1.0/6)), low)
}

// logParts returns log(x·2^shift) = hi + lo from the bits of x.
func logParts(x uint64, shift int64) (hi, lo float64) {
	k, z, row := logReduce(x)
	kd := float64(k + shift)
	r := math.FMA(z, row.c, -1)
	hi, e := fastTwoSum(math.FMA(kd, ln2Hi, row.hi), r) // the first sum is exact
	e += math.FMA(kd, ln2Lo, row.lo)
	r2 := r * r
	return hi, math.FMA(r2, logSeries(r, r2), e)
}

// logPair returns log(x + y) = hi + lo for a normal x and |y| at most half a unit
// in its last place, or of that order.
func logPair(x, y float64) (hi, lo float64) {
	k, z, row := logReduce(math.Float64bits(x))
	kd := float64(k)
	r := math.FMA(z, row.c, -1)
	s := float64(y*power2(-k)) * row.c // y's share of r
	hi, e := fastTwoSum(math.FMA(kd, ln2Hi, row.hi), r)
	e += math.FMA(kd, ln2Lo, row.lo)
	r2 := r * r
	e = math.FMA(r2, logSeries(r, r2), e)
	return hi, e + math.FMA(-r, s, s)
}

const (
	leastNormal = 0x0010_0000_0000_0000
	infinity    = 0x7FF0_0000_0000_0000
)

// Log returns the natural logarithm. Measured error: 0.51 ulp. It is monotone.
func Log(x float64) float64 {
	b := math.Float64bits(x)
	if b-leastNormal >= infinity-leastNormal {
		return logFar(x)
	}
	hi, lo := logParts(b, 0)
	return hi + lo
}

// logFar is the logarithm of a number that is not positive, normal and finite.
func logFar(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case x < 0:
		return math.NaN()
	case !(x < math.MaxFloat64):
		return x // +Inf, NaN
	}
	hi, lo := logParts(math.Float64bits(x*0x1p52), -52)
	return hi + lo
}

// Log1p returns log(1 + x), accurately near 0. Measured error: 0.51 ulp.
func Log1p(x float64) float64 {
	switch a := math.Abs(x); {
	case a < 0x1p-54:
		return x // keeps −0
	case a < 0x1p-8:
		x2 := x * x
		return math.FMA(x2, logSeries(x, x2), x)
	case !(x > -1 && x < 0x1p54):
		return log1pFar(x)
	}
	hi, lo := logPair(twoSum(1, x))
	return hi + lo
}

func log1pFar(x float64) float64 {
	if x == -1 {
		return math.Inf(-1)
	}
	return Log(x) // 1 does not count; NaN below −1
}
