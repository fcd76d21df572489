package conservative

import (
	"context"
	"errors"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
)

// RuleMembership says whether what a rule returns at a point is in the conservative
// field D there.
type RuleMembership struct {
	// Verdict is Yes if all vectors of the rule that were tried are in D, No if one of
	// them is not even in conv D, and Unknown otherwise; then Why gives the reason, in which "it" is Vector.
	Verdict clarke.Verdict
	Why     string
	// Vector is the vector that the answer is about: the first that is not in D, or is
	// not known to be; else the first. It is empty if it is not a number, and if the
	// rule does not apply.
	Vector clarke.Vector
	// Normal separates Vector from D if it is not in conv D and the vertices of conv D
	// are known: ⟨Normal, v − Vector⟩ > 0 for all v ∈ D. It is empty otherwise.
	Normal clarke.Vector
	// Tried is how many choices of the rule were tried: one for a selection.
	Tried int
	// Field is D.
	Field *Field
}

// CheckMembership asks whether the vector that a rule returns at x is in D(x): what
// the curves of [CheckCurves] cannot see. A rule that leaves choices open is asked
// for all extreme ones, or for random ones if there are many. It is answered by
// [Field.Contains], in the arithmetic of [At]; in float64 what is within 10⁻⁹ of
// conv D, relative to the largest entry, is in it, and what is within 10⁻⁹ itself is
// Unknown.
func CheckMembership(ctx context.Context, f *expr.Func, x clarke.Point, rule Rule, o Options) (*RuleMembership, error) {
	d, err := At(ctx, f, x, o)
	if err != nil {
		return nil, err
	}
	m := &RuleMembership{Verdict: clarke.Unknown, Field: d}
	if d.absent() != nil {
		m.Why = d.Why
		return m, nil
	}
	t, err := newCurveTester(ctx, f, x, rule, CurveOptions{Curves: 1, Radius: 1})
	var missing *ad.NoRuleError
	switch {
	case errors.As(err, &missing):
		m.Why = missing.Error()
		return m, nil
	case err != nil:
		return nil, err
	}
	t.exactly = t.exactly && d.Arithmetic == "rational"
	t.place(x)
	elements, err := t.elementsAt(t.x, mostElements)
	if err != nil {
		return nil, err
	}
	return m, m.ask(ctx, t, elements)
}

// ask decides for all elements; the worst answer counts.
func (m *RuleMembership) ask(ctx context.Context, t *curveTester, elements []element) error {
	m.Tried = len(elements)
	for i, e := range elements {
		if e.v == nil {
			m.Verdict, m.Vector, m.Normal, m.Why = clarke.No, clarke.Vector{}, clarke.Vector{}, "the rule returns what is not a number"
			return nil
		}
		v := t.vector(e.v...)
		verdict, why, err := m.Field.containsNearly(ctx, v)
		if err != nil {
			return err
		}
		if i == 0 || verdict == clarke.No || verdict == clarke.Unknown && m.Verdict == clarke.Yes {
			m.Verdict, m.Vector, m.Why = verdict, v, why
		}
		if verdict == clarke.No {
			m.Normal, err = m.Field.separate(v)
			return err
		}
	}
	return nil
}

// memberTolerance is the distance to conv D, relative to the largest entry, that
// counts as rounding of a vector in float64. Where all entries are small, they may be
// what rounding leaves of larger terms: up to the same distance itself nothing is
// decided.
const memberTolerance = 1e-9

// containsNearly answers v ∈ D up to rounding.
func (d *Field) containsNearly(ctx context.Context, v clarke.Vector) (clarke.Verdict, string, error) {
	in, err := d.Contains(ctx, v)
	if err == nil && in.Certificate != nil && v.Exact == nil && d.exact != nil { // proved for v as it was rounded
		in = d.searchNearly(ctx, v, memberTolerance*d.float.size())
	}
	if err != nil || in.Verdict != clarke.No || v.Exact != nil || in.Certificate != nil || !d.Complete {
		return in.Verdict, in.Why, err
	}
	inside, err := d.nearlyContains(v)
	switch inside {
	case clarke.No:
		return clarke.No, "it is not in conv D", err
	case clarke.Yes:
		return d.containsConvex(v), "it is in conv D up to rounding", err
	}
	return clarke.Unknown, "it is not in conv D, but nearer than rounding may be", err
}

// containsConvex answers v ∈ D for what is in conv D up to rounding.
func (d *Field) containsConvex(v clarke.Vector) clarke.Verdict {
	if d.Affine {
		return clarke.Yes
	}
	return clarke.Unknown
}

// nearlyContains allows for the rounding of v and of the vertices.
func (d *Field) nearlyContains(v clarke.Vector) (clarke.Verdict, error) {
	size := 0.0
	for _, w := range append(d.Vertices, v) {
		for _, x := range w.Float {
			size = max(size, math.Abs(x))
		}
	}
	m, err := convex.Contains(clarke.Point(d.Vertices).Floats(), v.Float, float64(memberTolerance*size))
	switch {
	case m.Inside:
		return clarke.Yes, err
	case m.Distance <= memberTolerance:
		return clarke.Unknown, err
	}
	return clarke.No, err
}

// separate returns a normal that separates v from conv D.
func (d *Field) separate(v clarke.Vector) (clarke.Vector, error) {
	points := clarke.Point(d.Vertices)
	if len(points) == 0 {
		return clarke.Vector{}, nil
	}
	if v.Exact != nil && points.IsExact() {
		m, err := convex.ExactContains(points.Exact(), v.Exact)
		return clarke.Rational(m.Normal), err
	}
	m, err := convex.Contains(points.Floats(), v.Float, 0)
	return clarke.Floats(m.Normal), err
}
