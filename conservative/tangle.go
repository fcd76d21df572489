package conservative

import (
	"container/heap"
	"context"
	"iter"
	"slices"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
)

// search is the branch and bound for the maximum of Σ cₖuₖ(λ) over the slots λ of
// a tangle, with coefficients for every output: from below by ascent in one block
// at a time, from above by relaxation.
type search[T any] struct {
	*system[T]
	ctx   context.Context
	list  []int
	c     [][]T // by output and member
	slack T     // differences up to it are rounding
	value T     // the best so far
	slots slots[T]
	found bool
	open  nodes[T]

	used, budget int          // regions
	wide         map[int]bool // by block, see isWide
}

// node is a region with the bound over it.
type node[T any] struct {
	at     region[T]
	bound  T
	branch int // block to split, or −1
}

// nodes is a heap with the largest bound first.
type nodes[T any] struct {
	list    []node[T]
	compare func(a, b T) int
}

func (h *nodes[T]) Len() int           { return len(h.list) }
func (h *nodes[T]) Less(i, j int) bool { return h.compare(h.list[i].bound, h.list[j].bound) > 0 }
func (h *nodes[T]) Swap(i, j int)      { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *nodes[T]) Push(x any)         { h.list = append(h.list, x.(node[T])) }
func (h *nodes[T]) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}

// maximise returns bounds of the maximum and slots that attain the lower one. It
// looks at up to budget regions, and returns at how many.
func (s *system[T]) maximise(ctx context.Context, t *tangle[T], c [][]T, budget int) (lower, upper T, at slots[T], used int) {
	q := &search[T]{system: s, ctx: ctx, list: t.list, c: c, open: nodes[T]{compare: s.compare}, wide: map[int]bool{}}
	q.budget = max(1, min(budget, regionWork/s.work(t.list)))
	root := t.seen.whole(ctx)
	q.slack = q.rounding(root)
	for q.visit(root); len(q.open.list) > 0 && !q.over(); {
		top := heap.Pop(&q.open).(node[T])
		if q.settled(top.bound) {
			q.open.list = nil
			break
		}
		if top.branch < 0 {
			heap.Push(&q.open, top)
			break
		}
		whole := t.seen.relax(ctx, top.at)
		for at := range q.split(top) {
			if q.over() { // what is left of the region counts with the bound of all of it
				heap.Push(&q.open, top)
				break
			}
			q.visit(t.seen.part(whole, at, top.branch))
		}
	}
	upper = q.value
	for i := range q.open.list {
		if b := q.open.list[i].bound; !q.settled(b) && s.compare(b, upper) > 0 {
			upper = b
		}
	}
	return q.value, upper, q.slots, q.used
}

// over reports whether the search has to end: there are values and a bound then.
func (q *search[T]) over() bool { return q.used >= q.budget || q.ctx.Err() != nil }

// regionWork bounds the operations of one search, a second or so in float64: the
// bounds of a region cost the square of the number of kinks at least.
const regionWork = 1 << 24

// work is about how many operations the bounds of a region take.
func (s *system[T]) work(list []int) int {
	throughs, terms := 0, 0
	for _, b := range list {
		e := &s.blocks[b]
		throughs += e.to - e.from
		for k := e.lo; k < e.hi; k++ {
			terms += 1 + len(s.terms[k])
		}
	}
	return s.m * throughs * terms
}

// settled reports whether a region with this bound holds nothing better.
func (q *search[T]) settled(bound T) bool {
	return q.found && q.compare(bound, q.add(q.value, q.slack)) <= 0
}

// rounding is 0 in rationals, and else relative to the terms of the sum.
func (q *search[T]) rounding(root *relaxation[T]) T {
	zero := q.of(0, 1)
	if _, exact := any(zero).(float64); !exact {
		return zero
	}
	size := zero
	for o, c := range q.c {
		for _, b := range q.list {
			e := &q.blocks[b]
			for t := e.from; t < e.to; t++ {
				a := root.bounds[o][t]
				a.hi = root.larger(a.hi, q.sub(zero, a.lo))
				for k := e.lo; k < e.hi; k++ {
					size = q.add(size, q.mul(a.hi, root.larger(c[k], q.sub(zero, c[k]))))
				}
			}
		}
	}
	return any(convex.Tolerance(q.n*q.m) * q.float(size)).(T)
}

// visit bounds a region, climbs from where the bound points to, and queues it.
func (q *search[T]) visit(r *relaxation[T]) {
	if q.used++; r.empty {
		return
	}
	bound := q.of(0, 1)
	relaxed := make([][]T, q.m)
	for o := range q.m {
		relaxed[o] = slices.Clone(q.c[o])
		bound = q.add(bound, r.upper(o, 0, relaxed[o]))
	}
	if q.settled(bound) {
		return
	}
	start, branch := q.point(r, relaxed)
	q.climb(start)
	if !q.settled(bound) {
		heap.Push(&q.open, node[T]{r.region, bound, branch})
	}
}

// point returns the slots that the bound suggests, those that are best for the
// relaxed coefficients where adjoints are in the middle of their bounds, and the
// block where the bound is most generous there.
func (q *search[T]) point(r *relaxation[T], relaxed [][]T) (at slots[T], branch int) {
	at, branch = make(slots[T], len(q.blocks)), -1
	worst := q.of(-1, 1)
	for _, b := range q.list {
		if at[b] = r.held[b]; at[b] != nil {
			continue
		}
		e := &q.blocks[b]
		m := e.members()
		joint, chords := q.zeroes(m*(e.to-e.from)), q.of(0, 1)
		for o := range q.m {
			slopes, constant := r.chord(o, b, relaxed[o])
			chords = q.add(chords, constant)
			for t := range slopes {
				a := r.bounds[o][e.from+t]
				middle := q.mul(q.add(a.lo, a.hi), q.of(1, 2))
				chords = q.add(chords, q.mul(slopes[t], middle))
				q.axpy(joint[t*m:(t+1)*m], middle, relaxed[o][e.lo:e.hi])
			}
		}
		var value T
		at[b], value = q.best(b, joint)
		if gap := q.sub(chords, value); q.splits(r, b) && q.compare(gap, worst) > 0 {
			worst, branch = gap, b
		}
	}
	return at, branch
}

// splits reports whether a block can be split further.
func (q *search[T]) splits(r *relaxation[T], b int) bool {
	e := &q.blocks[b]
	if q.bySign(b) {
		a := r.bounds[0][e.from]
		return q.sign(a.lo) < 0 && q.sign(a.hi) > 0
	}
	return q.shape.free[b] && (e.kind != expr.DirectionSlot || e.members() == 1) && !q.isWide(b)
}

// isWide reports whether a block has more extreme points than there is budget for.
func (q *search[T]) isWide(b int) bool {
	wide, known := q.wide[b]
	if !known {
		wide = q.pieces(b, q.budget) > q.budget
		q.wide[b] = wide
	}
	return wide
}

// bySign reports whether a block is split by the sign of its adjoint, a number,
// and not by the extreme points of its slot.
func (q *search[T]) bySign(b int) bool {
	return q.m == 1 && q.blocks[b].kind != expr.PermutationSlot
}

func (q *search[T]) split(n node[T]) iter.Seq[region[T]] {
	return func(yield func(region[T]) bool) {
		if q.bySign(n.branch) {
			for _, sign := range []int8{1, -1} {
				at := region[T]{n.at.held, slices.Clone(n.at.signs)}
				if at.signs[n.branch] = sign; !yield(at) {
					return
				}
			}
			return
		}
		for v := range q.eachVertex(n.branch) {
			at := region[T]{slices.Clone(n.at.held), n.at.signs}
			if at.held[n.branch] = v; !yield(at) {
				return
			}
		}
	}
}

// sweeps bounds the passes of an ascent. Each but the last raises the value.
const sweeps = 32

// climb improves slots in one block after the other, all blocks in one pass: what
// arrives at a block depends on later slots, its tangents on earlier ones.
func (q *search[T]) climb(at slots[T]) {
	for range sweeps {
		value, better := q.sweep(at)
		if !q.found || q.compare(value, q.value) > 0 {
			q.value, q.slots, q.found = value, slices.Clone(at), true
		}
		if !better || q.ctx.Err() != nil {
			return
		}
	}
}

func (q *search[T]) sweep(at slots[T]) (value T, better bool) {
	alpha, v, tangents := make([][]T, q.m), make([][]T, q.m), make([][]T, q.m)
	for o := range q.m {
		var u []T
		alpha[o], u = q.zeroes(len(q.back)), q.zeroes(len(q.z))
		for i := len(q.list) - 1; i >= 0; i-- {
			q.pull(o, q.list[i], at[q.list[i]], alpha[o], u)
		}
		v[o], tangents[o] = q.zeroes(len(q.back)), make([]T, len(q.z))
	}
	value = q.of(0, 1)
	for _, b := range q.list {
		e := &q.blocks[b]
		m := e.members()
		joint := q.zeroes(m * (e.to - e.from))
		for o := range q.m {
			for k := e.lo; k < e.hi; k++ {
				tangents[o][k] = q.tangent(k, q.c[o][k], v[o])
			}
			for t := range e.to - e.from {
				q.axpy(joint[t*m:(t+1)*m], alpha[o][e.from+t], tangents[o][e.lo:e.hi])
			}
		}
		if q.shape.free[b] {
			lambda, _ := q.best(b, joint)
			if q.compare(q.dot(lambda, joint), q.add(q.dot(at[b], joint), q.slack)) > 0 {
				at[b], better = lambda, true
			}
		}
		for o := range q.m {
			q.push(b, at[b], tangents[o], v[o])
			value = q.add(value, q.dot(q.jacobi[o][e.from:e.to], v[o][e.from:e.to]))
		}
	}
	return value, better
}
