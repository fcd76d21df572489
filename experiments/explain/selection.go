package explain

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
)

// Selection is what one framework returns.
type Selection struct {
	Preset string          // in lower case
	Rows   []clarke.Vector // one for each output entry; nil if there is no answer
	Why    string          // why there is none
	// Verdict names the smaller of the sets that the vector lies in: "clarke" for
	// ∂f, "conservative" for D, "neither", or "unknown".
	Verdict string
	// Invalid says that the framework's choice at an active kink lies outside
	// the op's own Clarke set.
	Invalid bool
}

// framework is a preset wired into a program.
type framework struct {
	name    string // in lower case
	back    *mixed.Program
	none    error // why the preset has no answer
	invalid []*expr.Slot
}

// frameworks wires presets, nil meaning all, into a backward program.
func frameworks(back *expr.Func, presets []ad.Preset) (out []framework, err error) {
	if presets == nil {
		presets = ad.Presets()
	}
	for _, preset := range presets {
		w := framework{name: strings.ToLower(preset.Name), invalid: preset.Invalid(back)}
		var none *ad.NoRuleError
		if w.back, err = wired(back, preset.Wiring()); errors.As(err, &none) {
			w.none = err
		} else if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// selections runs every preset. Why one has no answer is no error.
func (p place) selections(ctx context.Context, r *Report) error {
	for _, w := range p.presets {
		s := Selection{Preset: w.name, Verdict: string(clarke.Unknown)}
		err := w.none
		if err == nil {
			s.Rows, err = p.rows(ctx, w.back)
		}
		switch {
		case w.none != nil || isRunFault(err):
			s.Rows, s.Why = nil, err.Error()
		case err != nil:
			return err
		}
		s.Invalid = touches(w.invalid, r.Kinks)
		r.Selections = append(r.Selections, s)
	}
	return nil
}

// touches reports whether one of the slots is active.
func touches(slots []*expr.Slot, active []ad.Kink) bool {
	return slices.ContainsFunc(active, func(k ad.Kink) bool {
		return slices.ContainsFunc(slots, func(s *expr.Slot) bool { return s.Node == k.Slot.Node })
	})
}

// judge says in which set a selection lies.
func (r *Report) judge(ctx context.Context, s *Selection) error {
	if s.Rows == nil {
		return nil
	}
	v := clarke.Concat(s.Rows)
	if slices.ContainsFunc(v.Float, isNotFinite) {
		s.Verdict = "neither" // all sets are bounded
		return nil
	}
	inClarke, err := r.inClarke(ctx, v, !s.Invalid)
	if err != nil {
		return err
	}
	if inClarke == clarke.Yes {
		s.Verdict = "clarke"
		return nil
	}
	inField := clarke.Yes // it is the derivative under choices in their sets
	if s.Invalid {
		m, err := r.Conservative.Contains(ctx, v)
		if err != nil {
			return err
		}
		inField = m.Verdict
	}
	switch {
	case inClarke == clarke.No && inField == clarke.Yes:
		s.Verdict = "conservative"
	case inClarke == clarke.No && inField == clarke.No:
		s.Verdict = "neither"
	}
	return nil
}

func isNotFinite(x float64) bool { return x-x != 0 }

// inClarke answers v ∈ ∂f, where a valid v is known to be in D.
func (r *Report) inClarke(ctx context.Context, v clarke.Vector, valid bool) (clarke.Verdict, error) {
	c := r.Clarke
	inside, err := inHull(c.Vertices, v)
	switch {
	case err != nil:
		return clarke.Unknown, err
	case inside, r.isHull() && valid:
		return clarke.Yes, nil
	case c.Exact && !c.Round:
		return clarke.No, nil
	case valid:
		return clarke.Unknown, nil
	}
	verdict, err := r.Conservative.HullContainsWithin(ctx, v)
	if verdict == clarke.Yes && !r.isHull() { // ∂f ⊂ conv D
		verdict = clarke.Unknown
	}
	return verdict, err
}

// selectionRounding bounds the relative error of a derivative in float64, which is
// computed in another order than the vertices.
const selectionRounding = 0x1p-40

// inHull reports whether v is in the hull of points, up to the rounding of v.
func inHull(points []clarke.Vector, v clarke.Vector) (bool, error) {
	switch {
	case len(points) == 0:
		return false, nil
	case v.Exact != nil:
		return clarke.HullContains(points, v)
	}
	size := 1.0
	for _, p := range append(points[:len(points):len(points)], v) {
		for _, x := range p.Float {
			size = max(size, x, -x)
		}
	}
	m, err := convex.Contains(clarke.Point(points).Floats(), v.Float, size*selectionRounding)
	return m.Inside, err
}
