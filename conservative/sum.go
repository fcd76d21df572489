package conservative

import (
	"context"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
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

	cone      *clarke.Cone
	rows      [][][]clarke.Vector // by short list and term: see preference, nil if not known
	deep, dim int                 // rows of the cone, and their length
	work      int                 // what is left of the budget of products in its tests
}

// coneWork is that budget for one element within the limit.
const coneWork = 1 << 12

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
	var err error
	s.dim, s.work = len(single[0][0].Float), coneWork*limit
	if s.cone, err = clarke.NewCone(ctx, s.dim); err != nil {
		return nil, err
	}
	s.rows = make([][][]clarke.Vector, len(s.terms))
	for b := range s.terms {
		if n := len(s.terms[b]); n <= shortList {
			s.rows[b] = make([][]clarke.Vector, n)
		}
	}
	return s.found, s.extend(0)
}

// extend tries every point of list b. The cone has the directions that prefer the
// choices so far to all others.
func (s *sum) extend(b int) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if len(s.found) > s.limit || s.work < 0 {
		return tooManyChoices(s.limit)
	}
	if b == len(s.terms) {
		s.found = append(s.found, slices.Clone(s.digits))
		return nil
	}
	for i, v := range s.terms[b] {
		better := s.preference(b, i)
		s.deep += len(better)
		s.work -= s.deep * s.dim
		err := s.cone.Within(better, func() error {
			s.digits[b] = v
			return s.extend(b + 1)
		})
		if s.deep -= len(better); err != nil {
			return err
		}
	}
	return nil
}

// shortList is the number of terms of a list up to which their differences are kept.
const shortList = 16

// preference returns the changes of the sum when term i of list b takes the place of
// another.
func (s *sum) preference(b, i int) (rows []clarke.Vector) {
	if s.rows[b] != nil && s.rows[b][i] != nil {
		return s.rows[b][i]
	}
	for j, w := range s.terms[b] {
		if j != i {
			rows = append(rows, minus(s.single[b][s.terms[b][i]], s.single[b][w]))
		}
	}
	if s.rows[b] != nil {
		s.rows[b][i] = rows
	}
	return rows
}

// compare orders vectors lexicographically.
func compare(a, b clarke.Vector) int {
	if a.Exact != nil {
		return slices.CompareFunc(a.Exact, b.Exact, (*big.Rat).Cmp)
	}
	return slices.Compare(a.Float, b.Float)
}
