package explain

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// Selection is what one framework returns.
type Selection struct {
	Preset string          // in lower case
	Rows   []clarke.Vector // one for each output entry; nil if there is no answer
	Why    string          // why there is none
	// Verdict says which set the vector is proved to lie in: "clarke",
	// "conservative", "neither" or "unknown".
	Verdict string
	// Invalid says that the framework's choice at an active kink lies outside
	// the op's own Clarke set.
	Invalid bool
}

// selections runs every preset.
func (p *program) selections(ctx context.Context, r *Report) error {
	presets := r.presets
	if presets == nil {
		presets = ad.Presets()
	}
	for _, preset := range presets {
		s, err := p.selection(ctx, preset)
		if err != nil {
			return err
		}
		s.Invalid = touches(preset.Invalid(p.back), r.Kinks)
		r.Selections = append(r.Selections, s)
	}
	return nil
}

// selection runs one preset. Why it has no answer is no error.
func (p *program) selection(ctx context.Context, preset ad.Preset) (Selection, error) {
	s := Selection{Preset: strings.ToLower(preset.Name), Verdict: "unknown"}
	wired, err := ad.Wire(p.back, preset.Wiring())
	if err == nil {
		s.Rows, err = p.rowsOrNaN(ctx, wired)
	}
	var none *ad.NoRuleError
	if errors.As(err, &none) || isRunFault(err) {
		s.Rows, s.Why, err = nil, err.Error(), nil
	}
	return s, err
}

// rowsOrNaN falls back to float64 for what has no rational value: the NaN that
// a framework makes of 0/0.
func (p *program) rowsOrNaN(ctx context.Context, wired *expr.Func) ([]clarke.Vector, error) {
	rows, err := p.rows(ctx, wired)
	if !p.run.exact || !isFault(err) {
		return rows, err
	}
	q := *p
	q.run.exact = false
	return q.rows(ctx, wired)
}

// touches reports whether one of the slots is active.
func touches(slots []*expr.Slot, active []ad.Kink) bool {
	return slices.ContainsFunc(active, func(k ad.Kink) bool {
		return slices.ContainsFunc(slots, func(s *expr.Slot) bool { return s.Node == k.Slot.Node })
	})
}
