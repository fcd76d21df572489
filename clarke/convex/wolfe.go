package convex

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// solver runs Wolfe's algorithm. It may be used again and again; the buffers stay.
type solver struct {
	corral    corral
	x         []float64 // minimum norm point of the corral
	unit      []float64 // x/‖x‖
	norm      float64   // ‖x‖, 0 if x counts as 0
	low       float64   // smallest ⟨unit, p⟩ over the set
	certified bool
	cycles    int

	record float64 // smallest norm so far
	seen   map[string]bool
}

// solve finds the minimum norm point of a set, starting at one of its points.
//
// In exact arithmetic each major cycle lowers the norm, so that no corral comes
// twice and a polytope takes finitely many. Rounding can hide the last decreases,
// some 10⁻³⁰ relative to the norm squared; the corrals seen since the
// norm last went down are therefore remembered, and the first repetition ends the
// run uncertified, with the attained gap in hand.
func (s *solver) solve(set oracle, start atom) {
	s.begin(start)
	for {
		s.cycles++
		s.minor()
		if s.isZero() {
			s.norm, s.low, s.certified = 0, 0, true
			clear(s.x)
			return
		}
		floats.ScaleTo(s.unit, 1/s.norm, s.x)
		candidate := set.lowest(s.unit)
		s.low = floats.Dot(s.unit, candidate.point)
		allowed := Tolerance(len(s.x)) * (candidate.norm + s.corral.members[0].norm)
		s.certified = s.low >= s.norm-allowed
		if s.certified || s.repeats() {
			return
		}
		s.corral.insert(candidate)
	}
}

func (s *solver) begin(start atom) {
	dim := len(start.point)
	s.x, s.unit = slices.Grow(s.x[:0], dim)[:dim], slices.Grow(s.unit[:0], dim)[:dim]
	s.corral.reset(start)
	s.cycles, s.record = 0, math.Inf(1)
	clear(s.seen)
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
	s.norm = floats.Norm(s.x, 2)
	radius := 0.0
	for _, m := range s.corral.members {
		radius += m.weight * m.norm
	}
	return s.norm <= Tolerance(len(s.x))*radius || s.norm < underflow
}

// repeats says whether the corral came before since the norm last went down.
// Only corrals that fail to lower it are recorded, so most runs record none.
func (s *solver) repeats() bool {
	if s.norm < s.record {
		s.record = s.norm
		clear(s.seen)
		return false
	}
	labels, _ := s.support()
	key := fmt.Sprint(labels)
	if s.seen[key] {
		return true
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[key] = true
	return false
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
