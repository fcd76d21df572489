package conservative

import (
	"context"

	"github.com/tamegrad/tamegrad/clarke"
)

// SupportValue is the support function of conv D for a direction, the largest
// ⟨g, direction⟩, between bounds.
type SupportValue struct {
	// Lower and Upper are one number each. Both are exact in rationals, where Upper
	// is rounded up if an active norm makes the value irrational.
	Lower, Upper clarke.Vector
	// Closed says that the bounds agree, up to rounding in float64 and with active
	// norms.
	Closed bool
	// Element is the element of D that attains Lower, and Slots the values of the
	// kinks that give it, one vector for each of Kinks.
	Element clarke.Vector
	Slots   []clarke.Vector
}

// defaultRegions bounds the branch and bound of Support.
const defaultRegions = 4096

// Support returns the support function of conv D, in rationals if the field and
// the direction are rational. Where no path joins two kinks that is a closed form
// at the cost of a forward and a backward pass: positive parts for a Step, the sum
// of the largest for a Rank, an assignment for a Permutation, a norm for a
// Direction. Groups of kinks on common paths are searched: from below by ascent in
// one slot at a time, from above by linear relaxation, and by splitting the signs
// of arriving adjoints (or the slots, with several outputs). budget bounds the
// parts that are looked at in each group; 0 means 4,096. When it or the context
// ends the bounds are those found by then.
func (d *Field) Support(ctx context.Context, direction clarke.Vector, budget int) (SupportValue, error) {
	if err := d.absent(); err != nil {
		return SupportValue{}, err
	}
	if err := d.checkVector(direction); err != nil {
		return SupportValue{}, err
	}
	if budget <= 0 {
		budget = defaultRegions
	}
	if d.exact != nil && direction.Exact != nil {
		return supportValue(ctx, d, d.exact, direction, budget), nil
	}
	return supportValue(ctx, d, d.float, direction, budget), nil
}

func supportValue[T any](ctx context.Context, d *Field, p *parts[T], direction clarke.Vector, budget int) SupportValue {
	h := p.support(ctx, p.values(direction), budget)
	if p.float(p.sub(h.upper, h.lower)) < 0 { // by rounding: both are the value, on their sides of it
		h.lower, h.upper = h.upper, h.lower
	}
	v := SupportValue{
		Lower: p.vector([]T{h.lower}), Upper: p.vector([]T{h.upper}), Element: p.vector(h.element),
	}
	longest := 0.0
	for _, x := range direction.Float {
		longest = max(longest, abs(x))
	}
	v.Closed = p.float(p.sub(h.upper, h.lower)) <= d.curvedTolerance()*longest
	middle := valuesOf(p.numbers, d.middle())
	for b, lambda := range h.slots {
		if lambda == nil {
			lambda = middle[b]
		}
		v.Slots = append(v.Slots, p.vector(lambda))
	}
	return v
}
