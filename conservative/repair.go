package conservative

import (
	"context"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
)

// Repair is a change of slots that brings a selection into ∂f(x).
type Repair struct {
	Kinks     []int           // those that change, of Field.Kinks
	Slots     []clarke.Vector // of all kinks, after the change
	Selection clarke.Vector
	Change    float64 // ‖Δλ‖, over all entries that change
	// Smallest says that no change of fewer kinks will do, and that none of as many
	// is shorter: not so if the budget ended, or where changes of one number of kinks
	// share a path or involve a Permutation or Direction, and lengths were not
	// minimised.
	Smallest bool
}

// repairing is the search for a repair by sets of kinks, smallest sets first. Kinks
// outside the set keep their values, so whether some values inside will do is a
// meeting of the rest of D with ∂f.
type repairing struct {
	*meeting
	free     []int // kinks that may change
	must     []int // and those that must, since their values are outside their sets
	from     slots[*big.Rat]
	budget   int // of sets; the linear programs of all of them share that of the meeting
	best     slots[*big.Rat]
	kinks    []int
	change   *big.Rat // squared
	smallest bool
}

// repair looks for slots whose g is in the hull of the limiting gradients found.
func (r *AuditReport) repair(ctx context.Context, budget int) (*Repair, error) {
	d, targets := r.Bracket.Outer, r.Bracket.Inner.Vertices
	if d.float.m > 1 || len(targets) == 0 {
		return nil, nil
	}
	q := &repairing{meeting: d.meeting(targets), must: r.Invalid, budget: budget, smallest: true}
	for b, free := range q.shape.free {
		if free && !slices.Contains(q.must, b) {
			q.free = append(q.free, b)
		}
	}
	for b, v := range d.filled(r.Slots) {
		if slices.Contains(q.must, b) {
			q.from = append(q.from, finiteOf(v.Float))
			continue
		}
		q.from = append(q.from, floatedNumbers.values(v))
	}
	for size := 0; size <= len(q.free) && q.best == nil && q.budget > 0; size++ {
		q.choose(ctx, slices.Clone(q.must), 0, size)
	}
	if q.best == nil {
		return nil, nil
	}
	change, _ := q.change.Float64()
	out := &Repair{Kinks: q.kinks, Slots: d.listed(q.best), Change: math.Sqrt(change), Smallest: q.smallest && q.budget > 0}
	var err error
	out.Selection, err = d.Element(out.Slots)
	return out, err
}

// finiteOf reads floats as rationals, and NaN as 0.
func finiteOf(v []float64) []*big.Rat {
	v = slices.Clone(v)
	for i, x := range v {
		if x-x != 0 {
			v[i] = 0
		}
	}
	return rationalOf(v)
}

// choose tries all sets of size more kinks.
func (q *repairing) choose(ctx context.Context, set []int, from, size int) {
	if size == 0 {
		q.try(ctx, set)
		return
	}
	for i := from; i+size <= len(q.free) && q.budget > 0; i++ {
		q.choose(ctx, append(slices.Clone(set), q.free[i]), i+1, size-1)
	}
}

// try looks for values of the kinks of a set.
func (q *repairing) try(ctx context.Context, set []int) {
	if q.budget--; q.budget < 0 || q.meeting.budget < 0 || ctx.Err() != nil {
		q.budget = 0
		return
	}
	m := *q.meeting
	m.held, m.cuts, m.found, m.open = slices.Clone(q.from), nil, nil, ""
	defer func() { q.meeting.budget = m.budget }()
	for _, b := range set {
		m.held[b] = nil
	}
	verdict := m.run(ctx)
	if verdict == clarke.Unknown {
		q.smallest = false
	}
	if verdict != clarke.Yes {
		return
	}
	at := m.found
	if !q.closest(ctx, &m, set, at) {
		q.smallest = false
	}
	change := q.distance(set, at)
	if q.best == nil || change.Cmp(q.change) < 0 {
		q.best, q.kinks, q.change = at, slices.Sorted(slices.Values(set)), change
	}
}

func (q *repairing) distance(set []int, at slots[*big.Rat]) *big.Rat {
	sum := new(big.Rat)
	for _, b := range set {
		for k, v := range at[b] {
			d := new(big.Rat).Sub(v, q.from[b][k])
			sum.Add(sum, d.Mul(d, d))
		}
	}
	return sum
}

// closestRounds bounds the rounds of closest.
const closestRounds = 64

// closest replaces the values of the set by those nearest to where it started, if
// every uₖ = λₖα there has a constant α, so that the values that will do form a
// polytope. Its points are found by linear programming, and the nearest point of
// their hull (in λ) asks for the next one, until none is better.
func (q *repairing) closest(ctx context.Context, m *meeting, set []int, at slots[*big.Rat]) bool {
	n := len(m.blocks)
	l := m.leaf(ctx, Part{make([]int8, n), make([][]int, n)})
	if l == nil {
		return false
	}
	for _, b := range set {
		e := &m.blocks[b]
		fixed := l.bounds[e.from].lo.Cmp(l.bounds[e.from].hi) == 0 && l.bounds[e.from].lo.Sign() != 0
		if !fixed || e.kind == expr.PermutationSlot || e.kind == expr.DirectionSlot {
			return false
		}
	}
	points := [][]*big.Rat{q.offset(set, at)}
	for range closestRounds {
		nearest, err := convex.ExactMinNormContext(ctx, points)
		if err != nil || ctx.Err() != nil {
			return false
		}
		x := l.lp.minimise(ctx, l.costs(set, nearest.Point))
		if x == nil {
			return false
		}
		next := slices.Clone(at)
		for _, b := range set {
			next[b] = l.slotOf(b, x)
		}
		better := q.offset(set, next)
		if ratDot(better, nearest.Point).Cmp(nearest.NormSquared()) >= 0 {
			q.move(set, at, nearest.Point)
			return true
		}
		points = append(points, better)
	}
	return false
}

// offset lists λ − λ₀ of a set.
func (q *repairing) offset(set []int, at slots[*big.Rat]) (out []*big.Rat) {
	for _, b := range set {
		for k, v := range at[b] {
			out = append(out, new(big.Rat).Sub(v, q.from[b][k]))
		}
	}
	return out
}

func (q *repairing) move(set []int, at slots[*big.Rat], offset []*big.Rat) {
	for _, b := range set {
		at[b] = slices.Clone(at[b])
		for k := range at[b] {
			at[b][k] = new(big.Rat).Add(q.from[b][k], offset[0])
			offset = offset[1:]
		}
	}
}

// costs returns the cost of the columns for Σ directionₖ uₖ/α over a set.
func (l *leaf) costs(set []int, direction []*big.Rat) []*big.Rat {
	sum := constantForm(new(big.Rat))
	for _, b := range set {
		e := &l.blocks[b]
		for k := e.lo; k < e.hi; k++ {
			sum.add(new(big.Rat).Quo(direction[0], l.bounds[e.from].lo), l.u[k])
			direction = direction[1:]
		}
	}
	return sum.coefficients(l.lp.n)
}
