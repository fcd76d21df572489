package conservative

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
)

// maxNumbers bounds the numbers that the elements of an enumeration have in all:
// half a gigabyte of floats.
const maxNumbers = 1 << 26

// budgetError says why conv D is not enumerated.
type budgetError struct{ why string }

func (e *budgetError) Error() string { return e.why }

// extremePoints returns the extreme points of conv D in lexicographic order. The
// error is a *budgetError or *tooMany if they are not enumerated.
func (p *parts[T]) extremePoints(ctx context.Context, limit int) ([]clarke.Vector, error) {
	for b := range p.blocks {
		if p.shape.free[b] && p.pieces(b, 1) == 0 {
			return nil, &budgetError{"an active norm takes any vector of a ball, so conv D is no polytope"}
		}
	}
	limit = min(limit, maxNumbers/(p.n*p.m))
	var lists [][]clarke.Vector
	for i := range p.summands {
		if p.pieces(p.summands[i].block, limit) > limit {
			return nil, tooManyChoices(limit)
		}
		points, err := p.pointsOf(ctx, &p.summands[i])
		if err != nil {
			return nil, err
		}
		lists = append(lists, points)
	}
	if err := p.affordable(lists, limit); err != nil {
		return nil, err
	}
	work := walkWork
	for i := range p.tangles {
		points, err := p.enumerate(ctx, p.tangles[i].list, limit, &work)
		if err != nil {
			return nil, err
		}
		lists = append(lists, points)
	}
	return p.sum(ctx, lists, limit)
}

func tooManyChoices(limit int) *budgetError {
	return &budgetError{fmt.Sprintf("the active kinks have more combinations of extreme choices than the budget of %d", limit)}
}

// pointsOf lists the extreme points of a summand, and perhaps more.
func (p *parts[T]) pointsOf(ctx context.Context, s *summand[T]) (out []clarke.Vector, err error) {
	for lambda := range p.eachVertex(s.block) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v := p.zeroes(p.n * p.m)
		for i, g := range s.generators {
			p.axpy(v, lambda[i], g)
		}
		out = append(out, p.vector(v))
	}
	return out, nil
}

// affordable bounds the number of extreme points of a sum: by the product, and for
// segments by the vertices of a zonotope in general position, 2 Σ_{i<n} C(k−1, i)
// (R. C. Buck, "Partition of space", Amer. Math. Monthly 50, 1943).
func (p *parts[T]) affordable(lists [][]clarke.Vector, limit int) error {
	product, rest := 1.0, 1.0
	segments := 0
	for _, list := range lists {
		if product *= float64(len(list)); len(list) == 2 {
			segments++
		} else {
			rest *= float64(len(list))
		}
	}
	zonotope, term := 0.0, 2.0
	for i := 0; i < p.n*p.m && i < segments; i++ {
		zonotope += term
		term *= float64(segments-1-i) / float64(i+1)
	}
	if min(product, max(zonotope, 1)*rest) > float64(limit) {
		return tooManyChoices(limit)
	}
	return nil
}

// sum returns the extreme points of the sum of the base and one point of each
// list. In floats some may be equal, since a small change of a large number is lost.
func (p *parts[T]) sum(ctx context.Context, lists [][]clarke.Vector, limit int) ([]clarke.Vector, error) {
	if len(lists) == 0 {
		return []clarke.Vector{p.vector(p.base)}, nil
	}
	found, err := extremeOfSum(ctx, lists, limit)
	if err != nil {
		return nil, err
	}
	var out []clarke.Vector
	for _, digits := range found {
		v := p.zeroes(len(p.base))
		p.axpy(v, p.of(1, 1), p.base)
		for i, digit := range digits {
			p.axpy(v, p.of(1, 1), p.values(lists[i][digit]))
		}
		out = append(out, p.vector(v))
	}
	slices.SortFunc(out, compare)
	return slices.CompactFunc(out, equal), nil
}

// countTangled fails if a long group has more elements than a limit, or if telling states
// apart takes more numbers.
func (p *parts[T]) countTangled(ctx context.Context, limit, work int) error {
	for i := range p.tangles {
		if list := p.tangles[i].list; len(list) > longWalk {
			w, err := p.newWalk(ctx, list, min(limit, maxNumbers/(p.n*p.m)), &work)
			if err != nil {
				return err
			}
			if err := w.descend(len(list) - 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// walk enumerates the products of extreme choices of a group from its last block.
// A block where nothing arrives gets no choice: for 60 relus in each other there
// are 61 products, not 2^60.
type walk[T any] struct {
	*parts[T]
	ctx      context.Context
	list     []int
	vertices [][][]T // by position in the list
	alpha, u [][]T
	arrived  [][]T // by output and through: from the blocks that had their choice
	sums     [][]T // by output: what these add to the element
	limit    int
	states   int  // how many may still be looked at
	work     *int // and how many numbers, to tell them apart
	out      []clarke.Vector
	seen     []map[string]bool // by position: states that have been there; nil for none
	key      []byte
}

// blockStates bounds how many states for each block may be looked at, beside two for
// each element within the limit: where most choices lead to what has been seen, there
// are many states to few elements.
const blockStates = 1 << 12

// walkWork bounds the numbers that tell the states of all groups apart, and are kept: a
// second or so in float64. Rationals take longer, and get a share of them.
const (
	walkWork      = 1 << 24
	rationalShare = 8
)

// longWalk is the number of free blocks from which on states are remembered:
// after different choices all that is left may be the same, as for abs in abs.
const longWalk = 12

// enumerate returns the extreme points of the hull of Σ uₖ Zₖ over a group.
func (p *parts[T]) enumerate(ctx context.Context, list []int, limit int, work *int) ([]clarke.Vector, error) {
	w, err := p.newWalk(ctx, list, limit, work)
	if err != nil {
		return nil, err
	}
	if err := w.descend(len(list) - 1); err != nil {
		return nil, err
	}
	index, err := hullOf(ctx, w.out)
	return pick(w.out, index), err
}

func (p *parts[T]) newWalk(ctx context.Context, list []int, limit int, work *int) (*walk[T], error) {
	w := &walk[T]{parts: p, ctx: ctx, list: list, limit: limit, states: 2*limit + min(limit, blockStates)*len(list), work: work}
	for _, b := range list {
		if p.pieces(b, limit) > limit {
			return nil, tooManyChoices(limit)
		}
		all := p.system.vertices(b)
		if !p.shape.free[b] {
			all = all[:1]
		}
		w.vertices = append(w.vertices, all)
	}
	if len(list) > longWalk {
		w.seen = make([]map[string]bool, len(list))
	}
	for range p.m {
		w.alpha, w.u = append(w.alpha, p.zeroes(len(p.back))), append(w.u, p.zeroes(len(p.z)))
		w.arrived, w.sums = append(w.arrived, p.zeroes(len(p.back))), append(w.sums, p.zeroes(p.n))
	}
	return w, nil
}

func (w *walk[T]) descend(i int) error {
	switch w.states--; {
	case w.states < 0 || *w.work < 0:
		return &budgetError{fmt.Sprintf("the choices at %d kinks on common paths have more partial combinations than the budget of %d elements allows for", len(w.list), w.limit)}
	case w.ctx.Err() != nil:
		return w.ctx.Err()
	case i < 0:
		return w.emit()
	}
	if w.seen != nil && w.repeats(i) {
		return nil
	}
	e := &w.blocks[w.list[i]]
	for j, lambda := range w.vertices[i] {
		arrives := false
		for o := range w.m {
			w.pull(o, w.list[i], lambda, w.alpha[o], w.u[o])
			arrives = arrives || slices.ContainsFunc(w.alpha[o][e.from:e.to], w.isNonzero)
		}
		if j > 0 && !arrives {
			return nil
		}
		if err := w.goOn(i); err != nil {
			return err
		}
	}
	return nil
}

// goOn descends from block list[i], which has its choice.
func (w *walk[T]) goOn(i int) error {
	if w.seen != nil {
		defer w.takeBack(w.pass(w.list[i]))
	}
	return w.descend(i - 1)
}

// repeats notes the state before block list[i] gets its choice: what arrives at the
// blocks to come from those that had theirs, and the sum so far.
func (w *walk[T]) repeats(i int) bool {
	key := w.key[:0]
	for o := range w.m {
		for _, b := range w.list[:i+1] {
			for _, v := range w.arrived[o][w.blocks[b].from:w.blocks[b].to] {
				key = w.numbers.key(key, v)
				*w.work--
			}
		}
		for _, v := range w.sums[o] {
			key = w.numbers.key(key, v)
			*w.work--
		}
	}
	w.key = key
	if w.seen[i] == nil {
		w.seen[i] = map[string]bool{}
	}
	if w.seen[i][string(key)] {
		return true
	}
	w.seen[i][string(key)] = true
	return false
}

// passed is what a choice has changed: numbers that arrived, and all sums.
type passed[T any] struct {
	arrived []arrival[T]
	sums    [][]T
}

type arrival[T any] struct {
	output, through int
	before          T
}

// pass adds what block b got to the sums and to what arrives at the blocks to come.
func (w *walk[T]) pass(b int) (p passed[T]) {
	p.sums = slices.Clone(w.sums)
	for o := range w.m {
		for k := w.blocks[b].lo; k < w.blocks[b].hi; k++ {
			u := w.u[o][k]
			if !w.isNonzero(u) {
				continue
			}
			w.sums[o] = w.plus(w.sums[o], u, w.z[k])
			for _, t := range w.terms[k] {
				at := &w.arrived[o][t.at]
				p.arrived = append(p.arrived, arrival[T]{o, t.at, *at})
				*at = w.add(*at, w.mul(t.c, u))
			}
		}
	}
	return p
}

// takeBack restores what pass has changed.
func (w *walk[T]) takeBack(p passed[T]) {
	copy(w.sums, p.sums)
	for _, a := range slices.Backward(p.arrived) {
		w.arrived[a.output][a.through] = a.before
	}
}

// gathered returns Σ uₖ Zₖ over blocks.
func (w *walk[T]) gathered(o int, list []int) []T {
	row := w.zeroes(w.n)
	for _, b := range list {
		for k := w.blocks[b].lo; k < w.blocks[b].hi; k++ {
			w.axpy(row, w.u[o][k], w.z[k])
		}
	}
	return row
}

func (w *walk[T]) emit() error {
	if len(w.out) >= w.limit {
		return tooManyChoices(w.limit)
	}
	var v []T
	for o := range w.m {
		v = append(v, w.gathered(o, w.list)...)
	}
	w.out = append(w.out, w.vector(v))
	return nil
}
