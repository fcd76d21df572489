package convex

import "math/big"

// This file is the second algorithm of the tests: it shares no code with the
// package. It tries every support of at most dimension + 1 points.

// bruteMinNorm returns the minimum norm point of conv points: the shortest among
// the minimisers over affine hulls of subsets whose coefficients are non-negative.
func bruteMinNorm(points [][]*big.Rat) (best []*big.Rat) {
	var square *big.Rat
	subsets(len(points), len(points[0])+1, func(subset []int) {
		weights := bruteAffine(points, subset)
		for _, w := range weights {
			if w.Sign() < 0 {
				return
			}
		}
		if weights == nil {
			return
		}
		x := exactCombination(points, subset, weights)
		if s := exactDot(x, x); square == nil || s.Cmp(square) < 0 {
			best, square = x, s
		}
	})
	return best
}

// subsets visits all non-empty subsets of 0 … m−1 of at most size members.
func subsets(m, size int, visit func([]int)) {
	var extend func(chosen []int, next int)
	extend = func(chosen []int, next int) {
		if len(chosen) > 0 {
			visit(chosen)
		}
		if len(chosen) == size {
			return
		}
		for i := next; i < m; i++ {
			extend(append(chosen[:len(chosen):len(chosen)], i), i+1)
		}
	}
	extend(nil, 0)
}

// bruteAffine solves the optimality system [0 1ᵀ; 1 PᵀP][μ; α] = [1; 0] by Gauss–Jordan
// elimination with pivoting; nil if the subset is affinely dependent.
func bruteAffine(points [][]*big.Rat, subset []int) []*big.Rat {
	n := len(subset) + 1
	rows := make([][]*big.Rat, n)
	for i := range rows {
		for j := range n {
			entry := big.NewRat(1, 1)
			switch {
			case i == 0 && j == 0:
				entry = new(big.Rat)
			case i > 0 && j > 0:
				entry = exactDot(points[subset[i-1]], points[subset[j-1]])
			}
			rows[i] = append(rows[i], entry)
		}
		rows[i] = append(rows[i], new(big.Rat))
	}
	rows[0][n] = big.NewRat(1, 1)
	for k := range rows {
		if !gaussJordan(rows, k) {
			return nil
		}
	}
	weights := make([]*big.Rat, n-1)
	for i := range weights {
		weights[i] = rows[i+1][n]
	}
	return weights
}

func gaussJordan(rows [][]*big.Rat, k int) bool {
	pivot := k
	for pivot < len(rows) && rows[pivot][k].Sign() == 0 {
		pivot++
	}
	if pivot == len(rows) {
		return false
	}
	rows[k], rows[pivot] = rows[pivot], rows[k]
	inverse := new(big.Rat).Inv(rows[k][k])
	for j := range rows[k] {
		rows[k][j] = new(big.Rat).Mul(rows[k][j], inverse)
	}
	for i := range rows {
		if factor := rows[i][k]; i != k {
			for j := range rows[i] {
				rows[i][j] = new(big.Rat).Sub(rows[i][j], new(big.Rat).Mul(factor, rows[k][j]))
			}
		}
	}
	return true
}

// bruteExtreme says whether point i differs from all earlier ones and is not in
// the hull of the points that differ from it.
func bruteExtreme(points [][]*big.Rat, i int) bool {
	var rest [][]*big.Rat
	for k, p := range points {
		difference := exactMinus(p, points[i])
		if exactDot(difference, difference).Sign() != 0 {
			rest = append(rest, difference)
		} else if k < i {
			return false
		}
	}
	if len(rest) == 0 {
		return true
	}
	x := bruteMinNorm(rest)
	return exactDot(x, x).Sign() > 0
}

func exactDot(a, b []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for j := range a {
		sum.Add(sum, new(big.Rat).Mul(a[j], b[j]))
	}
	return sum
}

func exactMinus(a, b []*big.Rat) []*big.Rat {
	c := make([]*big.Rat, len(a))
	for j := range a {
		c[j] = new(big.Rat).Sub(a[j], b[j])
	}
	return c
}

func exactCombination(points [][]*big.Rat, support []int, weights []*big.Rat) []*big.Rat {
	sum := make([]*big.Rat, len(points[0]))
	for j := range sum {
		sum[j] = new(big.Rat)
		for k, i := range support {
			sum[j].Add(sum[j], new(big.Rat).Mul(weights[k], points[i][j]))
		}
	}
	return sum
}
