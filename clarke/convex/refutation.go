package convex

import "math/big"

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
	columns, ok := chosenColumns(rows, support)
	if !ok {
		return nil, false
	}
	numerators, denominator, ok := balance(term{}, columns)
	if !ok {
		return nil, false
	}
	return ratios(numerators, denominator), true
}

// chosenColumns returns the rows of the support by coordinate, as integers.
// Multiplying a coordinate by a number changes no combination that is 0, so each
// has its own denominator.
func chosenColumns(rows [][]*big.Rat, support []int) (coordinates [][]*big.Int, ok bool) {
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
	for j := range dim {
		var coordinate []*big.Rat
		for _, a := range chosen {
			coordinate = append(coordinate, a[j])
		}
		coordinates = append(coordinates, newLattice([][]*big.Rat{coordinate}).points[0])
	}
	return coordinates, true
}

// balance finds the weights wᵢ ≥ 0 of sum 1 with Σ wᵢ aᵢ = 0 for vectors aᵢ that are
// given by coordinate: coordinates[j][i] is the j-th one of aᵢ, and is overwritten.
// The weights come over a common positive denominator. It is false if there are
// none or if they are not unique, that is if the vectors are affinely dependent, or
// if the search has to stop.
func balance(t term, coordinates [][]*big.Int) (numerators []*big.Int, denominator *big.Int, ok bool) {
	k := len(coordinates[0])
	ones := make([]*big.Int, k+1)
	for i := range ones {
		ones[i] = big.NewInt(1)
	}
	system := [][]*big.Int{ones}
	for _, c := range coordinates {
		system = append(system, append(c, new(big.Int)))
	}
	denominator = eliminateColumns(t, system, k)
	if denominator == nil {
		return nil, nil, false
	}
	negative := denominator.Sign() < 0
	for i, row := range system {
		switch right := row[k]; {
		case i >= k && right.Sign() != 0:
			return nil, nil, false
		case i >= k:
		case right.Sign() != 0 && right.Sign() < 0 != negative:
			return nil, nil, false
		default:
			numerators = append(numerators, right.Abs(right))
		}
	}
	return numerators, denominator.Abs(denominator), true
}

// eliminateColumns brings the first columns of a matrix to a determinant times the
// identity, and the others to what goes with it, by row operations without fractions (Bareiss, as in solveGram) with
// exchange of rows. It returns that determinant, or nil if the columns are dependent or if it has to stop.
func eliminateColumns(t term, rows [][]*big.Int, columns int) (determinant *big.Int) {
	var e eliminator
	determinant = big.NewInt(1)
	for k := range columns {
		at := k
		for at < len(rows) && rows[at][k].Sign() == 0 {
			at++
		}
		if at == len(rows) {
			return nil
		}
		rows[k], rows[at] = rows[at], rows[k]
		for i := range rows {
			if t.over() {
				return nil
			}
			if i != k {
				e.eliminate(rows[i], rows[k], k, determinant)
			}
		}
		determinant = rows[k][k]
	}
	return determinant
}
