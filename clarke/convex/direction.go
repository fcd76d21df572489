package convex

// Alternative is the answer to Gordan's alternative for vectors aᵢ: exactly one
// of Direction and Weights is not nil.
type Alternative struct {
	// Direction is a d of norm 1 with ⟨aᵢ, d⟩ > 0 for every i, evaluated in
	// floating point. Among those of norm 1 it has the largest Margin, up to
	// rounding.
	Direction []float64
	// Margin is the smallest cosine ⟨aᵢ, d⟩/‖aᵢ‖, positive if there is a direction.
	Margin float64
	// Support and Weights give a convex combination Σ Weights[i]·a[Support[i]]
	// that is 0 up to Residual, its norm.
	Support  []int
	Weights  []float64
	Residual float64
}

// Direction finds a direction d with ⟨p, d⟩ > 0 for every p in points, or a convex
// combination of points that is 0; by Gordan's theorem (1873) exactly one of them
// exists. −d is a common descent direction if the points are gradients.
//
// The vectors are normalised, which changes neither alternative, so lengths do
// not matter and a zero vector is itself the combination. The minimum norm point
// of the normalised vectors then decides. Cones narrower than rounding errors
// (Margin below [Tolerance]) are reported as empty, with the Residual; use
// [ExactDirection] where that matters.
//
// The error is an [*InputError] if the list is empty, dimensions differ or a
// coordinate is NaN or infinite.
func Direction(points [][]float64) (Alternative, error) {
	dim, err := validate("points", points, finite)
	if err != nil {
		return Alternative{}, err
	}
	c := newCone(dim)
	for _, p := range points {
		c.push(p)
	}
	return c.Direction(), nil
}
