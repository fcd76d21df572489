package convex

// Membership says where a point v lies with respect to a polytope, and proves it.
type Membership struct {
	// Inside says that Distance is at most the allowed distance.
	Inside bool
	// Distance is that from v to the hull, 0 if v is in it up to rounding.
	Distance float64
	// Nearest is the point of the hull nearest to v, the projection of v.
	Nearest []float64
	// Support and Weights give Nearest as a convex combination of at most n+1
	// affinely independent points, as in [MinNormPoint].
	Support []int
	Weights []float64
	// Normal separates v from the points: it has norm 1 and
	// ⟨Normal, p − v⟩ ≥ Margin for every point p. It is nil if Inside.
	Normal []float64
	// Margin is the smallest ⟨Normal, p − v⟩, a lower bound of the distance that
	// equals Distance up to rounding. It is 0 if Inside.
	Margin float64
}

// Contains says whether v is in the convex hull of points, or at most tol from
// it in the units of the coordinates; tol 0 allows for rounding errors only, as
// [Tolerance] describes. v is in the hull of the points if and only if the minimum
// norm point of the differences p − v is 0 (P. Wolfe, Math. Programming 11, 1976).
//
// The error is an [*InputError] if the list is empty, dimensions differ, a
// coordinate is NaN or infinite, or tol is negative, NaN or infinite.
func Contains(points [][]float64, v []float64, tol float64) (Membership, error) {
	dim, err := validate("points", points, finite)
	if err != nil {
		return Membership{}, err
	}
	if err := validatePoint("v", -1, v, dim, finite); err != nil {
		return Membership{}, err
	}
	if err := validateTolerance(tol); err != nil {
		return Membership{}, err
	}
	var s listSolver
	s.solve(points, v)
	x := s.minNormPoint()
	addScaled(x.Point, 1, v)
	m := Membership{
		Inside:   x.Norm <= tol,
		Distance: x.Norm,
		Nearest:  x.Point,
		Support:  x.Support,
		Weights:  x.Weights,
	}
	if !m.Inside {
		m.Normal, m.Margin = s.unit, s.low/s.cloud.factor
	}
	return m, nil
}
