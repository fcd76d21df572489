package explain

import (
	"errors"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
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
func (p *program) selections(presets []ad.Preset, active []ad.Kink) ([]Selection, error) {
	out := make([]Selection, 0, len(presets))
	for _, preset := range presets {
		s := Selection{Preset: strings.ToLower(preset.Name)}
		wired, err := ad.Wire(p.back, preset.Wiring())
		var none *ad.NoRuleError
		if errors.As(err, &none) {
			s.Why = none.Error()
			out = append(out, s)
			continue
		}
		if err == nil {
			s.Rows, err = p.rowsOrNaN(wired)
		}
		if isNaNSwitch(err) {
			s.Why, err = err.Error(), nil
		}
		if err != nil {
			return nil, err
		}
		s.Invalid = touches(preset.Invalid(p.back), active)
		out = append(out, s)
	}
	return out, nil
}

// rowsOrNaN falls back to float64 for what has no rational value: the NaN that
// a framework makes of 0/0.
func (p *program) rowsOrNaN(wired *expr.Func) ([]clarke.Vector, error) {
	rows, err := p.rows(wired)
	var fault *exact.FaultError
	if !errors.As(err, &fault) {
		return rows, err
	}
	q := *p
	q.run.exact = false
	return q.rows(wired)
}

// touches reports whether one of the slots is active.
func touches(slots []*expr.Slot, active []ad.Kink) bool {
	return slices.ContainsFunc(active, func(k ad.Kink) bool {
		return slices.ContainsFunc(slots, func(s *expr.Slot) bool { return s.Node == k.Slot.Node })
	})
}
