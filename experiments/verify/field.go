package verify

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
)

// sets checks that the sets are there where nothing is refused, and enumerates the
// field for the checks that follow.
func (r *recheck) sets() {
	o := r.o
	r.check("sets", func() (string, error) {
		given := o.Field != nil && o.Clarke != nil
		switch {
		case (o.Field != nil) != (o.Clarke != nil):
			return "", faulty("clarke", "only one of conservative and clarke is null")
		case given && o.Refused != "":
			return "", faulty("refused", "a program that is refused has no sets")
		case !given && o.Refused == "" && o.Note == "":
			return "", faulty("conservative", "it is null although nothing is refused")
		case !given && o.Spurious != nil:
			return "", faulty("spurious", "without sets it must be null")
		case !given:
			return "not given", nil
		}
		if r.hasBalls() {
			return "a norm is active; the field is known by its support function", nil
		}
		f, err := r.p.enumerate(r.p.x)
		switch {
		case err == errTooMany:
			return "", open("the field has more than %d combinations of extreme choices, or takes too long", MaxProducts)
		case err != nil:
			return "", faulty("conservative", "%v", err)
		}
		r.products = f
		return fmt.Sprintf("%d combinations of extreme choices evaluated", len(f.elements)), nil
	})
}

// field checks what is said about D.
func (r *recheck) field() {
	if r.o.Field == nil {
		return
	}
	r.check("conservative.vertices", r.fieldVertices)
	r.check("conservative.min_norm", func() (string, error) {
		return r.nearest("conservative", r.o.Field.Vertices, r.o.Field.MinNorm, r.o.Field.Distance)
	})
	r.check("conservative.hull_contains_zero", r.hullZero)
	r.check("conservative.contains_zero", r.fieldZero)
}

// fieldVertices compares the vertices with the field under all combinations of
// extreme choices, whose hull is conv D since the derivative is multi-affine.
func (r *recheck) fieldVertices() (string, error) {
	const path = "conservative.vertices"
	f := r.o.Field
	switch {
	case f.Complete != (f.Vertices != nil):
		return "", faulty("conservative.complete", "it is %v, and the vertices say otherwise", f.Complete)
	case f.Vertices == nil && r.products == nil:
		return "not listed", nil
	case f.Vertices == nil: // a budget of explain was smaller than this one
		return "not listed, although there are few", nil
	}
	rounded, err := extreme(path, *f.Vertices)
	if err != nil {
		return "", err
	}
	if r.products == nil {
		return "", open("%s extreme and sorted; whether in D, and all, is too much to enumerate", vertices(*f.Vertices))
	}
	elements := r.products.vectors()
	for i, v := range *f.Vertices {
		if !slices.ContainsFunc(elements, func(e Vector) bool { return agree(v, e, rounding) }) {
			return "", faulty(label(path, i), "no choices at the kinks give %s", text(v))
		}
	}
	for _, e := range elements {
		if inside, err := inHull(*f.Vertices, e); err != nil || !inside {
			return "", orFault(err, path, "the hull lacks %s", text(e))
		}
	}
	return openIf(rounded, vertices(*f.Vertices)+", extreme, elements of D, and all")
}

// vertices counts vertices.
func vertices(list []Vector) string {
	if len(list) == 1 {
		return "1 vertex"
	}
	return fmt.Sprintf("%d vertices", len(list))
}

// orFault returns the error, or a fault if it is nil.
func orFault(err error, path, format string, args ...any) error {
	if err != nil {
		return err
	}
	return faulty(path, format, args...)
}

// extreme checks that points are sorted, distinct and extreme points of their hull.
// What may be rounding says that in float64 they are so as printed only.
func extreme(path string, points []Vector) (mayBeRounding bool, err error) {
	if len(points) == 0 {
		return false, faulty(path, "the list is empty")
	}
	for i := range points[1:] {
		if !lower(points[i], points[i+1]) {
			return false, faulty(label(path, i+1), "it does not come after the one before lexicographically")
		}
	}
	if !isExact(points) {
		if apart, err := areApart(points); err != nil || apart {
			return false, err
		}
		if points = printed(points); !isExact(points) {
			return false, faulty(path, "there is a number that is not finite")
		}
		mayBeRounding = true
	}
	proof, err := convex.ExactExtremeProof(exactly(points))
	if err == nil {
		err = convex.CheckExtreme(exactly(points), proof)
	}
	if err != nil || len(proof.Inside) == 0 {
		return mayBeRounding, err
	}
	return false, faulty(label(path, proof.Inside[0].Point), "it is a combination of others")
}

// openIf says that vertices are right but for being extreme by more than rounding.
func openIf(mayBeRounding bool, found string) (string, error) {
	if mayBeRounding {
		return "", open("%s, but some are extreme by what may be rounding", found)
	}
	return found, nil
}

// areApart reports whether every point is outside the hull of the others by more than
// rounding.
func areApart(points []Vector) (bool, error) {
	for i, v := range points {
		inside, err := inHull(slices.Delete(slices.Clone(points), i, i+1), v)
		if err != nil || inside {
			return false, err
		}
	}
	return true, nil
}

// lower compares lexicographically.
func lower(a, b Vector) bool {
	if a.Exact == nil || b.Exact == nil {
		return slices.Compare(a.Float, b.Float) < 0
	}
	for i, x := range a.Exact {
		if c := x.Cmp(b.Exact[i]); c != 0 {
			return c < 0
		}
	}
	return false
}

// nearest checks the point of a hull nearest to 0: it is in the hull, and has a
// product with all points of at least its own square.
func (r *recheck) nearest(set string, vertices *[]Vector, point, distance *Vector) (string, error) {
	path := set + ".min_norm"
	switch {
	case (point == nil) != (distance == nil):
		return "", faulty(set+".distance", "only one of min_norm and distance is null")
	case point == nil && vertices == nil:
		return "not given", nil
	case point == nil:
		return "", faulty(path, "it is null although the vertices are known")
	}
	found, err := r.nearestOf(path, vertices, *point)
	if err != nil {
		return "", err
	}
	if norm := root(dot(*point, *point)); !agree(norm, *distance, rounding) {
		return "", faulty(set+".distance", "it is %s, the norm of min_norm", text(norm))
	}
	return found, nil
}

func (r *recheck) nearestOf(path string, vertices *[]Vector, point Vector) (string, error) {
	if vertices == nil {
		return r.nearestRound(path, point)
	}
	inside, err := inHull(*vertices, point)
	if err != nil || !inside {
		return "", orFault(err, path, "it is not in the hull of the vertices")
	}
	square := dot(point, point)
	for _, v := range *vertices {
		if below(dot(point, v), square, square.Float[0]) {
			return "", faulty(path, "%s is nearer to 0 in its direction", text(v))
		}
	}
	return "in the hull, and ⟨x, p⟩ ≥ ⟨x, x⟩ for all vertices p", nil
}

// hullZero checks 0 ∈ conv D.
func (r *recheck) hullZero() (string, error) {
	const path = "conservative.hull_contains_zero"
	f := r.o.Field
	if f.MinNorm != nil && f.HullZero != unknown && (f.HullZero == yes) != isZero(*f.MinNorm) {
		return "", faulty(path, "it is %s, and min_norm is %s", f.HullZero, text(*f.MinNorm))
	}
	if f.Vertices != nil {
		inside, err := zeroIn(*f.Vertices, f.HullZero)
		if want := answer(inside); err != nil || f.HullZero != want {
			return "", orFault(err, path, "it is %s by the vertices", want)
		}
		return f.HullZero, nil
	}
	if f.HullZero == unknown {
		return unknown, nil
	}
	if f.HullZero == no && f.MinNorm != nil {
		if _, err := r.nearestRound("conservative.min_norm", *f.MinNorm); err == nil {
			return "no, conv D is on one side of the plane through min_norm", nil
		}
	}
	if f.HullZero == yes && f.Zero == yes {
		return "yes, 0 is in D", nil
	}
	return "", open("the vertices are not listed")
}

func answer(b bool) string {
	if b {
		return yes
	}
	return no
}

// fieldZero checks 0 ∈ D.
func (r *recheck) fieldZero() (string, error) {
	const path = "conservative.contains_zero"
	f := r.o.Field
	switch {
	case f.HullZero == no && f.Zero != no:
		return "", faulty(path, "it must be no: 0 is not in conv D")
	case f.HasZeroSlots && f.Zero != yes:
		return "", faulty(path, "it must be yes, by zero_slots")
	case f.HasZeroSlots:
		return r.zeroSlots()
	case f.Zero == unknown && r.o.Scalar && r.products != nil && r.isAdditive():
		return "", faulty(path, "it must be %s: D is convex", f.HullZero)
	case f.Zero == unknown:
		return unknown, nil
	case f.HullZero == no:
		return "no, 0 is not in conv D", nil
	case r.products == nil:
		return "", open("the field is too large to enumerate")
	case r.isAdditive() && f.Zero != f.HullZero:
		return "", faulty(path, "it must be %s: D is convex", f.HullZero)
	case r.isAdditive():
		return f.Zero + ", D is convex and its hull is rechecked", nil
	case f.Zero == no:
		return r.splitSlots()
	}
	return "", faulty("conservative.zero_slots", "it is null although 0 is in D")
}

// zeroSlots evaluates the derivative under the choices listed.
func (r *recheck) zeroSlots() (string, error) {
	slots := r.p.rows.blank()
	kinks, err := r.p.rows.kinks(slices.Concat(r.p.x, r.p.unit(r.p.f.Out(), 0)))
	if err != nil {
		return "", err
	}
	used := make([]bool, len(r.o.Field.ZeroSlots)) // a slot of two ranks has two kinks in one place
	for i := range kinks {
		j := 0
		for j < len(used) && (used[j] || !r.o.Field.ZeroSlots[j].isAt(&kinks[i])) {
			j++
		}
		if j == len(used) {
			return "", faulty("conservative.zero_slots", "there is no choice for %s at %v", kinks[i].Slot, kinks[i].Index)
		}
		used[j] = true
		s := r.o.Field.ZeroSlots[j]
		if !inSlotSet(&kinks[i], s.Vector, r.slotTolerance()) {
			return "", faulty(label("conservative.zero_slots", j)+".value", "it is no choice at %s", kinks[i].Slot)
		}
		r.p.rows.set(slots, &kinks[i], s.Exact)
	}
	v, err := r.p.derivative(r.p.x, slots)
	switch {
	case err != nil:
		return "", err
	case v.Exact != nil && !isZero(v), v.Exact == nil && !near(v, blankLike(v), rounding):
		return "", faulty("conservative.zero_slots", "they give %s, not 0", text(v))
	}
	return "yes, by the choices of zero_slots", nil
}

func (s *Slot) isAt(k *ad.Kink) bool {
	return s.Node == k.Node && s.Op == k.Op && s.Name == k.Slot.Name && slices.Compare(s.Index, k.Index) == 0 && len(s.Exact) == len(k.Entries)
}

// slotTolerance is what a sum of choices may differ from its value: choices in
// float64 add up to 1 up to rounding.
func (r *recheck) slotTolerance() *big.Rat {
	if r.o.Arithmetic == "rational" {
		return new(big.Rat)
	}
	return new(big.Rat).SetFloat64(rounding)
}

// inSlotSet reports whether values are a choice at a kink.
func inSlotSet(k *ad.Kink, v Vector, tol *big.Rat) bool {
	if k.Slot.Kind == expr.DirectionSlot {
		return dot(v, v).Exact[0].Cmp(new(big.Rat).Add(tol, integers(1)[0])) <= 0
	}
	for _, x := range v.Exact {
		if x.Sign() < 0 || x.Cmp(integers(1)[0]) > 0 {
			return false
		}
	}
	m := k.Tied()
	switch k.Slot.Kind {
	case expr.RankSlot:
		return sumIs(v, 0, len(v.Exact), 1, int64(k.Count), tol)
	case expr.PermutationSlot:
		for i := range m {
			if !sumIs(v, i*m, (i+1)*m, 1, 1, tol) || !sumIs(v, i, len(v.Exact), m, 1, tol) {
				return false
			}
		}
	}
	return true
}

// sumIs reports whether entries from, from + step, … below to add up to want within
// tol.
func sumIs(v Vector, from, to, step int, want int64, tol *big.Rat) bool {
	sum := integers(-want)[0]
	for i := from; i < to; i += step {
		sum.Add(sum, v.Exact[i])
	}
	return sum.Abs(sum).Cmp(tol) <= 0
}
