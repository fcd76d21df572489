package convex

import (
	"math/big"
	"slices"
)

// lattice is a list of rational points on a common denominator. Integers spare the
// greatest common divisors that every operation on rationals takes.
type lattice struct {
	points      [][]*big.Int // denominator · point
	denominator *big.Int     // positive
}

func newLattice(points [][]*big.Rat) lattice {
	l := lattice{denominator: big.NewInt(1)}
	for _, p := range points {
		for _, value := range p {
			l.denominator = leastCommonMultiple(l.denominator, value.Denom())
		}
	}
	for _, p := range points {
		scaled := make([]*big.Int, len(p))
		for j, value := range p {
			factor := new(big.Int).Quo(l.denominator, value.Denom())
			scaled[j] = factor.Mul(factor, value.Num())
		}
		l.points = append(l.points, scaled)
	}
	return l
}

func leastCommonMultiple(a, b *big.Int) *big.Int {
	if a.Cmp(b) == 0 || b.IsInt64() && b.Int64() == 1 {
		return a
	}
	gcd := new(big.Int).GCD(nil, nil, a, b)
	return gcd.Mul(a, gcd.Quo(b, gcd))
}

// dot returns ⟨a, b⟩.
func dot(a, b []*big.Int) *big.Int {
	sum, product := new(big.Int), new(big.Int)
	for j := range a {
		sum.Add(sum, product.Mul(a[j], b[j]))
	}
	return sum
}

// minus returns a − b.
func minus(a, b []*big.Int) []*big.Int {
	difference := make([]*big.Int, len(a))
	for j := range a {
		difference[j] = new(big.Int).Sub(a[j], b[j])
	}
	return difference
}

// compare orders points lexicographically.
func compare(a, b []*big.Int) int {
	return slices.CompareFunc(a, b, (*big.Int).Cmp)
}

// isZero says whether all coordinates are 0.
func isZero(p []*big.Int) bool {
	return !slices.ContainsFunc(p, func(c *big.Int) bool { return c.Sign() != 0 })
}

// approximate returns the points in floating point, divided by a common power of
// two that brings all of them below 1; coordinates carry a relative error of
// at most 2⁻⁵³ unless they underflow.
func approximate(points [][]*big.Int) [][]float64 {
	bits := 0
	for _, p := range points {
		for _, c := range p {
			bits = max(bits, c.BitLen())
		}
	}
	rounded := make([][]float64, len(points))
	for i, p := range points {
		rounded[i] = make([]float64, len(p))
		for j, c := range p {
			f := new(big.Float).SetInt(c)
			rounded[i][j], _ = f.SetMantExp(f, -bits).Float64()
		}
	}
	return rounded
}

// ratios returns numerators/denominator in lowest terms.
func ratios(numerators []*big.Int, denominator *big.Int) []*big.Rat {
	quotients := make([]*big.Rat, len(numerators))
	for i, n := range numerators {
		quotients[i] = new(big.Rat).SetFrac(n, denominator)
	}
	return quotients
}
