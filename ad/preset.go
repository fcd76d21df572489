package ad

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// Preset is what one framework returns at kinks, in that framework's plain
// spelling of each op, which Doc gives. It is data, keyed by op and slot: see
// Rule. What a framework does beyond the choice at a kink, such as letting the
// NaN of a branch that was not taken leak through a product with 0, is not part
// of a preset.
type Preset struct {
	Name string // as the framework writes itself
	Doc  string // the spellings that the rules stand for

	rules map[string]Rule
}

// Rule is what a framework does with one slot of one op, or why there is no
// answer.
type Rule struct {
	Choice Choice
	Source string // where that can be read
	Reason string // why there is no rule; Choice is not set then

	// only restricts the rule to some applications: it returns why there is
	// none for this one, or "".
	only func(s *expr.Slot) string
}

// Presets returns all presets, in a fixed order.
func Presets() []Preset {
	return []Preset{PyTorch, JAX, TensorFlow, Autograd, Gorgonia, GoMLX}
}

// LookupPreset returns the preset of that name, in capitals or not.
func LookupPreset(name string) (Preset, bool) {
	all := Presets()
	i := slices.IndexFunc(all, func(p Preset) bool { return strings.EqualFold(p.Name, name) })
	if i < 0 {
		return Preset{}, false
	}
	return all[i], true
}

// Rule returns the rule for a slot of an op, such as "relu" and "s"; ok is
// false if there is none, and then its Reason says why.
func (p Preset) Rule(op, slot string) (r Rule, ok bool) {
	r, known := p.rules[op+"."+slot]
	if !known {
		return Rule{Reason: fmt.Sprintf("the preset does not know the op %s; wire this slot with Override, or all slots with AtSlot", op)}, false
	}
	return r, r.Choice.mode != unset
}

// Wiring returns the preset as a wiring of all slots. Wire fails with a
// NoRuleError if the program has a slot for which the preset has no rule.
func (p Preset) Wiring() Wiring { return chosenBy(p.choice) }

func (p Preset) choice(s *expr.Slot) (Choice, error) {
	r, ok := p.Rule(s.Owner.Op().Name, s.Name)
	if ok && r.only != nil {
		r.Reason = r.only(s)
		ok = r.Reason == ""
	}
	if !ok {
		return Choice{}, &NoRuleError{Preset: p.Name, Slot: s, Reason: r.Reason}
	}
	return r.Choice, nil
}

// Invalid lists the slots of f that the preset wires outside their sets, as a
// framework that gives every tied entry of a maximum weight 1. A gradient is
// affected where such a kink is active, and is then no element of any
// conservative field of the program, or it is by luck.
func (p Preset) Invalid(f *expr.Func) []*expr.Slot {
	var out []*expr.Slot
	for _, n := range f.Slots() {
		s, _ := n.Slot()
		if c, err := p.choice(s); err == nil && c.outside(s) {
			out = append(out, s)
		}
	}
	return out
}

// NoRuleError says that a preset has no rule for a slot.
type NoRuleError struct {
	Preset string
	Slot   *expr.Slot
	Reason string
}

func (e *NoRuleError) Error() string {
	return fmt.Sprintf("ad: %s has no rule for %v: %s", e.Preset, e.Slot, e.Reason)
}

// constantBounds restricts a rule for clamp to bounds that are not
// differentiated.
func constantBounds(s *expr.Slot) string {
	for _, n := range expr.Reach(s.Owner.Args()[1:]...) {
		if in, ok := n.Input(); ok && in.Role != expr.Datum {
			return "at a bound it gives nothing to the bound either, which is no choice of a slot; the rule stands for bounds that are not differentiated"
		}
	}
	return ""
}

// oddCount restricts a rule for the median to rows that have a middle entry.
func oddCount(s *expr.Slot) string {
	if s.To-s.From > 1 {
		return "its median of an even number of entries is the lower of the middle two, another function; write the mean of the two that are meant"
	}
	return ""
}
