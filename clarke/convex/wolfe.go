package convex

import (
	"math"
	"slices"
)

// solver is the state of Wolfe's algorithm, shared by the search over a list and
// the search over a set that is known by its support oracle. It may be used
// again and again; the buffers stay.
type solver struct {
	term
	corral    corral
	x         []float64 // minimum norm point of the corral, relative to the origin
	unit      []float64 // x/‖x‖
	norm      float64   // ‖x‖, 0 if x counts as 0
	low       float64   // smallest ⟨unit, p⟩ over the set
	certified bool
	cycles    int

	record float64 // smallest norm so far
	idle   int     // cycles since the norm last went down
}

// begin starts at a single point, relative to an origin (nil for 0).
func (s *solver) begin(start atom, origin []float64) {
	s.resize(len(start.point))
	s.corral.reset(start, origin)
}

// resize makes room for a dimension and forgets the progress of the last search.
func (s *solver) resize(dim int) {
	s.x, s.unit = slices.Grow(s.x[:0], dim)[:dim], slices.Grow(s.unit[:0], dim)[:dim]
	s.cycles, s.record, s.idle = 0, math.Inf(1), 0
}

// solve finds the minimum norm point of a list, from the corral in hand. If it has
// to stop, x is the point found by then.
func (s *solver) solve(set oracle) {
	for !s.descend() {
		candidate := set.lowest(s.unit)
		s.low = candidate.value
		s.certified = s.low >= s.norm-s.allowed(candidate.atom)
		if s.certified || s.stalls() || s.over() {
			return
		}
		s.corral.insert(candidate.atom)
	}
	s.certified = true
}

// descend runs one minor cycle and says whether x is then 0 up to rounding.
func (s *solver) descend() bool {
	s.cycles++
	s.minor()
	if s.isZero() {
		s.norm, s.low = 0, 0
		clear(s.x)
		return true
	}
	scaleTo(s.unit, 1/s.norm, s.x)
	return false
}

// allowed is the rounding error that ⟨unit, p⟩ ≥ ‖x‖ may have.
func (s *solver) allowed(candidate atom) float64 {
	return float64(Tolerance(len(s.x)) * (candidate.norm + s.corral.members[0].norm))
}

// minor moves x to the minimum norm point of a face of the corral on which all
// affine coefficients are positive, and reduces the corral to that face: each
// round goes from the current combination towards the affine minimiser as far as
// the weights stay non-negative, and removes the member that stops it. The step
// is the one of Wolfe's note 6; his step 3 misprints the combination.
func (s *solver) minor() {
	for {
		s.corral.minimise(s.x)
		step, blocking := s.corral.step()
		s.corral.advance(step)
		if blocking < 0 {
			return
		}
		s.corral.remove(blocking)
	}
}

// isZero updates the norm and says whether x is 0 up to the rounding errors of a
// combination of points of that size.
func (s *solver) isZero() bool {
	s.norm = norm(s.x)
	radius := 0.0
	for i := range s.corral.members {
		m := &s.corral.members[i]
		radius += float64(m.weight * m.norm)
	}
	return s.norm <= float64(Tolerance(len(s.x))*radius) || s.norm < underflow
}

// stalls says whether the search has gone on for too long without a lower norm.
//
// In exact arithmetic each major cycle lowers the norm, so that no corral comes
// twice and a polytope takes finitely many. Rounding can hide the last decreases,
// some 10⁻³⁰ relative to the norm squared, while the corral still moves towards
// one that certifies itself. That takes about as many cycles as a corral has
// members; after a few times that, the run ends uncertified, with the attained
// gap in hand.
func (s *solver) stalls() bool {
	if s.norm < s.record {
		s.record, s.idle = s.norm, 0
		return false
	}
	s.idle++
	return s.idle > idleCycles*(len(s.x)+2)
}

// support returns the labels of the members in increasing order, and their weights.
func (s *solver) support() ([]int, []float64) {
	members := slices.SortedFunc(slices.Values(s.corral.members), func(a, b member) int {
		return a.label - b.label
	})
	labels, weights := make([]int, len(members)), make([]float64, len(members))
	for i, m := range members {
		labels[i], weights[i] = m.label, m.weight
	}
	return labels, weights
}
