package ad

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tamegrad/tamegrad/expr"
)

// Override returns w, but with the slot of that name, such as "relu#3.s", wired
// to c. Further keys that w brings for the slot are dropped, except for the
// tangents of Along. Wire fails with an UnknownSlotError if the program has no
// such slot.
func Override(w Wiring, slot string, c Choice) Wiring {
	out := w
	out.named = append(slices.Clone(w.named), slot)
	out.extra = func(s *expr.Slot) []expr.Node {
		switch {
		case s.String() == slot:
			return c.extra(s)
		case w.extra == nil:
			return nil
		}
		return w.extra(s)
	}
	out.choose = func(s *expr.Slot, keys []expr.Node) (expr.Node, error) {
		switch {
		case s.String() == slot:
			return c.value(s, keys)
		case w.choose == nil:
			return expr.Node{}, nil
		}
		return w.choose(s, keys)
	}
	return out
}

// UnknownSlotError says that a wiring names a slot that the program lacks.
type UnknownSlotError struct {
	Name string
	Have []string // the slots that there are
}

func (e *UnknownSlotError) Error() string {
	have := "it has none"
	if len(e.Have) > 0 {
		have = "it has " + strings.Join(e.Have, ", ")
	}
	return fmt.Sprintf("ad: the program has no slot %q; %s", e.Name, have)
}

// checkNames reports the first slot that the wiring names and nobody has.
func (r *rewriter) checkNames() error {
	if len(r.wiring.named) == 0 {
		return nil
	}
	var have []string
	for _, s := range r.selectors {
		have = append(have, s.slot.String())
	}
	slices.Sort(have)
	for _, name := range r.wiring.named {
		if !slices.Contains(have, name) {
			return &UnknownSlotError{name, have}
		}
	}
	return nil
}
