package convex

import (
	"context"
	"math"
	"math/big"
	"slices"
)

// ExactExtreme returns the indices of the extreme points of the convex hull of
// points, so ordered that the points ascend lexicographically; of equal points the
// first in the list is taken. There is no tolerance: a point is left out if and
// only if it is a convex combination of other points.
//
// The search is the one of [Extreme]. Floating point proposes directions and
// supports; a point is accepted only as the exact lexicographic maximum along a
// rational direction, and left out only with exact non-negative weights.
//
// The error is an [*InputError] if the list is empty, dimensions differ or a
// coordinate is nil.
func ExactExtreme(points [][]*big.Rat) ([]int, error) {
	return ExactExtremeContext(context.Background(), points)
}

// ExactExtremeContext is [ExactExtreme] with a context. If that ends first, its error
// comes with the extreme points found by then, the two ends of the lexicographic order
// at least.
func ExactExtremeContext(ctx context.Context, points [][]*big.Rat) ([]int, error) {
	return ExactExtremeAlong(ctx, points, nil)
}

// search decides all points and returns the extreme ones by their place in the caller's list.
func (h *exactHull) search() ([]int, error) {
	for i := 0; i < len(h.points) && !h.solver.over(); i++ {
		h.decide(i)
	}
	slices.Sort(h.found)
	kept := make([]int, len(h.found))
	for k, i := range h.found {
		kept[k] = h.origin[i]
	}
	return kept, h.solver.err()
}

// exactHull is the state of the search for extreme points.
type exactHull struct {
	points  [][]*big.Int // distinct, lexicographically ascending
	rounded [][]float64  // the points, all scaled alike
	origin  []int        // their indices in the caller's list
	status  []status
	found   []int // the extreme points so far
	solver  memberSolver
}

func newExactHull(points [][]*big.Int) *exactHull {
	h := &exactHull{}
	h.points, h.origin = distinct(points, compare)
	// Distances between points, not from 0, decide; a list far from 0 would lose
	// them when rounded.
	for i := len(h.points) - 1; i >= 0; i-- {
		h.points[i] = minus(h.points[i], h.points[0])
	}
	h.rounded = approximate(h.points)
	h.status = make([]status, len(h.points))
	h.solver.cloud.reset(len(h.rounded[0]), 1)
	// The ends of the lexicographic order are extreme.
	h.accept(0)
	h.accept(len(h.points) - 1)
	return h
}

func (h *exactHull) accept(i int) {
	if h.status[i] == undecided {
		h.status[i] = extreme
		h.found = append(h.found, i)
		h.solver.cloud.append(h.rounded[i])
	}
}

// decide finds out whether point i is extreme, and other extreme points on the way.
func (h *exactHull) decide(i int) {
	for h.status[i] == undecided {
		normal := h.separate(i)
		if normal == nil {
			normal = h.separateExactly(i)
		}
		switch {
		case h.solver.over():
			return
		case normal == nil:
			h.status[i] = inside
			return
		}
		h.accept(h.farthest(normal))
	}
}

// separate looks in floating point for the normal of a hyperplane between point i
// and the hull of those found. It returns nil if there is none or if rounding
// hides it: any other normal leads to a point that is not yet found. It is an
// integer vector, since the rounding of a direction does no harm.
func (h *exactHull) separate(i int) []*big.Int {
	if !h.solver.outside(h.rounded[i], 0) {
		return nil
	}
	normal := make([]*big.Int, len(h.solver.unit))
	for j, c := range h.solver.unit {
		normal[j] = big.NewInt(int64(math.Ldexp(c, 52)))
	}
	if h.status[h.farthest(normal)] == extreme {
		return nil
	}
	return normal
}

// separateExactly returns the normal of a hyperplane between point i and the hull
// of those found, or nil if i is in it. It tries the support that floating point
// has left, and asks the full list only if i is not in the hull of that.
func (h *exactHull) separateExactly(i int) []*big.Int {
	labels, _ := h.solver.support()
	coordinates := make([][]*big.Int, len(h.points[i]))
	for j, c := range h.points[i] {
		for _, label := range labels {
			coordinates[j] = append(coordinates[j], new(big.Int).Sub(h.points[h.found[label]][j], c))
		}
	}
	if _, _, ok := balance(h.solver.term, coordinates); ok {
		return nil
	}
	var all [][]*big.Int
	for _, k := range h.found {
		all = append(all, minus(h.points[k], h.points[i]))
	}
	s := exactSolver{term: h.solver.term, points: all}
	if s.solve(labels); s.over() || isZero(s.x) {
		return nil
	}
	return s.x
}

// farthest returns the lexicographically largest of the points, those inside left out,
// that minimise the product with the normal. That point is extreme. Products are
// computed exactly only where floating point leaves doubt.
func (h *exactHull) farthest(normal []*big.Int) int {
	direction := approximate([][]*big.Int{normal})[0]
	lows, ceiling := make([]float64, len(h.points)), math.Inf(1)
	for i, p := range h.rounded {
		if h.status[i] != inside {
			value, doubt := productWithin(p, direction)
			lows[i] = value - doubt
			ceiling = min(ceiling, value+doubt)
		}
	}
	best, lowest := -1, (*big.Int)(nil)
	for i, p := range h.points {
		if h.status[i] == inside || lows[i] > ceiling {
			continue
		}
		if value := dot(p, normal); best < 0 || value.Cmp(lowest) <= 0 {
			best, lowest = i, value
		}
	}
	return best
}

// productWithin returns ⟨a, b⟩ and a bound of its error if the coordinates are roundings
// of exact ones: each term carries three roundings of 2⁻⁵³ and each sum one, so
// (n+3)·2⁻⁵³·Σ|aⱼbⱼ| (N. Higham, Accuracy and Stability of Numerical Algorithms,
// 2002, section 3.1) is doubled for the second order and for the rounding of the
// bound itself. Underflow adds at most the smallest normal number a term.
func productWithin(a, b []float64) (value, doubt float64) {
	size := 0.0
	for j := range a {
		term := float64(a[j] * b[j])
		value += term
		size += math.Abs(term)
	}
	n := float64(len(a))
	return value, float64((n+3)*roundoff*size) + float64(n*0x1p-1022)
}
