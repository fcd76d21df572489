package convex

import "slices"

// memberSolver answers for one point after another whether it is in the hull of a
// growing list. It starts each search from the corral of the last one: the
// factorisation does not depend on the point, and points that follow each other
// tend to lie in the same simplex.
type memberSolver struct {
	listSolver
}

// outside says whether v, in the units of the list, is farther than tol from the
// hull. It stops as soon as that is certain, with a normal in unit that separates v
// from the list; otherwise the weights of the point nearest to v are in the corral.
func (s *memberSolver) outside(v []float64, tol float64) bool {
	s.cloud.aim(v)
	s.aim()
	for !s.descend() {
		c := s.cloud.lowest(s.unit)
		s.low = c.value
		doubt := s.allowed(c.atom)
		if s.low > tol+doubt {
			return true
		}
		if s.certified = s.low >= s.norm-doubt; s.certified || s.stalls() || s.over() {
			return s.norm > tol
		}
		s.corral.insert(c.atom)
	}
	return false
}

// outsideOthers asks the same of point k of the list and the hull of the others.
func (s *memberSolver) outsideOthers(k int, tol float64) bool {
	s.cloud.skip = k
	s.corral.discard(func(label int) bool { return label == k })
	answer := s.outside(s.cloud.at(k), tol)
	s.cloud.skip = -1
	return answer
}

// removePoint deletes point k of the list.
func (s *memberSolver) removePoint(k int) {
	dim := s.cloud.dim
	s.cloud.flat = slices.Delete(s.cloud.flat, k*dim, (k+1)*dim)
	s.corral.members = s.corral.members[:0]
}
