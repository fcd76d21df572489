package conservative

import (
	"iter"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// best returns the extreme value of block b's slot that maximises the sum of its
// entries times the coefficients, and the maximum. Ties go to the first entries,
// and to 0 for a Step, so that equal coefficients give equal choices. In
// rationals a Direction of irrational norm gets a vector just inside the ball,
// and the maximum is rounded up.
func (s *system[T]) best(b int, coefficients []T) (lambda []T, value T) {
	e := &s.blocks[b]
	lambda, value = s.zeroes(len(coefficients)), s.of(0, 1)
	take := func(i int) { lambda[i], value = s.of(1, 1), s.add(value, coefficients[i]) }
	switch e.kind {
	case expr.StepSlot:
		if s.sign(coefficients[0]) > 0 {
			take(0)
		}
	case expr.RankSlot:
		for _, k := range s.descending(coefficients)[:e.count] {
			take(k)
		}
	case expr.PermutationSlot:
		m := e.members()
		for t, k := range s.assignment(coefficients, m) {
			take(t*m + k)
		}
	case expr.DirectionSlot:
		if value = s.root(s.dot(coefficients, coefficients)); s.sign(value) > 0 {
			for k, c := range coefficients {
				lambda[k] = s.quo(c, value)
			}
		}
	}
	return lambda, value
}

// descending returns the order of the numbers from the largest, stable.
func (s *numbers[T]) descending(c []T) []int {
	order := make([]int, len(c))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return s.compare(c[j], c[i]) })
	return order
}

// assignment returns for every row of an m×m matrix the column that it gets in an
// assignment of largest sum: the Hungarian method with potentials (H. W. Kuhn,
// Naval Research Logistics Quarterly 2, 1955), O(m³).
func (s *system[T]) assignment(c []T, m int) []int {
	zero := s.of(0, 1)
	rows, columns := s.zeroes(m+1), s.zeroes(m+1) // potentials; index m is no column
	owner := make([]int, m+1)                     // of every column: its row, or −1
	for k := range owner {
		owner[k] = -1
	}
	for t := range m {
		owner[m] = t
		slack, from, done := make([]T, m), make([]int, m), make([]bool, m+1)
		reached := make([]bool, m)
		at := m
		for owner[at] >= 0 {
			done[at] = true
			next := -1
			for k := range m {
				if done[k] {
					continue
				}
				r := s.sub(s.sub(zero, c[owner[at]*m+k]), s.add(rows[owner[at]], columns[k]))
				if !reached[k] || s.compare(r, slack[k]) < 0 {
					slack[k], from[k], reached[k] = r, at, true
				}
				if next < 0 || s.compare(slack[k], slack[next]) < 0 {
					next = k
				}
			}
			delta := slack[next]
			for k := range m + 1 {
				switch {
				case done[k]:
					rows[owner[k]], columns[k] = s.add(rows[owner[k]], delta), s.sub(columns[k], delta)
				case k < m && reached[k]:
					slack[k] = s.sub(slack[k], delta)
				}
			}
			at = next
		}
		for at != m {
			owner[at] = owner[from[at]]
			at = from[at]
		}
	}
	out := make([]int, m)
	for k := range m {
		out[owner[k]] = k
	}
	return out
}

// vertices lists the extreme values of block b's slot, of two that give equal
// elements in all cases just one; none for a Direction of more than one entry.
func (s *system[T]) vertices(b int) [][]T { return slices.Collect(s.eachVertex(b)) }

func (s *system[T]) eachVertex(b int) iter.Seq[[]T] {
	e := &s.blocks[b]
	m := e.members()
	zero, one := s.of(0, 1), s.of(1, 1)
	switch {
	case e.kind == expr.StepSlot:
		return slices.Values([][]T{{zero}, {one}})
	case e.kind == expr.DirectionSlot && m > 1:
		return slices.Values([][]T(nil))
	case e.kind == expr.DirectionSlot:
		return slices.Values([][]T{{s.of(-1, 1)}, {one}})
	}
	return func(yield func([]T) bool) {
		for chosen := range s.arrangements(b) {
			lambda := s.zeroes(m * (e.to - e.from))
			for position, k := range chosen {
				if e.kind == expr.PermutationSlot {
					k += position * m
				}
				lambda[k] = one
			}
			if !yield(lambda) {
				return
			}
		}
	}
}

// arrangements lists the choices of members of a Rank or Permutation, those with
// equal rows in ascending order. The slice is reused.
func (s *system[T]) arrangements(b int) func(yield func([]int) bool) {
	e := &s.blocks[b]
	m, count := e.members(), e.count
	if e.kind == expr.PermutationSlot {
		count = m
	}
	taken := make([]bool, m)
	chosen := make([]int, 0, count)
	return func(yield func([]int) bool) {
		var extend func() bool
		extend = func() bool {
			if len(chosen) == count {
				return yield(chosen)
			}
			from := 0
			if e.kind == expr.RankSlot && len(chosen) > 0 {
				from = chosen[len(chosen)-1] + 1
			}
			for k := from; k < m; k++ {
				if taken[k] || s.skips(e, taken, k) {
					continue
				}
				taken[k], chosen = true, append(chosen, k)
				more := extend()
				taken[k], chosen = false, chosen[:len(chosen)-1]
				if !more {
					return false
				}
			}
			return true
		}
		extend()
	}
}

// skips reports whether a member equal to k comes before it and is not taken.
func (s *system[T]) skips(e *block, taken []bool, k int) bool {
	for j := range k {
		if !taken[j] && s.shape.alike[e.lo+j] == s.shape.alike[e.lo+k] {
			return true
		}
	}
	return false
}

// pieces counts vertices as the list does, up to a limit; 0 for a ball.
func (s *system[T]) pieces(b, limit int) int {
	e := &s.blocks[b]
	switch {
	case e.kind == expr.DirectionSlot && e.members() > 1:
		return 0
	case e.kind == expr.StepSlot || e.kind == expr.DirectionSlot:
		return 2
	}
	n := 0
	for range s.arrangements(b) {
		if n++; n > limit {
			break
		}
	}
	return n
}
