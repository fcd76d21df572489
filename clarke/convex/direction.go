package convex

import "math"

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
	if _, err := validate("points", points, finite); err != nil {
		return Alternative{}, err
	}
	rows, lengths, zero := normalise(points)
	if zero >= 0 {
		return Alternative{Support: []int{zero}, Weights: []float64{1}}, nil
	}
	var s listSolver
	s.solve(rows, nil)
	if s.norm > 0 {
		if margin := smallestProduct(rows, s.unit); margin > 0 {
			return Alternative{Direction: s.unit, Margin: margin}, nil
		}
	}
	support, weights := s.support()
	unnormalise(weights, support, lengths)
	return Alternative{Support: support, Weights: weights, Residual: residual(points, support, weights)}, nil
}

// normalise returns the points scaled to norm 1 and their norms, or the index of
// a zero point, else −1.
func normalise(points [][]float64) (rows [][]float64, lengths []float64, zero int) {
	for i, p := range points {
		largest := largestOf(p)
		if largest == 0 {
			return nil, nil, i
		}
		// Dividing twice keeps the norm of huge and of subnormal rows in range.
		row := make([]float64, len(p))
		for j, value := range p {
			row[j] = value / largest
		}
		length := norm(row)
		scaleTo(row, 1/length, row)
		rows, lengths = append(rows, row), append(lengths, length*largest)
	}
	return rows, lengths, -1
}

// unnormalise turns weights of points of norm 1 into weights of the points of the
// given lengths: Σ wᵢ aᵢ/‖aᵢ‖ = 0 stays 0 with weights wᵢ/‖aᵢ‖ scaled to sum 1.
// The ratio to the shortest length keeps the quotients in range.
func unnormalise(weights []float64, support []int, lengths []float64) {
	shortest := math.Inf(1)
	for _, index := range support {
		shortest = min(shortest, lengths[index])
	}
	for i, index := range support {
		weights[i] *= shortest / lengths[index]
	}
	total := 0.0
	for _, w := range weights {
		total += w
	}
	for i := range weights {
		weights[i] /= total
	}
}

func smallestProduct(points [][]float64, direction []float64) float64 {
	smallest := math.Inf(1)
	for _, p := range points {
		smallest = min(smallest, inner(p, direction))
	}
	return smallest
}

// residual is the norm of the combination Σ weights[i]·points[support[i]].
func residual(points [][]float64, support []int, weights []float64) float64 {
	sum := make([]float64, len(points[0]))
	for i, index := range support {
		addScaled(sum, weights[i], points[index])
	}
	return norm(sum)
}
