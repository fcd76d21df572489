package convex

import "context"

// MinNormPoint is the minimum norm point of a polytope with its certificate.
type MinNormPoint struct {
	// Point is x, of the dimension n of the points. It is 0 in every coordinate if
	// 0 is in the hull up to rounding.
	Point []float64
	// Norm is ‖x‖, the distance from 0 to the hull.
	Norm float64
	// Support holds the indices of at most n+1 affinely independent points, in
	// increasing order, and Weights their non-negative coefficients, which add up
	// to 1 up to rounding: x = Σ Weights[i]·points[Support[i]] up to
	// Tolerance(n)·Σ Weights[i]·‖points[Support[i]]‖.
	Support []int
	Weights []float64
	// Gap is ‖x‖² − min ⟨x, p⟩ over all points p (the Frank–Wolfe gap), in squared
	// units. It is 0 at the minimum norm point, and the exact one is not farther
	// than √Gap from x, up to rounding. It may come out slightly negative.
	Gap float64
	// Certified says that Gap is within the rounding errors named at [Tolerance].
	// It is false only if the search could not go on in floating point; use
	// [ExactMinNorm] then.
	Certified bool
	// Cycles counts major cycles: optimality tests over the whole list, the final
	// one included.
	Cycles int
}

// MinNorm returns the point of smallest Euclidean norm in the convex hull of
// points, by Wolfe's algorithm (Math. Programming 11, 1976) with an updated QR
// factorisation in place of his normal equations. Points may repeat, be 0, be
// affinely dependent and differ in size by any factor; errors are relative to
// the longest of them. The cost is O(mn) a cycle for m points plus O(nk) an update
// for a support of k; there are seldom more than a few times n cycles.
//
// The error is an [*InputError] if the list is empty, dimensions differ or a
// coordinate is NaN or infinite.
func MinNorm(points [][]float64) (MinNormPoint, error) {
	return MinNormContext(context.Background(), points)
}

// MinNormContext is [MinNorm] with a context. If that ends first, its error comes with
// the point found by then: one of the hull, with its Gap, not Certified.
func MinNormContext(ctx context.Context, points [][]float64) (MinNormPoint, error) {
	if _, err := validate("points", points, finite); err != nil {
		return MinNormPoint{}, err
	}
	var s listSolver
	s.term = term{ctx}
	s.solve(points, nil)
	m := s.minNormPoint()
	if m.Certified {
		return m, nil
	}
	return m, s.err()
}

// listSolver is a solver on an explicit list.
type listSolver struct {
	solver
	cloud cloud
}

// solve finds the minimum norm point of points − origin; both must be valid.
func (s *listSolver) solve(points [][]float64, origin []float64) {
	s.cloud.load(points, origin)
	s.restart()
}

// restart solves for the list and origin in hand, from its shortest point.
func (s *listSolver) restart() {
	s.corral.members = s.corral.members[:0]
	s.resume()
}

// resume solves for the origin in hand from the corral of the last search.
func (s *listSolver) resume() {
	s.aim()
	s.solver.solve(&s.cloud)
}

// aim makes the corral of the last search the start of one for the cloud's origin;
// without one it takes the shortest point.
func (s *listSolver) aim() {
	s.resize(s.cloud.dim)
	if len(s.corral.members) == 0 {
		s.corral.reset(s.cloud.shortest(), s.cloud.origin)
		return
	}
	s.corral.aim(s.cloud.origin)
}

// distance is the distance from the origin to the hull in the caller's units.
func (s *listSolver) distance() float64 { return s.norm / s.cloud.factor }

func (s *listSolver) minNormPoint() MinNormPoint {
	support, weights := s.support()
	x := make([]float64, len(s.x))
	for j, value := range s.x {
		x[j] = value / s.cloud.factor
	}
	norm := s.distance()
	return MinNormPoint{
		Point:     x,
		Norm:      norm,
		Support:   support,
		Weights:   weights,
		Gap:       (s.norm - s.low) / s.cloud.factor * norm,
		Certified: s.certified,
		Cycles:    s.cycles,
	}
}
