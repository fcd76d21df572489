package convex

import (
	"fmt"
	"math/big"
)

// checkCombination checks that weights are non-negative and of sum 1, and that
// Σ weights[i]·points[support[i]] = want.
func checkCombination(points [][]*big.Rat, support []int, weights, want []*big.Rat) error {
	if len(support) != len(weights) {
		return &CheckError{"there must be a weight for each point of the support", -1, fmt.Sprint(len(weights))}
	}
	sum, total := make([]*big.Rat, len(want)), new(big.Rat)
	for j := range sum {
		sum[j] = new(big.Rat)
	}
	for k, i := range support {
		if err := checkIndex(i, len(points)); err != nil {
			return err
		}
		w := weights[k]
		if w == nil || w.Sign() < 0 {
			return &CheckError{"weights must be non-negative", k, fmt.Sprint(w)}
		}
		total.Add(total, w)
		for j, c := range points[i] {
			sum[j].Add(sum[j], new(big.Rat).Mul(w, c))
		}
	}
	if total.Cmp(big.NewRat(1, 1)) != 0 {
		return &CheckError{"weights must add up to 1", -1, total.RatString()}
	}
	for j, c := range want {
		if sum[j].Cmp(c) != 0 {
			return &CheckError{"coordinates of the combination must be those of the point", j, sum[j].RatString() + ", not " + c.RatString()}
		}
	}
	return nil
}

// checkIndependent checks that the points of the support are affinely independent,
// by Gaussian elimination of the vectors (1, p).
func checkIndependent(points [][]*big.Rat, support []int) error {
	var basis [][]*big.Rat // each 0 in the leading coordinates of those before it
	var leading []int
	for _, i := range support {
		rest := []*big.Rat{big.NewRat(1, 1)}
		for _, c := range points[i] {
			rest = append(rest, new(big.Rat).Set(c))
		}
		for k, b := range basis {
			factor := new(big.Rat).Quo(rest[leading[k]], b[leading[k]])
			for j := range rest {
				rest[j].Sub(rest[j], new(big.Rat).Mul(factor, b[j]))
			}
		}
		lead := 0
		for lead < len(rest) && rest[lead].Sign() == 0 {
			lead++
		}
		if lead == len(rest) {
			return &CheckError{"the points of the support must be affinely independent", i, ""}
		}
		basis, leading = append(basis, rest), append(leading, lead)
	}
	return nil
}

func checkIndex(i, n int) error {
	if i < 0 || i >= n {
		return &CheckError{"an index must be in the list", i, ""}
	}
	return nil
}

// validateWith checks a list and a point of its dimension.
func validateWith(points [][]*big.Rat, argument string, v []*big.Rat) error {
	dim, err := validate("points", points, present)
	if err != nil {
		return err
	}
	return validatePoint(argument, -1, v, dim, present)
}

func ratDot(a, b []*big.Rat) *big.Rat {
	sum, product := new(big.Rat), new(big.Rat)
	for j := range a {
		sum.Add(sum, product.Mul(a[j], b[j]))
	}
	return sum
}

func ratEqual(a, b []*big.Rat) bool {
	for j := range a {
		if a[j].Cmp(b[j]) != 0 {
			return false
		}
	}
	return true
}
