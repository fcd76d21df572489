package explain

import (
	"cmp"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// D of two coordinates is drawn from the two-dimensional faces of Λ, the product of the slot
// sets: every element is g(λ) for a λ on one of them. For let uᵢ be λᵢ times the adjoint that
// arrives at kink i. All adjoints are affine in u, so where their signs are given the choices are
// a polytope in u, and those with g = v a slice of it by two equations. If Λ has more than two
// dimensions, a corner of the slice lies on some facet: uᵢ is then in a facet of adjoint times
// slot set, so λᵢ can be taken from a facet of the slot set, and v comes from a facet of Λ, which
// is a product of polytopes again, down to two dimensions.

const (
	maxPatches  = 1 << 12 // images of faces
	discCorners = 48      // of the polygon for the disc of a norm of two entries
	maxStrips   = 24      // that a twisted patch is cut into, fewer if patches are many
	minStrips   = 4
	allStrips   = 1 << 13
)

// slotSet is a slot set as its two-dimensional faces need it.
type slotSet struct {
	corners []clarke.Vector
	edges   [][]int
	faces   [][]int // each with its corners in order around it
}

// slotSets returns the sets of the kinks that make a difference, and one corner for the
// others; ok is false if a set has faces that are not known here.
func slotSets(d *conservative.Field) (sets []slotSet, ok bool) {
	live := slices.Concat(d.Groups...)
	for i, k := range d.Kinks {
		s, ok := slotSetOf(k)
		if !ok {
			return nil, false
		}
		if !slices.Contains(live, i) {
			s = slotSet{corners: s.corners[:1]}
		}
		sets = append(sets, s)
	}
	return sets, true
}

func slotSetOf(k ad.Kink) (s slotSet, ok bool) {
	const most = 64 // corners
	switch {
	case k.Pieces == 0 && len(k.Entries) == 2:
		return disc(), true
	case k.Pieces == 0 || k.Pieces > most, k.Slot.Kind == expr.PermutationSlot && k.Pieces > 2:
		return s, false
	}
	var corners [][]int
	for v := range k.Vertices() {
		f := make([]float64, len(v))
		for i, x := range v {
			f[i] = float64(x)
		}
		corners, s.corners = append(corners, v), append(s.corners, clarke.Floats(f))
	}
	// Two corners of a hypersimplex are joined by an edge if they differ by one exchange, and
	// every three that are joined are a face.
	adjacent := func(a, b int) bool { return len(corners) == 2 || differences(corners[a], corners[b]) == 2 }
	for a := range corners {
		for b := range a {
			if !adjacent(a, b) {
				continue
			}
			s.edges = append(s.edges, []int{a, b})
			for c := range b {
				if adjacent(a, c) && adjacent(b, c) {
					s.faces = append(s.faces, []int{a, b, c})
				}
			}
		}
	}
	return s, true
}

func differences(a, b []int) (n int) {
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// disc is the unit disc as a polygon in it.
func disc() (s slotSet) {
	whole := make([]int, discCorners)
	for i := range whole {
		angle := 2 * math.Pi / discCorners * float64(i)
		s.corners = append(s.corners, clarke.Floats([]float64{kernel.Cos(angle), kernel.Sin(angle)}))
		s.edges = append(s.edges, []int{i, (i + 1) % discCorners})
		whole[i] = i
	}
	s.faces = [][]int{whole}
	return s
}

// region returns D as convex polygons; ok is false if it is not known how, or if they are
// too many.
func region(d *conservative.Field) (parts [][]figure.Point, ok bool, err error) {
	sets, ok := slotSets(d)
	n := patches(sets)
	if !ok || n > maxPatches {
		return nil, false, nil
	}
	t := &tracer{field: d, sets: sets, strips: max(minStrips, int(min(maxStrips, allStrips/n)))}
	t.choose(0, 2, make([][]int, len(sets)))
	return simplified(t.parts), t.err == nil, t.err
}

// patches counts the two-dimensional faces of a product.
func patches(sets []slotSet) float64 {
	n := [3]float64{1, 0, 0} // faces by dimension, of the product so far
	for _, s := range sets {
		c, e, f := float64(len(s.corners)), float64(len(s.edges)), float64(len(s.faces))
		n = [3]float64{n[0] * c, float64(n[1]*c) + float64(n[0]*e), float64(n[2]*c) + float64(n[1]*e) + float64(n[0]*f)}
	}
	return n[2]
}

// tracer lists the faces of a product and their images.
type tracer struct {
	field  *conservative.Field
	sets   []slotSet
	strips int
	parts  [][]figure.Point
	err    error
}

// choose takes a face of set i and all that follow, of left dimensions together.
func (t *tracer) choose(i, left int, face [][]int) {
	if i == len(t.sets) {
		if left == 0 {
			t.patch(face)
		}
		return
	}
	s := t.sets[i]
	for c := range s.corners {
		face[i] = []int{c}
		t.choose(i+1, left, face)
	}
	if left >= 1 {
		for _, e := range s.edges {
			face[i] = e
			t.choose(i+1, left-1, face)
		}
	}
	if left == 2 {
		for _, f := range s.faces {
			face[i] = f
			t.choose(i+1, 0, face)
		}
	}
}

// patch adds the image of a face: g is affine on a face of one set, and affine in either
// variable on the product of two edges.
func (t *tracer) patch(face [][]int) {
	var edges []int
	for i, f := range face {
		switch {
		case len(f) == 2:
			edges = append(edges, i)
		case len(f) > 2:
			t.parts = append(t.parts, t.polygon(face, i, f))
			return
		}
	}
	i, j := edges[0], edges[1]
	from, to := face[j][:1], face[j][1:]
	ends := slices.Clone(face)
	ends[j] = from
	p := t.polygon(ends, i, face[i])
	ends[j] = to
	q := t.polygon(ends, i, face[i])
	if t.err == nil {
		t.parts = append(t.parts, bilinear(p[0], p[1], q[1], q[0], t.strips)...)
	}
}

// polygon returns g at given corners of set i, where face has the corners of the others.
func (t *tracer) polygon(face [][]int, i int, corners []int) (out []figure.Point) {
	at := make([]clarke.Vector, len(t.sets))
	for j, f := range face {
		at[j] = t.sets[j].corners[f[0]]
	}
	for _, c := range corners {
		at[i] = t.sets[i].corners[c]
		v, err := t.field.Element(at)
		if err != nil {
			t.err = err
			return make([]figure.Point, len(corners))
		}
		out = append(out, figure.Point{X: v.Float[0], Y: v.Float[1]})
	}
	return out
}

func between(p, q figure.Point, t float64) figure.Point {
	return figure.Point{X: p.X + float64(t*(q.X-p.X)), Y: p.Y + float64(t*(q.Y-p.Y))}
}

// cross is twice the area of a triangle, positive if it turns left.
func cross(a, b, c figure.Point) float64 {
	return float64((b.X-a.X)*(c.Y-a.Y)) - float64((b.Y-a.Y)*(c.X-a.X))
}

// bilinear returns the image of a square with corners at a, b, c, d in order under the map that
// is affine in either variable: the union of the segments between points that move from a to b
// and from d to c. Curved boundaries are drawn as chords.
func bilinear(a, b, c, d figure.Point, n int) (parts [][]figure.Point) {
	if twist := (figure.Point{X: a.X - b.X + c.X - d.X, Y: a.Y - b.Y + c.Y - d.Y}); twist == (figure.Point{}) {
		n = 1 // a parallelogram
	}
	for k := range n {
		s, t := float64(k)/float64(n), float64(k+1)/float64(n)
		for _, strip := range swept(between(a, b, s), between(a, b, t), between(d, c, t), between(d, c, s)) {
			parts = joined(parts, hull(strip))
		}
	}
	return parts
}

// joined adds a convex polygon to the list, in one with one of the last two if that is convex.
func joined(parts [][]figure.Point, p []figure.Point) [][]figure.Point {
	for i := max(0, len(parts)-2); i < len(parts); i++ {
		if both := hull(slices.Concat(parts[i], p)); isUnion(both, parts[i], p) {
			parts[i] = both
			return parts
		}
	}
	return append(parts, p)
}

// swept returns what is between the segments from a to d and from b to c: two triangles, which
// share a corner if the segments cross.
func swept(a, b, c, d figure.Point) [][]figure.Point {
	da, dd := cross(b, c, a), cross(b, c, d)
	ab, ac := cross(a, d, b), cross(a, d, c)
	if float64(da*dd) < 0 && float64(ab*ac) < 0 {
		x := between(a, d, da/(da-dd))
		return [][]figure.Point{{a, b, x}, {d, c, x}}
	}
	if float64(cross(a, b, c)*cross(a, c, d)) >= 0 && float64(cross(b, c, d)*cross(b, d, a)) >= 0 {
		return [][]figure.Point{{a, b, c, d}}
	}
	return [][]figure.Point{{a, b, c}, {a, c, d}}
}

// hull returns the corners of the convex hull in order, two if it is a segment up to rounding.
func hull(points []figure.Point) (out []figure.Point) {
	list := make([][]float64, len(points))
	for i, p := range points {
		list[i] = []float64{p.X, p.Y}
	}
	corners, err := convex.Hull2(list)
	if err != nil {
		return points // numbers that are not finite, which the drawing refuses
	}
	for _, i := range corners {
		out = append(out, points[i])
	}
	if first, last := slices.MinFunc(out, lexicographically), slices.MaxFunc(out, lexicographically); len(out) > 2 && area(out) <= float64(hair*squaredDistance(first, last)) {
		return []figure.Point{first, last}
	}
	return out
}

func lexicographically(p, q figure.Point) int {
	return cmp.Or(cmp.Compare(p.X, q.X), cmp.Compare(p.Y, q.Y))
}

func squaredDistance(p, q figure.Point) float64 {
	return float64((p.X-q.X)*(p.X-q.X)) + float64((p.Y-q.Y)*(p.Y-q.Y))
}

func area(polygon []figure.Point) float64 {
	sum := 0.0
	for i := 2; i < len(polygon); i++ {
		sum += cross(polygon[0], polygon[i-1], polygon[i])
	}
	return sum / 2
}

// hair is what no drawing shows, relative to its size.
const hair = 1e-9

// isUnion reports whether a hull of two convex polygons that share an edge is no more than they.
func isUnion(both, a, b []figure.Point) bool {
	return area(both) > 0 && math.Abs(area(both)-area(a)-area(b)) <= float64(hair*area(both))
}

// simplified drops polygons that are in one of the others, the largest first.
func simplified(parts [][]figure.Point) (kept [][]figure.Point) {
	for i := range parts {
		parts[i] = hull(parts[i])
	}
	slices.SortStableFunc(parts, func(a, b []figure.Point) int { return cmp.Or(cmp.Compare(area(b), area(a)), len(b)-len(a)) })
	for _, p := range parts {
		if !slices.ContainsFunc(kept, func(q []figure.Point) bool { return covers(q, p) }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// covers reports whether all points are in a convex polygon.
func covers(polygon, points []figure.Point) bool {
	size := 0.0
	for i, a := range polygon {
		size = max(size, squaredDistance(a, polygon[(i+1)%len(polygon)]))
	}
	for _, p := range points {
		if !inside(polygon, p, float64(hair*size)) {
			return false
		}
	}
	return true
}

func inside(polygon []figure.Point, p figure.Point, tolerance float64) bool {
	if len(polygon) < 3 { // a point, or a segment, between whose ends p must be
		a, b := polygon[0], polygon[len(polygon)-1]
		along := float64((p.X-a.X)*(p.X-b.X)) + float64((p.Y-a.Y)*(p.Y-b.Y))
		return math.Abs(cross(a, b, p)) <= tolerance && along <= tolerance && (a != b || p == a)
	}
	for i, a := range polygon {
		if cross(a, polygon[(i+1)%len(polygon)], p) < -tolerance {
			return false
		}
	}
	return true
}
