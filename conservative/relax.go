package conservative

import (
	"context"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// region is a part of the product of slot sets: blocks held at a value, and
// blocks whose arriving adjoint has a given sign. Nil values and sign 0 leave a
// block free.
type region[T any] struct {
	held  slots[T]
	signs []int8
}

// interval holds the adjoint at a through.
type interval[T any] struct{ lo, hi T }

// wholeRegion holds the blocks without a choice at one value.
func (s *system[T]) wholeRegion() region[T] {
	r := region[T]{held: make(slots[T], len(s.blocks)), signs: make([]int8, len(s.blocks))}
	for b := range s.blocks {
		if s.shape.live[b] && !s.shape.free[b] {
			r.held[b] = s.vertices(b)[0]
		}
	}
	return r
}

// relaxation bounds linear functions of the adjoints over a region from above.
// The members' u are a convex combination λ of α; where the sign of α can be
// both, max over λ of Σ cₖuₖ is a convex function of α that its chord bounds. A
// bound of a function of u passes in this way to one of the u of later blocks
// only, and in the end to a number: the backward substitution of linear
// relaxations of neural networks (H. Zhang et al., "Efficient neural network
// robustness certification with general activation functions", NeurIPS 2018),
// with adjoints in the place of activations. It is exact if all signs are known.
type relaxation[T any] struct {
	*system[T]
	region[T]
	list   []int           // the blocks of the group, ascending
	bounds [][]interval[T] // by output and through
	empty  bool            // no slots have these signs
	ctx    context.Context
}

// relax computes the bounds of the adjoints of a group, from the last block. When
// the context ends they come from the bounds of the blocks that follow only: they
// are wider then, but cheap.
func (s *system[T]) relax(ctx context.Context, list []int, at region[T]) *relaxation[T] {
	r := &relaxation[T]{system: s, region: at, list: list, bounds: make([][]interval[T], s.m), ctx: ctx}
	for o := range s.m {
		r.bounds[o] = make([]interval[T], len(s.back))
	}
	for i := len(list) - 1; i >= 0; i-- {
		r.bound(i)
	}
	return r
}

// part is relax for a part of the region that differs from it in one block. Bounds depend
// on the blocks that paths lead to and on the sign of their own: only those change from
// which a path leads to that one, and its own unless it is held.
func (r *relaxation[T]) part(at region[T], block int) *relaxation[T] {
	p := &relaxation[T]{system: r.system, region: at, list: r.list, bounds: make([][]interval[T], r.m), ctx: r.ctx}
	for o := range p.bounds {
		p.bounds[o] = slices.Clone(r.bounds[o])
	}
	last := slices.Index(r.list, block)
	if at.held[block] == nil {
		p.bound(last)
	}
	changed := make([]bool, len(r.blocks))
	changed[block] = true
	for i := last - 1; i >= 0; i-- {
		if b := r.list[i]; r.feeds(b, changed) {
			changed[b] = true
			p.bound(i)
		}
	}
	return p
}

// feeds reports whether an adjoint of block b has what one of some blocks gets.
func (s *system[T]) feeds(b int, some []bool) bool {
	for _, list := range s.back[s.blocks[b].from:s.blocks[b].to] {
		if slices.ContainsFunc(list, func(e term[T]) bool { return some[s.shape.home[e.at]] }) {
			return true
		}
	}
	return false
}

// bound computes the bounds of block list[i].
func (r *relaxation[T]) bound(i int) {
	e := &r.blocks[r.list[i]]
	for o := range r.m {
		for t := e.from; t < e.to; t++ {
			r.bounds[o][t] = r.through(o, i, t)
		}
	}
}

// through returns the interval of the adjoint at through t of block list[i], cut to
// the sign that the region asks for.
func (r *relaxation[T]) through(o, i, t int) interval[T] {
	c := interval[T]{r.jacobi[o][t], r.jacobi[o][t]}
	switch {
	case len(r.back[t]) == 0:
	case r.ctx.Err() != nil:
		for _, e := range r.back[t] {
			c = r.widened(c, o, e)
		}
	default:
		up, down := r.zeroes(len(r.z)), r.zeroes(len(r.z))
		for _, e := range r.back[t] {
			up[e.at], down[e.at] = e.c, r.sub(r.of(0, 1), e.c)
		}
		high, low := r.upper(o, i+1, up), r.upper(o, i+1, down)
		c = interval[T]{r.short(r.sub(c.lo, low), false), r.short(r.add(c.hi, high), true)}
		if r.compare(c.lo, c.hi) > 0 { // rounding
			c.lo = c.hi
		}
	}
	zero := r.of(0, 1)
	switch sign := r.signs[r.list[i]]; {
	case sign > 0 && r.sign(c.lo) < 0:
		c.lo, r.empty = zero, r.empty || r.sign(c.hi) < 0
	case sign < 0 && r.sign(c.hi) > 0:
		c.hi, r.empty = zero, r.empty || r.sign(c.lo) > 0
	}
	return c
}

// widened adds a term L·u to an interval, with |u| at most the largest |α| of its
// block for each of its throughs.
func (r *relaxation[T]) widened(c interval[T], o int, e term[T]) interval[T] {
	zero, reach := r.of(0, 1), r.of(0, 1)
	if !r.shape.live[r.shape.home[e.at]] {
		return c
	}
	b := &r.blocks[r.shape.home[e.at]]
	for _, a := range r.bounds[o][b.from:b.to] {
		reach = r.add(reach, r.larger(a.hi, r.sub(zero, a.lo)))
	}
	reach = r.mul(reach, r.larger(e.c, r.sub(zero, e.c)))
	return interval[T]{r.sub(c.lo, reach), r.add(c.hi, reach)}
}

// upper bounds Σ cₖuₖ over the members of the blocks from list[i] on, for one
// output. It overwrites c with the coefficients that the relaxed u of the blocks got.
func (r *relaxation[T]) upper(o, i int, c []T) (sum T) {
	sum = r.of(0, 1)
	for _, b := range r.list[i:] {
		if !slices.ContainsFunc(c[r.blocks[b].lo:r.blocks[b].hi], r.isNonzero) {
			continue
		}
		slopes, constant := r.chord(o, b, c)
		sum = r.add(sum, constant)
		for t, v := range slopes {
			if r.sign(v) == 0 {
				continue
			}
			t += r.blocks[b].from
			sum = r.add(sum, r.mul(v, r.jacobi[o][t]))
			for _, e := range r.back[t] {
				c[e.at] = r.add(c[e.at], r.mul(v, e.c))
			}
		}
	}
	return sum
}

// chord bounds Σ cₖuₖ over block b by Σ slopesₜαₜ + constant.
func (r *relaxation[T]) chord(o, b int, c []T) (slopes []T, constant T) {
	e := &r.blocks[b]
	c = c[e.lo:e.hi]
	slopes, constant = make([]T, e.to-e.from), r.of(0, 1)
	switch {
	case r.held[b] != nil:
		for t := range slopes {
			slopes[t] = r.dot(r.held[b][t*len(c):(t+1)*len(c)], c)
		}
	case e.kind == expr.PermutationSlot:
		return r.chordOfOrder(r.bounds[o][e.from:e.to], b, c)
	default:
		a := r.bounds[o][e.from]
		_, top := r.best(b, c)
		if r.sign(a.lo) >= 0 {
			slopes[0] = top
			break
		}
		negated := r.zeroes(len(c))
		r.axpy(negated, r.of(-1, 1), c)
		_, bottom := r.best(b, negated)
		if r.sign(a.hi) <= 0 {
			slopes[0] = r.sub(r.of(0, 1), bottom)
			break
		}
		// From (lo, −lo·bottom) to (hi, hi·top), above both ends if it is rounded.
		high, low := r.mul(a.hi, top), r.sub(r.of(0, 1), r.mul(a.lo, bottom))
		slopes[0] = r.short(r.quo(r.sub(high, low), r.sub(a.hi, a.lo)), true)
		constant = r.larger(r.sub(high, r.mul(slopes[0], a.hi)), r.sub(low, r.mul(slopes[0], a.lo)))
	}
	return slopes, constant
}

// chordOfOrder bounds the largest Σ αₚ c_π(p) over orders π. With m the mean of c
// it is m Σ αₚ + max Σ αₚ (c_π(p) − m), and the second part is sublinear in α.
func (r *relaxation[T]) chordOfOrder(a []interval[T], b int, c []T) (slopes []T, constant T) {
	mean := r.of(0, 1)
	for _, v := range c {
		mean = r.add(mean, v)
	}
	mean = r.quo(mean, r.of(int64(len(c)), 1))
	widest := r.of(0, 1)
	for _, v := range c {
		widest = r.larger(widest, r.larger(r.sub(v, mean), r.sub(mean, v)))
	}
	products := make([]T, 0, len(c)*len(c))
	slopes, constant = make([]T, len(c)), r.of(0, 1)
	for t := range a {
		middle := r.mul(r.add(a[t].lo, a[t].hi), r.of(1, 2))
		for _, v := range c {
			products = append(products, r.mul(middle, r.sub(v, mean)))
		}
		slopes[t] = mean
		constant = r.add(constant, r.mul(r.sub(a[t].hi, middle), widest))
	}
	_, value := r.best(b, products)
	return slopes, r.add(constant, value)
}

func (r *relaxation[T]) larger(a, b T) T {
	if r.compare(a, b) < 0 {
		return b
	}
	return a
}
