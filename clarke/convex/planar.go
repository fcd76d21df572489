package convex

import (
	"math"
	"math/big"
	"slices"
)

// Hull2 returns the indices of the extreme points of the convex hull of points in
// ℝ², counter-clockwise from the lexicographically smallest one; of equal points
// the first in the list is taken. A point on an edge is no extreme point. A list of
// equal points gives one index, one on a line two.
//
// It is the monotone chain of A. Andrew ("Another efficient algorithm for convex
// hulls in two dimensions", Inform. Process. Lett. 9, 1979). On which side of a line
// a point lies is decided exactly, so the answer is that of the numbers as they
// are: points that should be on a line, but for rounding, may come out as extreme.
//
// The error is an [*InputError] if the list is empty, dimensions are not 2 or a
// coordinate is NaN or infinite.
func Hull2(points [][]float64) ([]int, error) {
	if err := validatePlane("points", points, finite); err != nil {
		return nil, err
	}
	return monotoneChain(points, slices.Compare, turn), nil
}

// ExactHull2 is [Hull2] for rationals.
//
// The error is an [*InputError] if the list is empty, dimensions are not 2 or a
// coordinate is nil.
func ExactHull2(points [][]*big.Rat) ([]int, error) {
	if err := validatePlane("points", points, present); err != nil {
		return nil, err
	}
	compare := func(a, b []*big.Rat) int { return slices.CompareFunc(a, b, (*big.Rat).Cmp) }
	turn := func(a, b, c []*big.Rat) int { return exactTurn(a, b, c).Sign() }
	return monotoneChain(points, compare, turn), nil
}

// Area2 returns the area of the convex hull of points in ℝ², in squared units, with a
// relative error of some roundings. It is 0 for points on a line.
//
// The error is that of [Hull2].
func Area2(points [][]float64) (float64, error) {
	hull, err := Hull2(points)
	if err != nil {
		return 0, err
	}
	// From one vertex, all triangles are counter-clockwise: nothing cancels.
	area, a := 0.0, points[hull[0]]
	for k := 2; k < len(hull); k++ {
		b, c := points[hull[k-1]], points[hull[k]]
		area += float64((b[0]-a[0])*(c[1]-a[1])) - float64((b[1]-a[1])*(c[0]-a[0]))
	}
	return area / 2, nil
}

// ExactArea2 is [Area2] for rationals, without error.
func ExactArea2(points [][]*big.Rat) (*big.Rat, error) {
	hull, err := ExactHull2(points)
	if err != nil {
		return nil, err
	}
	area := new(big.Rat)
	for k := 2; k < len(hull); k++ {
		area.Add(area, exactTurn(points[hull[0]], points[hull[k-1]], points[hull[k]]))
	}
	return area.Quo(area, big.NewRat(2, 1)), nil
}

func validatePlane[T any](argument string, points [][]T, check func(T) error) error {
	dim, err := validate(argument, points, check)
	if err == nil && dim != 2 {
		return &InputError{argument, -1, -1, dimensions(dim, 2), ErrPlane}
	}
	return err
}

// monotoneChain returns the hull: the lower chain from the smallest to the largest
// point, then the upper one back. turn is positive if a, b, c turn left.
func monotoneChain[P any](points []P, compare func(a, b P) int, turn func(a, b, c P) int) []int {
	sorted, origin := distinct(points, compare)
	var hull []int
	push := func(i, floor int) {
		for last := len(hull) - 1; last > floor && turn(sorted[hull[last-1]], sorted[hull[last]], sorted[i]) <= 0; last-- {
			hull = hull[:last]
		}
		hull = append(hull, i)
	}
	for i := range sorted {
		push(i, 0)
	}
	floor := len(hull) - 1
	for i := len(sorted) - 2; i >= 0; i-- {
		push(i, floor)
	}
	hull = hull[:max(1, len(hull)-1)] // the chain ends where it began
	for k, i := range hull {
		hull[k] = origin[i]
	}
	return hull
}

// turn returns the sign of the cross product (b − a) × (c − a): 1 if the three
// points turn left, 0 if they are on a line. Floating point decides where its error
// bound allows (J. Shewchuk, "Adaptive precision floating-point arithmetic and fast
// robust geometric predicates", Discrete Comput. Geom. 18, 1997, the first stage of
// ORIENT2D), rationals where not, overflow and underflow included.
func turn(a, b, c []float64) int {
	left := float64((b[0] - a[0]) * (c[1] - a[1]))
	right := float64((b[1] - a[1]) * (c[0] - a[0]))
	cross := left - right
	doubt := float64(4*0x1p-53*(math.Abs(left)+math.Abs(right))) + 0x1p-1070
	switch {
	case cross > doubt:
		return 1
	case cross < -doubt:
		return -1
	}
	return exactTurn(exactPoint(a), exactPoint(b), exactPoint(c)).Sign()
}

func exactPoint(p []float64) []*big.Rat {
	return []*big.Rat{new(big.Rat).SetFloat64(p[0]), new(big.Rat).SetFloat64(p[1])}
}

// exactTurn returns the cross product (b − a) × (c − a).
func exactTurn(a, b, c []*big.Rat) *big.Rat {
	difference := func(p []*big.Rat, j int) *big.Rat { return new(big.Rat).Sub(p[j], a[j]) }
	left, right := difference(b, 0), difference(b, 1)
	left.Mul(left, difference(c, 1))
	return left.Sub(left, right.Mul(right, difference(c, 0)))
}
