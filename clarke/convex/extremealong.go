package convex

import (
	"context"
	"math"
	"math/big"
	"slices"
)

// ExtremeAlong is [ExtremeContext] for points of which some directions are known that may prove them extreme:
// a point is, if its product with a direction is larger, or smaller, than those of all others. That costs one
// product for each point, where the search solves a minimum norm problem. Limiting gradients are found with
// such directions. Directions that are 0 or not finite are passed over; they change no answer but that of
// doubtful points.
func ExtremeAlong(ctx context.Context, points [][]float64, tol float64, directions [][]float64) ([]int, error) {
	if _, err := validate("points", points, finite); err != nil {
		return nil, err
	}
	if err := validateTolerance(tol); err != nil {
		return nil, err
	}
	if err := validateDirections(directions, len(points[0])); err != nil {
		return nil, err
	}
	h := newHull(points, tol)
	h.solver.term = term{ctx}
	h.along(directions)
	return h.search()
}

// ExactExtremeAlong is [ExactExtremeContext] for points of which some directions are known, see [ExtremeAlong].
// They change no answer: products count where rounding cannot have changed their order.
func ExactExtremeAlong(ctx context.Context, points [][]*big.Rat, directions [][]float64) ([]int, error) {
	if _, err := validate("points", points, present); err != nil {
		return nil, err
	}
	if err := validateDirections(directions, len(points[0])); err != nil {
		return nil, err
	}
	h := newExactHull(newLattice(points).points)
	h.solver.term = term{ctx}
	h.along(directions)
	return h.search()
}

func validateDirections(directions [][]float64, n int) error {
	for i, d := range directions {
		if len(d) != n {
			return &InputError{"directions", i, -1, "", ErrDimension}
		}
	}
	return nil
}

// idleDirections is how many directions in a row may find nothing new before the rest is given up: directions
// of gradients that are not extreme find what others found.
const idleDirections = 64

// along accepts what directions prove.
func (h *hull) along(directions [][]float64) {
	eachUnit(directions, func(u []float64) (found, done bool) {
		for range 2 {
			if best, sure := h.farthest(u); sure && h.status[best] == undecided {
				h.accept(best, true)
				found = true
			}
			for j := range u {
				u[j] = -u[j]
			}
		}
		return found, len(h.found) == len(h.points) || h.solver.over()
	})
}

// along accepts what directions prove.
func (h *exactHull) along(directions [][]float64) {
	longest := 0.0
	for _, p := range h.rounded {
		longest = max(longest, norm(p))
	}
	n := float64(len(h.rounded[0]))
	// Of productWithin, with ‖p‖‖u‖ in place of the sum of magnitudes, and ‖u‖ ≤ 2.
	doubt := math.FMA((n+3)*roundoff*2, longest, n*0x1p-1022)
	eachUnit(directions, func(u []float64) (found, done bool) {
		for _, i := range h.ends(u, doubt) {
			if i >= 0 && h.status[i] == undecided {
				h.accept(i)
				found = true
			}
		}
		return found, len(h.found) == len(h.points) || h.solver.over()
	})
}

// ends returns the points of the smallest and of the largest product with u, −1 where another one may be as
// small or as large, given what rounding may have done to a product.
func (h *exactHull) ends(u []float64, doubt float64) [2]int {
	out, low, high := [2]int{-1, -1}, [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for i, p := range h.rounded {
		v := inner(u, p)
		if v < low[0] {
			out[0], low = i, [2]float64{v, low[0]}
		} else {
			low[1] = min(low[1], v)
		}
		if v > high[0] {
			out[1], high = i, [2]float64{v, high[0]}
		} else {
			high[1] = max(high[1], v)
		}
	}
	if !(low[1]-low[0] > 4*doubt) {
		out[0] = -1
	}
	if !(high[0]-high[1] > 4*doubt) {
		out[1] = -1
	}
	return out
}

// eachUnit visits directions of length 1 up to rounding, until visit is done or finds nothing for long.
func eachUnit(directions [][]float64, visit func(u []float64) (found, done bool)) {
	idle := 0
	for _, d := range directions {
		u := slices.Clone(d)
		if !unit(u) {
			continue
		}
		found, done := visit(u)
		if idle++; found {
			idle = 0
		}
		if done || idle == idleDirections {
			return
		}
	}
}

// unit makes d a unit vector, if it is finite and not 0.
func unit(d []float64) bool {
	largest := 0.0
	for _, x := range d {
		if x-x != 0 {
			return false
		}
		largest = max(largest, math.Abs(x))
	}
	if largest == 0 {
		return false
	}
	for j := range d {
		d[j] /= largest
	}
	length := norm(d)
	for j := range d {
		d[j] /= length
	}
	return true
}
