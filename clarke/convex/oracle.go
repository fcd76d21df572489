package convex

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// atom is a point of a set with the label by which the set's owner knows it:
// the index in a list. Equal labels mean equal points.
type atom struct {
	label int
	point []float64
	norm  float64
}

func newAtom(label int, point []float64) atom {
	return atom{label, point, floats.Norm(point, 2)}
}

// oracle is a compact convex set seen through linear minimisation, which is all
// that Wolfe's algorithm asks of it. An explicit list answers by looking at every
// point; a set with too many vertices to list may answer in its own way.
type oracle interface {
	// lowest returns a point of the set with the smallest ⟨point, direction⟩.
	// The point must stay unchanged until the solver is done.
	lowest(direction []float64) atom
}

// cloud is an explicit list of points in flat storage, moved so that an origin of
// the caller's choice is 0 and scaled by a power of two so that the largest
// coordinates are near 1: products then neither overflow nor, where it matters,
// underflow, and scaling adds no rounding error.
type cloud struct {
	dim    int
	flat   []float64
	factor float64 // stored = factor · (point − origin)
}

// load replaces the content by points − origin; a nil origin stands for 0. The
// list must be valid and is copied.
func (c *cloud) load(points [][]float64, origin []float64) {
	c.dim, c.flat = len(points[0]), c.flat[:0]
	c.factor = scale(points, origin)
	for _, p := range points {
		for j, value := range p {
			value *= c.factor
			if origin != nil {
				value -= c.factor * origin[j]
			}
			c.flat = append(c.flat, value)
		}
	}
}

// scale returns the power of two that brings the largest coordinate of the points
// and of the origin, both, into [1/4, 1/2), so that their difference is below 1.
func scale(points [][]float64, origin []float64) float64 {
	largest := 0.0
	for _, value := range origin {
		largest = max(largest, math.Abs(value))
	}
	for _, p := range points {
		for _, value := range p {
			largest = max(largest, math.Abs(value))
		}
	}
	_, exponent := math.Frexp(largest)
	// 2^1023 is the largest power of two; subnormal input is scaled by that.
	return math.Ldexp(1, min(-exponent-1, 1023))
}

func (c *cloud) size() int { return len(c.flat) / c.dim }

func (c *cloud) at(i int) []float64 {
	return c.flat[i*c.dim : (i+1)*c.dim : (i+1)*c.dim]
}

func (c *cloud) lowest(direction []float64) atom {
	best, value := 0, math.Inf(1)
	for i := range c.size() {
		if v := floats.Dot(c.at(i), direction); v < value {
			best, value = i, v
		}
	}
	return newAtom(best, c.at(best))
}

// shortest returns the point of smallest norm, the first one among equals.
func (c *cloud) shortest() atom {
	best := newAtom(0, c.at(0))
	for i := 1; i < c.size(); i++ {
		if a := newAtom(i, c.at(i)); a.norm < best.norm {
			best = a
		}
	}
	return best
}
