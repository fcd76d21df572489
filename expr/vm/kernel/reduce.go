package kernel

import (
	"math"
	"math/bits"
)

// reduceFar is reduce for 2⁻¹ < |x| < ∞ after Payne and Hanek: bits of 2/π that
// only contribute multiples of 4 to x·2/π are left out, and the next 192 are
// multiplied exactly. Of the fraction 137 bits are right, and as no float64 is
// closer than 2⁻⁶² to a multiple of π/2 (Muller, section 11.3), r + s has a
// relative error of at most 2⁻⁷⁴.
func reduceFar(x float64) (r, s float64, k uint64) {
	b := math.Float64bits(x)
	exponent := int(b>>52&0x7FF) - 1075
	m := b&(1<<52-1) | 1<<52 // |x| = m·2^exponent
	at := uint(exponent + 62)
	i, shift := at/64, at%64
	word := func(i uint) uint64 { return twoOverPi[i]<<shift | twoOverPi[i+1]>>(64-shift) }
	h2, p2 := bits.Mul64(m, word(i+2))
	h1, l1 := bits.Mul64(m, word(i+1))
	p1, carry := bits.Add64(l1, h2, 0)
	p0 := m*word(i) + h1 + carry
	// x·2/π is p0 p1 p2 with the binary point after two bits, modulo 4.
	k = p0 >> 62
	hi, lo := p0<<2|p1>>62, p1<<2|p2>>62
	negative := hi>>63 == 1
	if negative { // round to the nearest integer
		k++
		lo, carry = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, carry)
	}
	r, s = timesHalfPi(hi, lo)
	if negative != (x < 0) {
		r, s = -r, -s
	}
	if x < 0 {
		k = -k
	}
	return r, s, k & 3
}

// timesHalfPi returns (hi·2⁶⁴ + lo)·2⁻¹²⁸·π/2, for hi ≠ 0.
func timesHalfPi(hi, lo uint64) (r, s float64) {
	z := bits.LeadingZeros64(hi)
	hi, lo = hi<<z|lo>>(64-z), lo<<z
	unit := power2(int64(-64 - z))
	f := float64(hi>>11<<11) * unit
	g := float64(hi<<53|lo>>11) * float64(unit*0x1p-53)
	p := float64(f * halfPi)
	return fastTwoSum(p, math.FMA(g, halfPi, math.FMA(f, halfPiLo, math.FMA(f, halfPi, -p))))
}
