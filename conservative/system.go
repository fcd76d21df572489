package conservative

import (
	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// system is a linearisation in one arithmetic, arranged for passes in both
// directions. With slots λ, the element of D at λ is found in adjoint form, block
// by block backwards: what arrives at through t is
//
//	αₜ = Jₜ + Σᵢ Lᵢₜ uᵢ   and members get   uₖ = Σₜ λₜₖ αₜ,
//
// so that the element is Y + Σₖ uₖ Zₖ, once for every output. Forwards along a
// direction W the tangents are żₖ = ⟨Zₖ, W⟩ + Σ Lₖₜ vₜ and vₜ = Σₖ λₜₖ żₖ, and
// the slope of ⟨W, g(λ)⟩ with respect to λₜₖ is αₜ żₖ.
type system[T any] struct {
	*numbers[T]
	n, m   int // inputs and outputs
	blocks []block
	z      [][]T // rows of the members
	y      [][]T // rows of the outputs
	terms  [][]term[T]
	jacobi [][]T       // by output and through: J
	back   [][]term[T] // by through: the members whose rows have it
	shape  *structure
}

// term is a coefficient at a through, or at a member in a transposed list.
type term[T any] struct {
	at int
	c  T
}

// block is an active kink: members lo ≤ k < hi and throughs from ≤ t < to.
type block struct {
	kind         expr.SlotKind
	lo, hi       int
	from, to     int
	count, above int
}

func (b *block) members() int { return b.hi - b.lo }

// slots has the values of all blocks: λₜₖ at position t·members + k.
type slots[T any] [][]T

func newSystem[T any](a *numbers[T], l *ad.Linearization) *system[T] {
	s := &system[T]{numbers: a, m: len(l.Output)}
	for b := range l.Kinks {
		k := &l.Kinks[b]
		e := block{kind: k.Slot.Kind, count: k.Count, above: k.Above}
		e.lo, e.hi = l.Members(b)
		e.from, e.to = l.Throughs(b)
		s.blocks = append(s.blocks, e)
	}
	throughs := 0
	if n := len(s.blocks); n > 0 {
		throughs = s.blocks[n-1].to
	}
	s.back = make([][]term[T], throughs)
	for i := range l.Switch {
		r := &l.Switch[i]
		s.z = append(s.z, a.row(r))
		var list []term[T]
		for j := range r.Terms {
			t := &r.Terms[j]
			c := a.weight(t)
			list = append(list, term[T]{t.Through, c})
			s.back[t.Through] = append(s.back[t.Through], term[T]{i, c})
		}
		s.terms = append(s.terms, list)
	}
	for o := range l.Output {
		r := &l.Output[o]
		s.y = append(s.y, a.row(r))
		j := a.zeroes(throughs)
		for i := range r.Terms {
			j[r.Terms[i].Through] = a.weight(&r.Terms[i])
		}
		s.jacobi = append(s.jacobi, j)
		s.n = len(r.X)
	}
	s.shape = newStructure(s)
	return s
}

// arriving returns αₜ of one output, given u of all later blocks.
func (s *system[T]) arriving(o, t int, u []T) T {
	sum := s.jacobi[o][t]
	for _, e := range s.back[t] {
		sum = s.add(sum, s.mul(e.c, u[e.at]))
	}
	return sum
}

// pull fills α and u of block b for one output, given those of later blocks.
func (s *system[T]) pull(o, b int, lambda []T, alpha, u []T) {
	e := &s.blocks[b]
	for t := e.from; t < e.to; t++ {
		alpha[t] = s.arriving(o, t, u)
	}
	m := e.members()
	for k := range m {
		sum := s.mul(lambda[k], alpha[e.from])
		for t := e.from + 1; t < e.to; t++ {
			sum = s.add(sum, s.mul(lambda[(t-e.from)*m+k], alpha[t]))
		}
		u[e.lo+k] = sum
	}
}

// adjoints runs one output backwards over the live blocks.
func (s *system[T]) adjoints(o int, lambda slots[T]) (alpha, u []T) {
	alpha, u = s.zeroes(len(s.back)), s.zeroes(len(s.z))
	for b := len(s.blocks) - 1; b >= 0; b-- {
		if s.shape.live[b] {
			s.pull(o, b, lambda[b], alpha, u)
		}
	}
	return alpha, u
}

// gather returns Y + Σ uₖ Zₖ of one output, into a buffer of its own.
func (s *system[T]) gather(o int, u []T) []T {
	out := s.zeroes(s.n)
	s.axpy(out, s.of(1, 1), s.y[o])
	for k, c := range u {
		if s.sign(c) != 0 {
			s.axpy(out, c, s.z[k])
		}
	}
	return out
}

// element returns the element of D at the slots, flat [output][input].
func (s *system[T]) element(lambda slots[T]) []T {
	var out []T
	for o := range s.m {
		_, u := s.adjoints(o, lambda)
		if g := s.gather(o, u); s.m == 1 {
			return g
		} else {
			out = append(out, g...)
		}
	}
	return out
}

// slopes returns ⟨Zₖ, W⟩ for all members and one output's row of W.
func (s *system[T]) slopes(w []T) []T {
	out := make([]T, len(s.z))
	for k, z := range s.z {
		out[k] = s.dot(z, w)
	}
	return out
}

// tangent completes żₖ, given the slopes along the direction and v of earlier
// blocks.
func (s *system[T]) tangent(k int, slope T, v []T) T {
	for _, e := range s.terms[k] {
		slope = s.add(slope, s.mul(e.c, v[e.at]))
	}
	return slope
}

// push fills v of block b, given the tangents of its members.
func (s *system[T]) push(b int, lambda []T, tangents, v []T) {
	e := &s.blocks[b]
	m := e.members()
	for t := range e.to - e.from {
		v[e.from+t] = s.dot(lambda[t*m:(t+1)*m], tangents[e.lo:e.hi])
	}
}
