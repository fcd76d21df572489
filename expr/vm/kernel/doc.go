// Package kernel holds the elementary functions of the executor. They have one
// meaning everywhere: package math leaves sums of products to the compiler,
// which fuses them on some processors and not on others, and has assembly on
// some. Here every multiply-add is either math.FMA, which is rounded once on
// every machine, or an explicit product followed by a sum.
//
// The methods are those of J.-M. Muller, Elementary Functions (3rd ed., 2016),
// chapters 4 to 6 and 11: an argument is reduced to a small one with an error
// far below a unit in the last place (Cody and Waite, Software Manual for the
// Elementary Functions, 1980; Payne and Hanek, SIGNUM Newsletter 18, 1983), the
// value at the nearest of some hundred points comes from a table with more
// digits than a float64 has (Tang, ACM TOMS 15, 1989, and 16, 1990), and a short
// polynomial does the rest. The last operation adds a small number to a large
// one, so results are within about 0.52 units in the last place unless said
// otherwise. Nearly all arguments take one straight path without loops, which
// vector kernels can follow step by step; the others (overflow, subnormals, NaN)
// are told apart by one comparison.
//
// Tables and coefficients are computed with big.Float in the tests, which also
// hold every function against series in big.Float. The errors given for each
// function are the largest that were measured on 5·10⁵ random arguments of all
// magnitudes; ulp is the unit in the last place of the exact value. Special
// cases are those of package math.
//
// Kernels on slices, sums, products of matrices, the sorting of short rows and
// what runs a [Tape] exist in Go and in generated assembly, which [Path] chooses
// from; all give the same bits.
package kernel

import "math"

// twoSum returns a + b and its rounding error (Knuth, The Art of Computer
// Programming 2, section 4.2.2).
func twoSum(a, b float64) (s, e float64) {
	s = a + b
	c := s - a
	return s, (a - (s - c)) + (b - c)
}

// fastTwoSum is twoSum for |a| ≥ |b| or a = 0 (Dekker 1971).
func fastTwoSum(a, b float64) (s, e float64) {
	s = a + b
	return s, b - (s - a)
}

// power2 returns 2ⁿ for −1022 ≤ n ≤ 1023.
func power2(n int64) float64 { return math.Float64frombits(uint64(1023+n) << 52) }
