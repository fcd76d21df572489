package expr

import (
	"math/big"
	"math/bits"
)

// Products of matrices in rationals. Adding rationals one by one takes two
// greatest common divisors a term. Here every row and column is put over one
// denominator first, the sums of integers are formed in words of the machine,
// and a fraction is reduced once for each entry of the result.

// maxLineBits bounds numerators and denominators of lines; longer ones gain
// nothing, and the common denominator of many could be huge.
const maxLineBits = 1 << 11

// ratLine is a list of rationals over one denominator. Numerators have the same
// number of words, the least significant first.
type ratLine struct {
	den   *big.Int
	neg   []bool
	words []big.Word
	width int
}

// newLine collects n entries of x with the given stride; ok is false if the
// numbers are too long for it.
func newLine(x []*big.Rat, stride, n int) (l ratLine, ok bool) {
	l.den = big.NewInt(1)
	rest := new(big.Int)
	for i := range n {
		if d := x[i*stride].Denom(); rest.Rem(l.den, d).Sign() != 0 {
			rest.GCD(nil, nil, l.den, d)
			l.den.Mul(l.den, rest.Quo(d, rest))
		}
		if l.den.BitLen() > maxLineBits {
			return l, false
		}
	}
	return l, l.fill(x, stride, n)
}

// fill sets the numerators.
func (l *ratLine) fill(x []*big.Rat, stride, n int) (ok bool) {
	nums, longest := make([]big.Int, n), 0
	for i := range nums {
		r := x[i*stride]
		nums[i].Mul(nums[i].Quo(l.den, r.Denom()), r.Num())
		longest = max(longest, nums[i].BitLen())
	}
	if longest > maxLineBits {
		return false
	}
	l.width = (longest + bits.UintSize - 1) / bits.UintSize
	l.neg, l.words = make([]bool, n), make([]big.Word, n*l.width)
	for i := range nums {
		l.neg[i] = nums[i].Sign() < 0
		copy(l.words[i*l.width:], nums[i].Bits())
	}
	return true
}

// ratSum adds up products of entries of two lines: those above 0 apart from
// those below.
type ratSum struct{ above, below []big.Word }

// dot returns the inner product of two lines of the same length.
func (s *ratSum) dot(x, y *ratLine) *big.Rat {
	size := x.width + y.width + 1 // the last word takes the carries of any number of terms
	if size > len(s.above) {
		s.above, s.below = make([]big.Word, size), make([]big.Word, size)
	}
	clear(s.above)
	clear(s.below)
	for i, neg := range x.neg {
		sum := s.above
		if neg != y.neg[i] {
			sum = s.below
		}
		addProduct(sum, x.words[i*x.width:(i+1)*x.width], y.words[i*y.width:(i+1)*y.width])
	}
	var above, below big.Int
	above.SetBits(s.above)
	below.SetBits(s.below)
	num := new(big.Int).Sub(&above, &below)
	return new(big.Rat).SetFrac(num, new(big.Int).Mul(x.den, y.den))
}

// addProduct adds x·y to sum, which is long enough.
func addProduct(sum, x, y []big.Word) {
	for i, a := range x {
		if a == 0 {
			continue
		}
		var carry, c uint
		for j, b := range y {
			hi, lo := bits.Mul(uint(a), uint(b))
			lo, c = bits.Add(lo, carry, 0)
			hi += c
			lo, c = bits.Add(lo, uint(sum[i+j]), 0)
			sum[i+j], carry = big.Word(lo), hi+c
		}
		for k := i + len(y); carry != 0; k++ {
			lo, c := bits.Add(uint(sum[k]), carry, 0)
			sum[k], carry = big.Word(lo), c
		}
	}
}

// ratLines collects count lines of n entries, the first entries of which are
// step apart.
func ratLines(x []*big.Rat, count, step, stride, n int) ([]ratLine, bool) {
	out := make([]ratLine, count)
	for i := range out {
		var ok bool
		if out[i], ok = newLine(x[i*step:], stride, n); !ok {
			return nil, false
		}
	}
	return out, true
}

// productOfLines computes a product of matrices with the given strides of row
// and summed index, summed index and column; ok is false if its numbers are too
// long.
func productOfLines(out, a, b []*big.Rat, m, k, n int, stride [4]int) (ok bool) {
	rows, ok := ratLines(a, m, stride[0], stride[1], k)
	if !ok {
		return false
	}
	cols, ok := ratLines(b, n, stride[3], stride[2], k)
	if !ok {
		return false
	}
	var sum ratSum
	for i := range rows {
		for j := range cols {
			out[i*n+j] = sum.dot(&rows[i], &cols[j])
		}
	}
	return true
}
