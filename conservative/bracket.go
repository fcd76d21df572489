package conservative

import (
	"context"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr"
)

// Bracket has ∂f(x) between two sets: the hull of limiting gradients found, and
// the hull of the conservative field (J. Bolte, E. Pauwels, Math. Programming 188,
// 2021, Corollary 1).
type Bracket struct {
	Inner *clarke.Subdifferential
	Outer *Field
	// Gap is the Hausdorff distance of the two, or an upper bound of it, +Inf at
	// worst. GapExact says that it is the distance up to rounding.
	Gap      float64
	GapExact bool
	// Exact says that ∂f(x) is known: the hull of Inner.Vertices, or conv D if
	// IsHull, and both if Gap is 0. Why gives the proof, or what is missing.
	Exact  bool
	IsHull bool
	Why    string
}

// Bounds computes both sets, and draws the conclusions that need both: if their
// hulls are equal they are ∂f(x), and where 0 is not in conv D it is not in ∂f(x).
// Inner says so too, and then that x is no local minimum. Neither set is there if the
// program is refused.
func Bounds(ctx context.Context, f *expr.Func, x clarke.Point, inner clarke.Options, outer Options) (*Bracket, error) {
	d, err := At(ctx, f, x, outer)
	if err != nil {
		return nil, err
	}
	c, err := clarke.At(ctx, f, x, inner)
	if err != nil {
		return nil, err
	}
	return Between(ctx, c, d)
}

// Between is Bounds for sets at hand, of one program at one point. It upgrades c.
func Between(ctx context.Context, c *clarke.Subdifferential, d *Field) (*Bracket, error) {
	b := &Bracket{Inner: c, Outer: d, Gap: math.Inf(1), Exact: c.Exact, Why: c.Why}
	if c.Refused != "" || d.absent() != nil {
		return b, nil
	}
	if d.HullContainsZero == clarke.No {
		c.ContainsZero = clarke.No
		if err := lower(ctx, c, d); err != nil {
			return nil, err
		}
	}
	if err := b.measure(ctx); err != nil {
		return nil, err
	}
	switch {
	case c.Qualified:
		b.Exact, b.IsHull = true, true
	case b.GapExact && b.Gap == 0 && d.exact != nil && c.Arithmetic == "rational":
		b.Exact, b.IsHull = true, true
		if !c.Exact {
			c.Exact, c.Why = true, "limiting gradients span the hull of the conservative field, which contains the set"
		}
	}
	if b.IsHull && c.Exact && c.ContainsZero == clarke.Unknown {
		c.ContainsZero = d.HullContainsZero
	}
	b.Why = c.Why
	return b, nil
}

// lower finds out that x is no local minimum: for the p of conv D nearest to 0,
// f′(x; −p) ≤ max ⟨v, −p⟩ over conv D, which is −‖p‖² < 0.
func lower(ctx context.Context, c *clarke.Subdifferential, d *Field) error {
	if c.Outputs != 1 || c.Minimality != clarke.UnknownMinimality {
		return nil
	}
	down := negativeIn(d.MinNorm)
	v, err := d.Support(ctx, down, d.allowance().call(defaultRegions))
	if err == nil && v.Upper.Float[0] < 0 {
		c.Minimality, c.Descent = clarke.NotLocalMinimum, down
	}
	return err
}

// measure computes the gap. The hull of the limiting gradients lies in conv D, so
// it is the largest distance from a vertex of conv D to it. Where a vertex of conv D is
// in the hull, it is extreme there, too: the hulls are equal if and only if their
// vertices are.
func (b *Bracket) measure(ctx context.Context) error {
	c, d := b.Inner, b.Outer
	switch {
	case c.Qualified:
		b.Gap, b.GapExact = 0, true
		return nil
	case len(c.Vertices) == 0:
		return nil
	case d.Complete && slices.EqualFunc(c.Vertices, d.Vertices, equal):
		b.Gap, b.GapExact = 0, true
		return nil
	case d.Complete && len(d.Vertices)*len(c.Vertices) <= gapWork/len(c.Vertices[0].Float):
		gap, err := convex.Excess(ctx, clarke.Point(d.Vertices).Floats(), clarke.Point(c.Vertices).Floats())
		if err == nil {
			b.Gap, b.GapExact = gap, true
			if c.Arithmetic == "rational" && d.exact != nil { // the hulls differ, if by less than rounding
				b.Gap = max(gap, math.SmallestNonzeroFloat64)
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	return b.enclose(ctx)
}

// gapWork bounds the products of coordinates in one round over all pairs of vertices
// of the two hulls. Beyond it the gap is only bounded.
const gapWork = 1 << 26

// enclose bounds the gap by the distance from a point of the inner hull to the
// farthest corner of a box around conv D.
func (b *Bracket) enclose(ctx context.Context) error {
	n := len(b.Inner.Vertices[0].Float)
	centre := make([]float64, n)
	conv := hull{b.Outer.float, ctx, b.Outer.allowance()}
	for _, v := range b.Inner.Vertices {
		axpy(centre, 1/float64(len(b.Inner.Vertices)), v.Float)
	}
	sum := 0.0
	for j := range n {
		far := 0.0
		if ctx.Err() != nil {
			return nil
		}
		for _, sign := range []float64{1, -1} {
			w := make([]float64, n)
			w[j] = sign
			h := conv.answer(w)
			far = max(far, max(h.lower, h.upper)-float64(sign*centre[j]))
		}
		sum += float64(far * far)
	}
	b.Gap = math.Sqrt(sum)
	return nil
}
