package convex

import "math"

// Outline2 returns two polygons, counter-clockwise, of which one is in a set in ℝ²
// and the other one around it: the hull of the points that the support oracle
// returns, and the intersection of the half planes that it vouches for. Each call of
// the oracle, of which there are at most the given number and at least 4, goes where
// the gap between the two is largest.
//
// A polygon with v vertices is found exactly, up to rounding, in about 2v + 4
// calls. The gap at a smooth curve falls like 1/calls²: for a disc of radius 1 both
// areas are within 8π³/(3·calls²) of π.
//
// The error is an [*InputError] if the set is not in the plane or its oracle returns
// numbers that are not finite.
func Outline2(set Set, calls int) (inner, outer [][]float64, err error) {
	o, err := traceOutline(set, calls)
	if err != nil {
		return nil, nil, err
	}
	touched := make([][]float64, len(o.lines))
	for i, l := range o.lines {
		touched[i] = l.touched
	}
	hull, err := Hull2(touched)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range hull {
		inner = append(inner, touched[i])
	}
	return inner, o.around(), nil
}

// AreaOver2 returns a lower and an upper bound of the area of a set in ℝ², up to
// rounding: the areas of the polygons of [Outline2], which says how close they are.
//
// The error is that of [Outline2].
func AreaOver2(set Set, calls int) (lower, upper float64, err error) {
	inner, outer, err := Outline2(set, calls)
	if err != nil {
		return 0, 0, err
	}
	if lower, err = Area2(inner); err != nil {
		return 0, 0, err
	}
	upper, err = Area2(outer)
	return lower, max(lower, upper), err
}

// supportLine is an answer of the oracle in the plane.
type supportLine struct {
	direction, touched []float64
	value              float64 // ⟨direction, touched⟩
	bound              float64 // at least the support function, rounding included
	flat               bool    // nothing lies beyond the chord to the next line's point
}

// outline is a list of support lines, counter-clockwise by direction.
type outline struct {
	set   Set
	lines []supportLine
}

func traceOutline(set Set, calls int) (*outline, error) {
	if err := validateSets([]Set{set}, false); err != nil {
		return nil, err
	}
	if set.Dim() != 2 {
		return nil, &InputError{"set", -1, -1, dimensions(set.Dim(), 2), ErrPlane}
	}
	o := &outline{set: set}
	for i, d := range [][]float64{{1, 0}, {0, 1}, {-1, 0}, {0, -1}} {
		if err := o.ask(i, d); err != nil {
			return nil, err
		}
	}
	for range calls - 4 {
		at, normal := o.widest()
		if normal == nil {
			break
		}
		if err := o.ask(at+1, normal); err != nil {
			return nil, err
		}
		o.close(at)
	}
	return o, nil
}

// ask inserts the line of a direction at an index.
func (o *outline) ask(at int, direction []float64) error {
	p := make([]float64, 2)
	bound := supportBound(o.set, p, direction)
	if err := validatePoint("set", -1, p, 2, finite); err != nil {
		return err
	}
	value := inner(p, direction)
	o.lines = append(o.lines, supportLine{})
	copy(o.lines[at+1:], o.lines[at:])
	o.lines[at] = supportLine{direction, p, value, max(value, bound) + float64(Tolerance(2)*norm(p)), false}
	return nil
}

// widest returns the line after which the gap is largest and the outer normal, of
// norm 1, of the chord that spans it; nil if all gaps are closed.
func (o *outline) widest() (at int, normal []float64) {
	widest := 0.0
	for i, l := range o.lines {
		next := o.lines[(i+1)%len(o.lines)]
		if l.flat {
			continue
		}
		if gap := gapBetween(l, next); gap > widest {
			at, widest = i, gap
			normal = []float64{next.touched[1] - l.touched[1], l.touched[0] - next.touched[0]}
		}
	}
	if normal == nil {
		return 0, nil
	}
	length := norm(normal)
	normal[0], normal[1] = normal[0]/length, normal[1]/length
	return at, normal
}

// gapBetween returns twice the area of the triangle of the points that two lines
// touch and their intersection.
func gapBetween(l, next supportLine) float64 {
	chord := []float64{next.touched[0] - l.touched[0], next.touched[1] - l.touched[1]}
	if chord[0] == 0 && chord[1] == 0 {
		return 0
	}
	apex, ok := meet(l.direction, next.direction, l.value, next.value)
	if !ok {
		return 0
	}
	return float64((apex[0]-l.touched[0])*chord[1]) - float64((apex[1]-l.touched[1])*chord[0])
}

// meet returns the point where two lines ⟨d, x⟩ = h and ⟨e, x⟩ = k meet.
func meet(d, e []float64, h, k float64) (point []float64, ok bool) {
	determinant := float64(d[0]*e[1]) - float64(d[1]*e[0])
	if determinant == 0 {
		return nil, false
	}
	x := float64(h*e[1]) - float64(k*d[1])
	y := float64(d[0]*k) - float64(e[0]*h)
	return []float64{x / determinant, y / determinant}, true
}

// close marks the gaps beside the line that was inserted after line at, if it has
// found nothing beyond the chord.
func (o *outline) close(at int) {
	line, before := &o.lines[at+1], o.lines[at]
	beyond := line.value - inner(line.direction, before.touched)
	size := math.Max(norm(before.touched), norm(line.touched))
	if beyond <= float64(Tolerance(2)*size) {
		o.lines[at].flat, line.flat = true, true
	}
}

// around returns the polygon that the half planes of all lines have in common,
// clipped from the box of the first four lines (I. Sutherland, G. Hodgman,
// "Reentrant polygon clipping", Comm. ACM 17, 1974).
func (o *outline) around() [][]float64 {
	var east, north, west, south float64
	for _, l := range o.lines {
		switch {
		case l.direction[0] == 1:
			east = l.bound
		case l.direction[1] == 1:
			north = l.bound
		case l.direction[0] == -1:
			west = -l.bound
		case l.direction[1] == -1:
			south = -l.bound
		}
	}
	polygon := [][]float64{{west, south}, {east, south}, {east, north}, {west, north}}
	for _, l := range o.lines {
		polygon = clip(polygon, l)
	}
	return polygon
}

// clip returns the part of a polygon on the inner side of a line.
func clip(polygon [][]float64, l supportLine) (kept [][]float64) {
	for i, p := range polygon {
		q := polygon[(i+1)%len(polygon)]
		here, there := inner(l.direction, p)-l.bound, inner(l.direction, q)-l.bound
		if here <= 0 {
			kept = append(kept, p)
		}
		if here < 0 && there > 0 || here > 0 && there < 0 {
			s := here / (here - there)
			kept = append(kept, []float64{p[0] + float64(s*(q[0]-p[0])), p[1] + float64(s*(q[1]-p[1]))})
		}
	}
	return kept
}
