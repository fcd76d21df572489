package expr

import (
	"math"
	"math/big"
	"strings"
)

// edges are numbers at which rounding is delicate.
var edges = []float64{1, -1, 0.1, -3, 1e308, -1e308, 5e-324, -5e-324, 0x1p-1022, 0x1p-540, 1 + 0x1p-52, 1e16, math.MaxFloat64}

func finiteOf(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 1
	}
	return v
}

func ratOf(v float64) *big.Rat { return new(big.Rat).SetFloat64(v) }

func sumOf(x, y float64) Number     { return exactly(new(big.Rat).Add(ratOf(x), ratOf(y))) }
func productOf(x, y float64) Number { return exactly(new(big.Rat).Mul(ratOf(x), ratOf(y))) }
func inverseOf(x float64) Number    { return exactly(new(big.Rat).Inv(ratOf(x))) }

// exactly is Rational that also takes numbers beyond the range of float64.
func exactly(r *big.Rat) Number {
	f, _ := r.Float64()
	return Number{f: f, r: r}
}

// holds reports whether an exact number is in the interval.
func (i Interval) holds(n Number) bool {
	exact := n.Rat()
	above := math.IsInf(i.Lo, -1) || !math.IsInf(i.Lo, 1) && ratOf(i.Lo).Cmp(exact) <= 0
	below := math.IsInf(i.Hi, 1) || !math.IsInf(i.Hi, -1) && ratOf(i.Hi).Cmp(exact) >= 0
	return above && below && (i.Zero || exact.Sign() != 0)
}

func zeros(n int) string { return strings.Repeat("0", n) }
