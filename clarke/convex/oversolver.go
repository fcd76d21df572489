package convex

import (
	"context"
	"math"
	"slices"
)

// setSolver is Wolfe's algorithm on a set that is known by its oracle. Points are
// copied, relative to v, and scaled by a power of two.
type setSolver struct {
	solver
	set     Set
	bounded bool // the oracle's bounds count
	v       []float64
	factor  float64 // atom = factor · (p − v)
	tol     float64 // scaled
	early   bool    // stop at the first good separation
	blur    float64 // rounding error of the last comparison, scaled

	point  []float64 // the oracle's last answer
	turned []float64 // the direction of the last question
	slots  []slot
	taken  []bool // by slot

	calls, budget int
	lower         float64 // the best lower bound, scaled
	normal        []float64
	stopped       error
}

// slot stores a point of the corral. Its index is the label of the atom.
type slot struct{ atom, point, direction []float64 }

// answer is a call of the oracle: a point, and bounds of the smallest
// ⟨unit, p⟩ over the set.
type answer struct {
	atom
	low, attained float64
	doubt         float64 // rounding error of low
}

// solveOver runs a search for the point of the set nearest to v.
func solveOver(ctx context.Context, set Set, v []float64, o Options, early bool) (*setSolver, error) {
	if err := validateOptions(o); err != nil {
		return nil, err
	}
	dim := len(v)
	s := &setSolver{
		set: set, bounded: isBounded(set), v: v, early: early, budget: o.MaxCycles,
		point: make([]float64, dim), turned: make([]float64, dim),
	}
	if s.budget == 0 {
		s.budget = defaultCycles
	}
	return s, s.run(ctx, o.Tol)
}

// run searches from the point that the oracle has for the direction −(1, …, 1). The
// scale is that of this point and v. Longer points do no harm: where they overflow,
// x is 0 to the precision that they allow.
func (s *setSolver) run(ctx context.Context, tol float64) error {
	for j := range s.turned {
		s.turned[j] = -1
	}
	if _, err := s.call(); err != nil {
		return err
	}
	s.factor = scale([][]float64{s.point}, s.v)
	s.tol = tol * s.factor
	s.resize(len(s.v))
	s.begin(s.store(0).atom, nil)
	return s.search(ctx)
}

// call asks the oracle about the direction turned.
func (s *setSolver) call() (upper float64, err error) {
	s.calls++
	if s.bounded {
		upper = supportBound(s.set, s.point, s.turned)
	} else {
		s.set.Support(s.point, s.turned)
	}
	if math.IsNaN(upper) {
		return 0, &InputError{"set", -1, -1, "bounded by NaN", ErrNotFinite}
	}
	return upper, validatePoint("set", -1, s.point, len(s.v), finite)
}

// search asks the oracle for the lowest point and moves on, until that is settled.
func (s *setSolver) search(ctx context.Context) error {
	for !s.descend() {
		scaleTo(s.turned, -1, s.unit)
		upper, err := s.call()
		if err != nil {
			return err
		}
		a := s.store(upper)
		if s.judge(a) {
			return nil
		}
		if s.stopped = s.stop(ctx, a); s.stopped != nil {
			return nil
		}
		s.corral.insert(a.atom)
	}
	s.lower, s.certified = 0, true
	return nil
}

// store copies the oracle's answer to a slot that no member of the corral uses.
func (s *setSolver) store(upper float64) answer {
	label := s.free()
	to := &s.slots[label]
	copy(to.point, s.point)
	copy(to.direction, s.turned)
	for j, value := range s.point {
		to.atom[j] = float64(s.factor*value) - float64(s.factor*s.v[j])
	}
	a := answer{atom: atom{label, to.atom, norm(to.atom)}, attained: inner(s.unit, to.atom)}
	a.low, a.doubt = a.attained, a.norm
	if s.bounded {
		a.low = min(a.low, -float64(s.factor*upper)-float64(s.factor*inner(s.unit, s.v)))
		a.doubt += float64(2 * s.factor * norm(s.v))
	}
	a.doubt *= Tolerance(len(s.v))
	return a
}

func (s *setSolver) free() (label int) {
	clear(s.taken)
	for i := range s.corral.members {
		s.taken[s.corral.members[i].label] = true
	}
	if label = slices.Index(s.taken, false); label < 0 {
		label = len(s.slots)
		dim := len(s.v)
		s.slots = append(s.slots, slot{make([]float64, dim), make([]float64, dim), make([]float64, dim)})
		s.taken = append(s.taken, false)
	}
	return label
}

// judge takes the lower bound of an answer into account and says whether that
// ends the search.
func (s *setSolver) judge(a answer) bool {
	if lower := a.low - a.doubt; lower > s.lower {
		s.lower, s.normal = lower, append(s.normal[:0], s.unit...)
	}
	s.blur = s.allowed(a.atom)
	open := s.norm-max(a.low, s.lower) > s.tol+s.blur // false if the point overflows
	s.certified = !open
	return s.certified || s.early && s.lower >= s.norm/2
}

// stop says why the search cannot go on with an answer, if it cannot.
func (s *setSolver) stop(ctx context.Context, a answer) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.calls >= s.budget:
		return ErrCycles
	case a.attained >= s.norm-s.blur:
		return ErrBounds
	case s.stalls():
		return ErrRounding
	}
	return nil
}

// location says where v lies.
func (s *setSolver) location() Location {
	switch {
	case s.lower > 0:
		return Outside
	case s.norm <= s.blur:
		return Inside
	}
	return Undecided
}

// nearest returns the outcome in the caller's units.
func (s *setSolver) nearest() Nearest {
	n := Nearest{
		Norm: s.norm / s.factor, Lower: s.lower / s.factor,
		Certified: s.certified, Stopped: s.stopped, Cycles: s.calls,
	}
	for j, value := range s.x {
		n.Point = append(n.Point, value/s.factor+s.v[j])
	}
	if s.lower > 0 {
		n.Normal = slices.Clone(s.normal)
	}
	labels, weights := s.support()
	n.Weights = weights
	for _, label := range labels {
		n.Support = append(n.Support, slices.Clone(s.slots[label].point))
		n.Directions = append(n.Directions, slices.Clone(s.slots[label].direction))
	}
	return n
}
