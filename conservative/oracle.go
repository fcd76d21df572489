package conservative

import (
	"cmp"
	"context"

	"github.com/tamegrad/tamegrad/expr"
)

// highest is the answer of a support oracle for a direction: bounds of the largest
// ⟨g, W⟩ over conv D, and the slots and the element that attain the lower one.
type highest[T any] struct {
	lower, upper T
	slots        slots[T] // of the free and the held blocks
	element      []T
	regions      int // that were looked at
}

// support asks for the direction w, flat [output][input]: a scalar product for
// every summand, which is best in closed form, and a search for every tangle.
func (p *parts[T]) support(ctx context.Context, w []T, budget int) highest[T] {
	h := highest[T]{slots: p.wholeRegion().held, element: p.zeroes(len(w))}
	p.axpy(h.element, p.of(1, 1), p.base)
	h.lower = p.dot(p.base, w)
	h.upper = h.lower
	for i := range p.summands {
		s := &p.summands[i]
		c := make([]T, len(s.generators))
		for j, g := range s.generators {
			c[j] = p.dot(g, w)
		}
		lambda, value := p.best(s.block, c)
		h.slots[s.block] = lambda
		h.lower, h.upper = p.add(h.lower, p.dot(lambda, c)), p.add(h.upper, value)
		for j, g := range s.generators {
			if p.sign(lambda[j]) != 0 {
				p.axpy(h.element, lambda[j], g)
			}
		}
	}
	if len(p.tangles) > 0 {
		p.untangle(ctx, w, budget, &h)
	}
	return h
}

func (p *parts[T]) untangle(ctx context.Context, w []T, budget int, h *highest[T]) {
	slopes := make([][]T, p.m)
	for o := range p.m {
		slopes[o] = p.slopes(w[o*p.n : (o+1)*p.n])
	}
	for i := range p.tangles {
		t := &p.tangles[i]
		lower, upper, at, used := p.maximise(ctx, t, slopes, budget)
		h.regions += used
		h.lower, h.upper = p.add(h.lower, lower), p.add(h.upper, upper)
		for _, b := range t.list {
			h.slots[b] = at[b]
		}
		for o := range p.m {
			p.collect(o, t.list, at, h.element[o*p.n:(o+1)*p.n])
		}
	}
}

// collect adds Σ uₖ Zₖ of the blocks of a group, for one output.
func (p *parts[T]) collect(o int, list []int, at slots[T], into []T) {
	alpha, u := p.zeroes(len(p.back)), p.zeroes(len(p.z))
	for i := len(list) - 1; i >= 0; i-- {
		p.pull(o, list[i], at[list[i]], alpha, u)
		for k := p.blocks[list[i]].lo; k < p.blocks[list[i]].hi; k++ {
			p.axpy(into, u[k], p.z[k])
		}
	}
}

// hull is conv D as a set of package convex, in float64.
type hull struct {
	*parts[float64]
	ctx  context.Context
	left *allowance
}

// allowance is how many regions the calls of the oracle in one search may still look at.
type allowance int

// regionsPerPart makes it from a budget of parts. Searches over curved sets, which take
// the most calls, take a hundred or so.
const regionsPerPart = 64

// allowance is that of one search.
func (d *Field) allowance() *allowance {
	a := allowance(regionsPerPart * cmp.Or(d.options.MaxParts, defaultParts))
	return &a
}

// call is the budget of a call that could do with most. It is never nothing, so that
// there are bounds.
func (a *allowance) call(most int) int { return max(leastRegions, min(most, int(*a))) }

func (a *allowance) spend(regions int) { *a -= allowance(regions) }

// oracleRegions and oracleWork bound the search of one call of the oracle, and
// leastRegions are looked at in any case.
const (
	leastRegions  = 2
	oracleRegions = 256
	oracleWork    = 1 << 19
)

// regions is the budget of a call, fewer regions for larger groups.
func (p *parts[T]) regions() int {
	most := 1
	for i := range p.tangles {
		most = max(most, p.work(p.tangles[i].list))
	}
	return max(leastRegions, min(oracleRegions, oracleWork/most))
}

func (h hull) Dim() int { return h.n * h.m }

// Support writes an element that maximises the product with the direction. It
// does what support does without its books, since every cycle asks it.
func (h hull) Support(dst, direction []float64) {
	copy(dst, h.base)
	for i := range h.summands {
		s := &h.summands[i]
		if h.blocks[s.block].kind == expr.StepSlot {
			if g := s.generators[0]; dot(g, direction) > 0 {
				axpy(dst, 1, g)
			}
			continue
		}
		c := make([]float64, len(s.generators))
		for j, g := range s.generators {
			c[j] = dot(g, direction)
		}
		lambda, _ := h.best(s.block, c)
		for j, g := range s.generators {
			if lambda[j] != 0 {
				axpy(dst, lambda[j], g)
			}
		}
	}
}

// answer does the same with the books: what the element is made of.
func (h hull) answer(direction []float64) highest[float64] {
	a := h.support(h.ctx, direction, h.left.call(h.regions()))
	h.left.spend(a.regions)
	return a
}

// tangledHull is a hull whose support function has bounds. It keeps its answers: a
// search asks for many directions, and then for some of them again.
type tangledHull struct {
	hull
	kept *kept[highest[float64]] // by the bits of the direction
}

func (h tangledHull) answer(direction []float64) highest[float64] {
	var key []byte
	for _, v := range direction {
		key = floatKey(key, v)
	}
	a, known := h.kept.get(string(key))
	if !known {
		a = h.hull.answer(direction)
		h.kept.put(string(key), a, 2*len(direction)+len(h.z)+len(h.back))
	}
	return a
}

func (h tangledHull) Support(dst, direction []float64) { h.SupportBound(dst, direction) }

func (h tangledHull) SupportBound(dst, direction []float64) (upper float64) {
	a := h.answer(direction)
	copy(dst, a.element)
	return a.upper
}
