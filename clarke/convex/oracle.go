package convex

import "math"

// atom is a point of a set with the label by which the set's owner knows it:
// the index in a list. Equal labels mean equal points.
type atom struct {
	label int
	point []float64
	norm  float64 // distance from the origin of the search
}

// candidate is an atom with ⟨direction, point − origin⟩.
type candidate struct {
	atom
	value float64
}

// oracle is a finite list of points seen through linear minimisation.
type oracle interface {
	// lowest returns a point of the list with the smallest ⟨point, direction⟩.
	// The point must stay unchanged until the solver is done.
	lowest(direction []float64) candidate
}

// cloud is an explicit list of points in flat storage, scaled by a power of two so
// that the largest coordinates are near 1: products then neither overflow nor,
// where it matters, underflow, and scaling adds no rounding error. Norms and
// products are those of the differences from an origin of the caller's choice,
// which are formed afresh each time and so are accurate relative to themselves.
type cloud struct {
	dim    int
	flat   []float64
	factor float64   // stored = factor · point
	origin []float64 // scaled likewise; nil stands for 0
	skip   int       // a point that is left out, or −1
}

// load replaces the content by the points and the origin, both scaled. The list
// must be valid and is copied.
func (c *cloud) load(points [][]float64, origin []float64) {
	c.reset(len(points[0]), scale(points, origin))
	for _, p := range points {
		c.append(p)
	}
	if origin != nil {
		c.aim(origin)
	}
}

// reset empties the list.
func (c *cloud) reset(dim int, factor float64) {
	c.dim, c.factor, c.flat, c.skip, c.origin = dim, factor, c.flat[:0], -1, nil
}

func (c *cloud) append(p []float64) {
	for _, value := range p {
		c.flat = append(c.flat, c.factor*value)
	}
}

// aim moves the origin to v.
func (c *cloud) aim(v []float64) {
	if c.origin == nil {
		c.origin = make([]float64, c.dim)
	}
	scaleTo(c.origin, c.factor, v)
}

// scale returns the power of two that brings the largest coordinate of the points
// and of the origin, both, into [1/4, 1/2), so that their difference is below 1.
func scale(points [][]float64, origin []float64) float64 {
	largest := largestOf(origin)
	for _, p := range points {
		largest = max(largest, largestOf(p))
	}
	_, exponent := math.Frexp(largest)
	// 2^1023 is the largest power of two; subnormal input is scaled by that.
	return math.Ldexp(1, min(-exponent-1, 1023))
}

func (c *cloud) size() int { return len(c.flat) / c.dim }

func (c *cloud) at(i int) []float64 {
	return c.flat[i*c.dim : (i+1)*c.dim : (i+1)*c.dim]
}

func (c *cloud) atom(i int) atom {
	return atom{i, c.at(i), distance(c.at(i), c.origin)}
}

func (c *cloud) lowest(direction []float64) candidate {
	best, value := 0, math.Inf(1)
	for i := range c.size() {
		if v := c.value(direction, i); v < value && i != c.skip {
			best, value = i, v
		}
	}
	return candidate{c.atom(best), value}
}

func (c *cloud) value(direction []float64, i int) float64 {
	if c.origin == nil {
		return inner(direction, c.at(i))
	}
	return innerShifted(direction, c.at(i), c.origin)
}

// shortest returns the point nearest to the origin, the first one among equals.
func (c *cloud) shortest() atom {
	best := atom{norm: math.Inf(1)}
	for i := range c.size() {
		if a := c.atom(i); a.norm < best.norm && i != c.skip {
			best = a
		}
	}
	return best
}
