package convex

import (
	"math/big"
	"slices"
)

// ExactRefutation finishes in rationals what a refutation in floating point
// ([Direction], [Cone.Direction]) has begun: it solves Σ wᵢ·rows[support[i]] = 0,
// Σ wᵢ = 1 exactly and returns the weights if they are unique and non-negative,
// which proves that no direction has a positive product with all of these rows. It
// is false if the support proves nothing, which is no proof of the contrary:
// [ExactDirection] decides then. A support out of range, rows of different
// dimensions and nil coordinates prove nothing either.
//
// The work is one elimination of an (n+1)×k system for a support of k, much less
// than [ExactDirection] of all rows.
func ExactRefutation(rows [][]*big.Rat, support []int) (weights []*big.Rat, ok bool) {
	system, ok := balance(rows, support)
	if !ok {
		return nil, false
	}
	pivots, determinant := eliminateColumns(system, len(support))
	if pivots < len(support) {
		return nil, false
	}
	for i, row := range system {
		right := row[len(support)]
		if i >= len(support) && right.Sign() != 0 {
			return nil, false
		}
	}
	for i := range support {
		w := new(big.Rat).SetFrac(system[i][len(support)], determinant)
		if w.Sign() < 0 {
			return nil, false
		}
		weights = append(weights, w)
	}
	return weights, true
}

// balance returns the equations Σ wᵢ = 1 and, by coordinate, Σ wᵢ aᵢ = 0 as the
// rows of an integer matrix with the right sides in the last column. Multiplying
// an equation changes nothing, so each coordinate has its own denominator.
func balance(rows [][]*big.Rat, support []int) (system [][]*big.Int, ok bool) {
	var chosen [][]*big.Rat
	for _, i := range support {
		if i < 0 || i >= len(rows) {
			return nil, false
		}
		chosen = append(chosen, rows[i])
	}
	dim, err := validate("rows", chosen, present)
	if err != nil {
		return nil, false
	}
	ones := make([]*big.Int, len(chosen)+1)
	for i := range ones {
		ones[i] = big.NewInt(1)
	}
	system = append(system, ones)
	column := make([][]*big.Rat, 1)
	for j := range dim {
		column[0] = column[0][:0]
		for _, a := range chosen {
			column[0] = append(column[0], a[j])
		}
		equation := newLattice(column).points[0]
		system = append(system, append(equation, new(big.Int)))
	}
	return system, true
}

// eliminateColumns brings the first columns of a matrix to the determinant times
// the identity, by row operations without fractions (Bareiss, as in solveGram) with
// exchange of rows. It returns how many columns have a pivot, and stops at the
// first that has none.
func eliminateColumns(rows [][]*big.Int, columns int) (pivots int, determinant *big.Int) {
	determinant = big.NewInt(1)
	for k := range columns {
		at := k + slices.IndexFunc(rows[min(k, len(rows)):], func(row []*big.Int) bool { return row[k].Sign() != 0 })
		if at < k {
			return k, determinant
		}
		rows[k], rows[at] = rows[at], rows[k]
		pivot := new(big.Int).Set(rows[k][k])
		for i := range rows {
			if i != k {
				eliminate(rows[i], rows[k], k, pivot, determinant)
			}
		}
		determinant = pivot
	}
	return columns, determinant
}
