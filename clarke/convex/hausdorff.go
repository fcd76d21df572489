package convex

import "context"

// Hausdorff returns the Hausdorff distance of the convex hulls of a and b, in the
// units of the coordinates: the largest distance from a point of either list to
// the hull of the other. The maximum over a polytope of the distance to a convex
// set is attained at a vertex, since that distance is a convex function
// (R. T. Rockafellar, Convex Analysis, 1970, Corollary 32.3.4).
//
// It solves one minimum norm problem a point. The error is an [*InputError] if a
// list is empty, dimensions differ or a coordinate is NaN or infinite.
func Hausdorff(a, b [][]float64) (float64, error) {
	if err := validatePair(a, b); err != nil {
		return 0, err
	}
	var s listSolver
	factor := min(scale(a, nil), scale(b, nil))
	return max(s.excess(a, b, factor), s.excess(b, a, factor)), nil
}

// Excess returns one half of the Hausdorff distance: the largest distance from a point
// of the convex hull of a to that of b. It is all of it if a's hull contains b's.
//
// The error is that of [Hausdorff], or that of the context if it ends first.
func Excess(ctx context.Context, a, b [][]float64) (float64, error) {
	if err := validatePair(a, b); err != nil {
		return 0, err
	}
	var s listSolver
	s.term = term{ctx}
	return s.excess(a, b, min(scale(a, nil), scale(b, nil))), s.err()
}

func validatePair(a, b [][]float64) error {
	dim, err := validate("a", a, finite)
	if err != nil {
		return err
	}
	for i, p := range b {
		if err := validatePoint("b", i, p, dim, finite); err != nil {
			return err
		}
	}
	if len(b) == 0 {
		return &InputError{"b", -1, -1, "", ErrEmpty}
	}
	return nil
}

// excess is the largest distance from a point of a to the hull of b. Each search
// starts from the corral of the one before it.
func (s *listSolver) excess(a, b [][]float64, factor float64) float64 {
	s.cloud.reset(len(a[0]), factor)
	for _, p := range b {
		s.cloud.append(p)
	}
	s.corral.members = s.corral.members[:0]
	largest := 0.0
	for _, p := range a {
		if s.over() {
			break
		}
		s.cloud.aim(p)
		s.resume()
		largest = max(largest, s.distance())
	}
	return largest
}
