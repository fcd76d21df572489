package convex

import (
	"math/big"
	"slices"
)

// exactSolver is Wolfe's algorithm on integer points. It makes no rounding error
// and has no tolerance: every major cycle lowers the norm strictly, so no corral
// comes twice and the search ends at the optimum.
type exactSolver struct {
	term
	points  [][]*big.Int
	corral  []int
	weights []*big.Rat // of the current combination, one a member
	affine             // of the last affine subproblem; x is its minimiser
	cycles  int
}

// affine is the minimum norm point x/denominator of an affine hull, and its affine
// coefficients, also over the denominator, which is positive.
type affine struct {
	x, coefficients []*big.Int
	denominator     *big.Int
}

// solve finds the minimum norm point of the points, unless it has to stop. A guess
// of the support saves work if it is right and costs nothing but time if it is not.
func (s *exactSolver) solve(guess []int) {
	s.begin(guess)
	for {
		s.cycles++
		s.minor()
		if s.over() {
			return
		}
		lowest := s.lowest()
		value := dot(s.x, s.points[lowest])
		if value.Mul(value, s.denominator).Cmp(dot(s.x, s.x)) >= 0 {
			return
		}
		s.corral = append(s.corral, lowest)
		s.weights = append(s.weights, new(big.Rat))
	}
}

// begin starts at the centre of the guess if its points are affinely independent,
// else at the shortest point.
func (s *exactSolver) begin(guess []int) {
	s.corral = slices.Clone(guess)
	if _, independent := s.minimise(); !independent {
		s.corral = []int{s.shortest()}
	}
	s.weights = nil
	for range s.corral {
		s.weights = append(s.weights, big.NewRat(1, int64(len(s.corral))))
	}
}

func (s *exactSolver) shortest() int {
	best, square := 0, dot(s.points[0], s.points[0])
	for i, p := range s.points {
		if candidate := dot(p, p); candidate.Cmp(square) < 0 {
			best, square = i, candidate
		}
	}
	return best
}

func (s *exactSolver) lowest() int {
	best, value := 0, dot(s.x, s.points[0])
	for i, p := range s.points {
		if candidate := dot(s.x, p); candidate.Cmp(value) < 0 {
			best, value = i, candidate
		}
	}
	return best
}

// minor is the minor cycle, see the one in floating point.
func (s *exactSolver) minor() {
	for {
		next, ok := s.minimise()
		if !ok { // the members are independent, so the search has to stop
			return
		}
		s.affine = next
		target := ratios(s.coefficients, s.denominator)
		step, blocking := s.step(target)
		s.advance(step, target)
		if blocking < 0 {
			return
		}
		s.corral = slices.Delete(s.corral, blocking, blocking+1)
		s.weights = slices.Delete(s.weights, blocking, blocking+1)
	}
}

// step returns how far to go towards the target and the member whose weight is
// then 0, or −1 if the target has positive weights only.
func (s *exactSolver) step(target []*big.Rat) (step *big.Rat, blocking int) {
	step, blocking = big.NewRat(1, 1), -1
	for i, w := range s.weights {
		if target[i].Sign() > 0 {
			continue
		}
		limit := new(big.Rat)
		if w.Sign() > 0 {
			limit.Quo(w, limit.Sub(w, target[i]))
		}
		if blocking < 0 || limit.Cmp(step) < 0 {
			step, blocking = limit, i
		}
	}
	return step, blocking
}

// advance moves the weights by a step towards the target.
func (s *exactSolver) advance(step *big.Rat, target []*big.Rat) {
	for i, w := range s.weights {
		move := new(big.Rat).Sub(target[i], w)
		s.weights[i] = w.Add(w, move.Mul(move, step))
	}
}

// minimise solves the affine subproblem of the corral: with D the differences
// pⱼ − p₀ and G = DᵀD, the minimiser is p₀ + Dy for Gy = −Dᵀp₀. It reports false
// if the corral is empty or affinely dependent, or if the search has to stop.
func (s *exactSolver) minimise() (affine, bool) {
	if len(s.corral) == 0 {
		return affine{}, false
	}
	base := s.points[s.corral[0]]
	var differences [][]*big.Int
	for _, i := range s.corral[1:] {
		differences = append(differences, minus(s.points[i], base))
	}
	y, determinant := solveGram(s.term, differences, base)
	if determinant.Sign() == 0 {
		return affine{}, false
	}
	first := new(big.Int).Set(determinant)
	for _, c := range y {
		first.Sub(first, c)
	}
	return s.combine(append([]*big.Int{first}, y...), determinant), true
}

// combine returns the point with the given coefficients, in lowest terms.
func (s *exactSolver) combine(coefficients []*big.Int, denominator *big.Int) affine {
	gcd := new(big.Int).Set(denominator)
	for _, c := range coefficients {
		gcd.GCD(nil, nil, gcd, new(big.Int).Abs(c))
	}
	denominator.Quo(denominator, gcd)
	x := make([]*big.Int, len(s.points[0]))
	for j := range x {
		x[j] = new(big.Int)
	}
	product := new(big.Int)
	for k, c := range coefficients {
		c.Quo(c, gcd)
		for j, coordinate := range s.points[s.corral[k]] {
			x[j].Add(x[j], product.Mul(c, coordinate))
		}
	}
	return affine{x, coefficients, denominator}
}

// solveGram solves Gy = −Dᵀb for the Gram matrix G = DᵀD of the given columns and
// returns y times the determinant of G, and that determinant. It eliminates
// without fractions (E. Bareiss, "Sylvester's identity and multistep
// integer-preserving Gaussian elimination", Math. Comp. 22, 1968), above the
// diagonal as well: all entries stay minors of [G | −Dᵀb], all divisions are
// exact. The leading minors of G are positive as long as the columns are
// linearly independent, so no pivoting is needed; if they are not, the
// determinant returned is 0. So it is if the search has to stop.
func solveGram(t term, columns [][]*big.Int, b []*big.Int) (y []*big.Int, determinant *big.Int) {
	rows := make([][]*big.Int, len(columns))
	for i, a := range columns {
		if t.over() {
			return nil, new(big.Int)
		}
		for _, c := range columns {
			rows[i] = append(rows[i], dot(a, c))
		}
		right := dot(a, b)
		rows[i] = append(rows[i], right.Neg(right))
	}
	var e eliminator
	determinant = big.NewInt(1)
	for k := range rows {
		if rows[k][k].Sign() == 0 {
			return nil, new(big.Int)
		}
		for i := range rows {
			if t.over() {
				return nil, new(big.Int)
			}
			if i != k {
				e.eliminate(rows[i], rows[k], k, determinant)
			}
		}
		determinant = rows[k][k]
	}
	for _, row := range rows {
		y = append(y, row[len(rows)])
	}
	return y, determinant
}

// eliminator clears entries of a row by a pivot row. It holds space for the
// numbers in between.
type eliminator struct{ left, right big.Int }

// eliminate updates the entries of a row beyond column k by those of the pivot row,
// whose entry k is the pivot; previous is the last pivot. The entries up to column
// k are not looked at again and keep what they hold.
func (e *eliminator) eliminate(row, by []*big.Int, k int, previous *big.Int) {
	pivot, factor := by[k], row[k]
	for j := k + 1; j < len(row); j++ {
		e.left.Mul(row[j], pivot)
		e.right.Mul(factor, by[j])
		row[j].Quo(e.left.Sub(&e.left, &e.right), previous)
	}
}
