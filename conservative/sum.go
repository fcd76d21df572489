package conservative

import (
	"context"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
)

// sum is the Minkowski sum of polytopes that conv D is: one for each group of
// blocks. A sum of one point of each is an extreme point if and only if some
// direction prefers it strictly to every other point in every list, where equal
// points count as one (K. Fukuda, "From the zonotope construction to the Minkowski
// addition of convex polytopes", J. Symbolic Computation 38, 2004). If a choice in
// all lists is one, then so is its restriction to the first lists, so the search
// goes from list to list.
type sum struct {
	ctx    context.Context
	single [][]clarke.Vector // the lists
	limit  int
	terms  [][]int // by list: its extreme points, each point once
	digits []int   // the choices so far
	found  [][]int // the choices that give extreme points
}

// extremeOfSum returns the choices that give the extreme points of the sum of the
// hulls of the lists, each point once. It gives up beyond a limit.
func extremeOfSum(ctx context.Context, single [][]clarke.Vector, limit int) ([][]int, error) {
	s := &sum{ctx: ctx, single: single, limit: limit, digits: make([]int, len(single))}
	for b := range single {
		terms, err := hullOf(ctx, single[b])
		if err != nil {
			return nil, err
		}
		s.terms = append(s.terms, terms)
	}
	if len(single) == 1 {
		for _, v := range s.terms[0] {
			s.found = append(s.found, []int{v})
		}
		return s.found, nil
	}
	err := s.extend(0, nil, clarke.Vector{})
	return s.found, err
}

// extend tries every point of list b. The direction prefers the choices so far
// to all others: its product with the rows is positive.
func (s *sum) extend(b int, rows []clarke.Vector, direction clarke.Vector) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if len(s.found) > s.limit {
		return tooManyChoices(s.limit)
	}
	if b == len(s.terms) {
		s.found = append(s.found, slices.Clone(s.digits))
		return nil
	}
	for _, v := range s.terms[b] {
		more := rows[:len(rows):len(rows)]
		for _, w := range s.terms[b] {
			if w != v {
				more = append(more, s.difference(b, v, w))
			}
		}
		d, exists, err := preferring(more, len(rows), direction)
		if err != nil {
			return err
		}
		s.digits[b] = v
		if exists {
			if err := s.extend(b+1, more, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// difference is the change of the sum when list b changes from point w to v.
func (s *sum) difference(b, v, w int) clarke.Vector {
	p, q := s.single[b][v], s.single[b][w]
	if p.Exact == nil {
		d := make([]float64, len(p.Float))
		for j := range d {
			d[j] = p.Float[j] - q.Float[j]
		}
		return clarke.Floats(d)
	}
	d := make([]*big.Rat, len(p.Exact))
	for j := range d {
		d[j] = new(big.Rat).Sub(p.Exact[j], q.Exact[j])
	}
	return clarke.Rational(d)
}

// preferring returns a direction whose product with all rows is positive, if
// there is one: the given one if it will do, which has been tried on the first
// rows. In rationals floats propose a direction, which is then checked, and only
// if that fails the question is asked exactly.
func preferring(rows []clarke.Vector, tried int, direction clarke.Vector) (d clarke.Vector, exists bool, err error) {
	if len(rows) == tried || tried > 0 && prefers(direction, rows[tried:]) {
		return direction, true, nil
	}
	a, err := convex.Direction(clarke.Point(rows).Floats())
	d = clarke.Floats(a.Direction)
	if err != nil || rows[0].Exact == nil {
		return d, a.Direction != nil, err
	}
	if a.Direction != nil {
		if d = rounded(d); prefers(d, rows) {
			return d, true, nil
		}
	}
	exact, err := convex.ExactDirection(clarke.Point(rows).Exact())
	return clarke.Rational(exact.Direction), exact.Direction != nil, err
}

// rounded makes a direction of norm 1 rational, with short numbers.
func rounded(d clarke.Vector) clarke.Vector {
	const bits = 24
	out := make([]*big.Rat, len(d.Float))
	for j, x := range d.Float {
		out[j] = new(big.Rat).SetInt64(int64(math.RoundToEven(math.Ldexp(x, bits))))
	}
	return clarke.Rational(out)
}

// prefers reports whether the product with all rows is positive, beyond rounding
// in float64.
func prefers(d clarke.Vector, rows []clarke.Vector) bool {
	for _, r := range rows {
		if r.Exact != nil && !positive(r.Exact, d.Exact) || r.Exact == nil && !positiveFloat(r.Float, d.Float) {
			return false
		}
	}
	return true
}

func positive(r, d []*big.Rat) bool {
	sum, term := new(big.Rat), new(big.Rat)
	for j, x := range r {
		if x.Sign() != 0 && d[j].Sign() != 0 {
			sum.Add(sum, term.Mul(x, d[j]))
		}
	}
	return sum.Sign() > 0
}

func positiveFloat(r, d []float64) bool {
	sum, size := 0.0, 0.0
	for j, x := range r {
		sum += float64(x * d[j])
		size += math.Abs(x * d[j])
	}
	return sum > size*convex.Tolerance(len(r))
}

// compare orders vectors lexicographically.
func compare(a, b clarke.Vector) int {
	if a.Exact != nil {
		return slices.CompareFunc(a.Exact, b.Exact, (*big.Rat).Cmp)
	}
	return slices.Compare(a.Float, b.Float)
}
