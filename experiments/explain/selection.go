package explain

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
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
	inClarke, err := r.inClarke(ctx, v)
	if err != nil {
		return err
	}
	if inClarke == clarke.Yes {
		s.Verdict = "clarke"
		return nil
	}
	inField := clarke.Yes // it is g of choices in their sets
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

// inClarke answers v ∈ ∂f.
func (r *Report) inClarke(ctx context.Context, v clarke.Vector) (clarke.Verdict, error) {
	c := r.Clarke
	if len(c.Vertices) > 0 {
		inside, err := clarke.HullContains(c.Vertices, v)
		switch {
		case err != nil:
			return clarke.Unknown, err
		case inside:
			return clarke.Yes, nil
		case c.Exact && !c.Round:
			return clarke.No, nil
		}
	}
	inHull, err := r.Conservative.HullContainsWithin(ctx, v)
	if inHull == clarke.Yes && !r.IsHull { // ∂f ⊂ conv D
		inHull = clarke.Unknown
	}
	return inHull, err
}
