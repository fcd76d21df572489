package convex

import (
	"context"
	"math"
	"slices"
)

// Extreme returns the indices of the extreme points of the convex hull of points,
// so ordered that the points ascend lexicographically; of equal points the first
// in the list is taken. A point counts as extreme if it is farther than tol, in
// the units of the coordinates, from the hull of the others that are kept; tol 0
// allows for rounding errors only, as [Tolerance] describes. Every point is within
// tol of the hull of those kept, and within (1+r)·tol at worst if r points turned
// out superfluous at the end.
//
// The search is K. Clarkson's ("More output-sensitive geometric algorithms",
// FOCS 1994): each point is tested against the extreme points found so far, not
// against all, and a point outside leads along its separating normal to a new
// extreme point. That is m + e minimum norm problems over at most e points, for m
// points of which e are extreme; each starts from the corral of the one before it
// and ends at the first normal that separates. Points that are not extreme by a
// clear margin are tested once more at the end.
//
// The error is an [*InputError] if the list is empty, dimensions differ, a
// coordinate is NaN or infinite, or tol is negative, NaN or infinite.
func Extreme(points [][]float64, tol float64) ([]int, error) {
	return ExtremeContext(context.Background(), points, tol)
}

// ExtremeContext is [Extreme] with a context. If that ends first, its error comes with
// the points found by then, one at least, of which some may turn out superfluous.
func ExtremeContext(ctx context.Context, points [][]float64, tol float64) ([]int, error) {
	return ExtremeAlong(ctx, points, tol, nil)
}

// search decides all points and returns the extreme ones by their place in the caller's list.
func (h *hull) search() ([]int, error) {
	for i := 0; i < len(h.points) && (i == 0 || !h.solver.over()); i++ {
		h.decide(i)
	}
	h.prune()
	slices.Sort(h.found)
	kept := make([]int, len(h.found))
	for k, i := range h.found {
		kept[k] = h.origin[i]
	}
	return kept, h.solver.err()
}

// status is what a hull knows of a point.
type status byte

const (
	undecided status = iota
	extreme
	inside
)

// hull is the state of the search for extreme points.
type hull struct {
	points [][]float64 // distinct, lexicographically ascending, scaled to at most 1/2
	origin []int       // their indices in the caller's list
	status []status
	found  []int  // the extreme points so far
	sure   []bool // by found: farther than tol from the hull of all others
	tol    float64
	solver memberSolver

	products []float64 // of the points with a normal
}

func newHull(points [][]float64, tol float64) *hull {
	sorted, origin := distinct(points, slices.Compare)
	factor := scale(sorted, nil)
	for i, p := range sorted {
		sorted[i] = make([]float64, len(p))
		scaleTo(sorted[i], factor, p)
	}
	h := &hull{
		points: sorted,
		origin: origin,
		status: make([]status, len(sorted)),
		tol:    tol * factor,
	}
	h.solver.cloud.reset(len(points[0]), 1)
	return h
}

// distinct sorts a list and drops repetitions; origin[k] is the index of the
// first point of the list that equals point k of the result.
func distinct[P any](points []P, compare func(a, b P) int) (sorted []P, origin []int) {
	for i := range points {
		origin = append(origin, i)
	}
	slices.SortStableFunc(origin, func(i, k int) int { return compare(points[i], points[k]) })
	origin = slices.CompactFunc(origin, func(i, k int) bool { return compare(points[i], points[k]) == 0 })
	for _, i := range origin {
		sorted = append(sorted, points[i])
	}
	return sorted, origin
}

// decide finds out whether point i is extreme, and other extreme points on the way.
func (h *hull) decide(i int) {
	for h.status[i] == undecided {
		if len(h.found) > 0 && !h.solver.outside(h.points[i], h.tol) {
			h.status[i] = inside
			return
		}
		if len(h.found) > 0 && h.solver.over() {
			return
		}
		h.accept(h.beyond(i))
	}
}

// beyond returns a point that is at least as far out as point i in the direction
// that separates i from the hull of those found; i itself where rounding errors
// leave no new one. It also says whether that point is surely farther than tol from
// the hull of the others. The first call, with nothing found, takes the last point
// of the list, which is extreme since it is lexicographically largest.
func (h *hull) beyond(i int) (best int, sure bool) {
	if len(h.found) == 0 {
		return len(h.points) - 1, false
	}
	best, sure = h.farthest(h.solver.unit)
	if h.status[best] == extreme {
		return i, false
	}
	return best, sure
}

func (h *hull) accept(i int, sure bool) {
	h.status[i] = extreme
	h.found, h.sure = append(h.found, i), append(h.sure, sure)
	h.solver.cloud.append(h.points[i])
}

// farthest returns the lexicographically largest of the points, those inside left
// out, that minimise the product with a unit vector up to rounding: on the face where
// the minimum is attained, that is an extreme point. It surely stays one if the
// products of all others are larger by more than tol and rounding.
func (h *hull) farthest(normal []float64) (last int, sure bool) {
	h.products = h.products[:0]
	lowest, second := math.Inf(1), math.Inf(1)
	for i, p := range h.points {
		value := math.Inf(1)
		if h.status[i] != inside {
			value = inner(normal, p)
		}
		h.products = append(h.products, value)
		if value < lowest {
			lowest, second = value, lowest
		} else {
			second = min(second, value)
		}
	}
	last = len(h.products) - 1
	for h.products[last] > lowest+Tolerance(len(normal)) {
		last--
	}
	return last, second > lowest+h.tol+float64(2*Tolerance(len(normal)))
}

// prune drops the points that points found later have made superfluous: those
// taken on a face that is flat only up to rounding, or closer than tol.
func (h *hull) prune() {
	for k := 0; k < len(h.found) && len(h.found) > 1 && !h.solver.over(); {
		if h.sure[k] || h.solver.outsideOthers(k, h.tol) {
			k++
			continue
		}
		h.found, h.sure = slices.Delete(h.found, k, k+1), slices.Delete(h.sure, k, k+1)
		h.solver.removePoint(k)
	}
}
