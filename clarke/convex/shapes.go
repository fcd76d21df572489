package convex

import (
	"fmt"
	"slices"
)

// Polytope returns the convex hull of points, which are copied. The oracle looks at
// every point and returns the first among equals.
//
// The error is an [*InputError] if the list is empty, dimensions differ or a
// coordinate is NaN or infinite.
func Polytope(points [][]float64) (Set, error) {
	dim, err := validate("points", points, finite)
	if err != nil {
		return nil, err
	}
	p := &polytope{dim: dim}
	for _, point := range points {
		p.flat = append(p.flat, point...)
	}
	return p, nil
}

type polytope struct {
	dim  int
	flat []float64
}

func (p *polytope) Dim() int { return p.dim }

func (p *polytope) Support(dst, direction []float64) {
	best, value := p.flat[:p.dim], inner(direction, p.flat)
	for rest := p.flat[p.dim:]; len(rest) > 0; rest = rest[p.dim:] {
		if v := inner(direction, rest); v > value {
			best, value = rest[:p.dim], v
		}
	}
	copy(dst, best)
}

// Point returns the set that holds only v, which is copied.
//
// The error is an [*InputError] if v has no coordinates or one that is not finite.
func Point(v []float64) (Set, error) {
	return Polytope([][]float64{v})
}

// Segment returns the segment from a to b, both copied.
//
// The error is an [*InputError] if the dimensions differ or are 0, or if a
// coordinate is NaN or infinite.
func Segment(a, b []float64) (Set, error) {
	return Polytope([][]float64{a, b})
}

// Ball returns the Euclidean ball of a radius ≥ 0 around a centre, which is copied.
// The ball of radius 0 is its centre.
//
// The error is an [*InputError] if the centre has no coordinates, if a number is
// not finite, or if the radius is negative.
func Ball(centre []float64, radius float64) (Set, error) {
	if err := validatePoint("centre", -1, centre, len(centre), finite); err != nil {
		return nil, err
	}
	if err := validateLength("radius", radius); err != nil {
		return nil, err
	}
	return &ball{slices.Clone(centre), radius}, nil
}

type ball struct {
	centre []float64
	radius float64
}

func (b *ball) Dim() int { return len(b.centre) }

func (b *ball) Support(dst, direction []float64) {
	length := norm(direction)
	if length == 0 {
		length = 1
	}
	for j, c := range b.centre {
		dst[j] = c + float64(b.radius*(direction[j]/length))
	}
}

// Box returns the product of the intervals from lower[j] to upper[j], which are
// copied. An interval may be a single number.
//
// The error is an [*InputError] if the dimensions differ or are 0, if a number is
// not finite, or if an upper end is below the lower one.
func Box(lower, upper []float64) (Set, error) {
	if err := validatePoint("lower", -1, lower, len(lower), finite); err != nil {
		return nil, err
	}
	if err := validatePoint("upper", -1, upper, len(lower), finite); err != nil {
		return nil, err
	}
	for j := range lower {
		if lower[j] > upper[j] {
			return nil, &InputError{"upper", -1, j, fmt.Sprint(upper[j]), ErrInterval}
		}
	}
	return &box{slices.Clone(lower), slices.Clone(upper)}, nil
}

type box struct{ lower, upper []float64 }

func (b *box) Dim() int { return len(b.lower) }

func (b *box) Support(dst, direction []float64) {
	for j, d := range direction {
		if d > 0 {
			dst[j] = b.upper[j]
		} else {
			dst[j] = b.lower[j]
		}
	}
}
