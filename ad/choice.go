package ad

import (
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Choice says what a slot is wired to. It counts only where all keys of the
// selector tie. The zero value is no choice and refused.
type Choice struct {
	mode   mode
	values []expr.Number
}

type mode int8

const (
	unset mode = iota
	byValue
	byFirst
	byLast
	byEven
	byAll
	byOrder
	byNaN
)

// The choices that are not numbers. A rule among tied entries is for selectors
// of ranks and permutations: FirstTied and LastTied take, or list first in the
// op's own output, the entries of lowest or highest index.
var (
	FirstTied = Choice{mode: byFirst}
	LastTied  = Choice{mode: byLast}
	// EvenTied spreads the weight evenly over the tied entries.
	EvenTied = Choice{mode: byEven}
	// AllTied gives every tied entry of a rank weight 1. With more than one of
	// them that is outside the slot's set.
	AllTied = Choice{mode: byAll}
	// InOrder takes the entry that a stable ascending sort puts at the rank.
	InOrder = Choice{mode: byOrder}
	// NotANumber is what a rule that divides 0 by 0 gives: x/|x| or x/‖x‖.
	NotANumber = Choice{mode: byNaN}
)

// SlotValue fills a slot with a number, or with one number for each of its
// entries in row-major order.
func SlotValue(v ...expr.Number) Choice { return Choice{byValue, v} }

// slotNumber is SlotValue of one float.
func slotNumber(v float64) Choice { return SlotValue(expr.Num(v)) }

// String returns the choice in words.
func (c Choice) String() string {
	if c.mode == byValue {
		return fmt.Sprint(c.values)
	}
	return [...]string{"no choice", "", "first", "last", "even", "all", "in order", "NaN"}[c.mode]
}

// ChoiceError says that a choice does not fit a slot.
type ChoiceError struct {
	Slot   *expr.Slot
	Choice Choice
	Advice string
}

func (e *ChoiceError) Error() string {
	return fmt.Sprintf("ad: %v cannot be wired to %v: %s", e.Slot, e.Choice, e.Advice)
}

// fits maps each kind of slot to the choices that it takes.
var fits = map[expr.SlotKind]struct {
	modes  []mode
	advice string
}{
	expr.StepSlot:        {[]mode{byValue, byNaN}, "a step takes a value, within [0,1] for a conservative field"},
	expr.RankSlot:        {[]mode{byValue, byFirst, byLast, byEven, byAll, byOrder}, "a rank takes weights or a rule among the tied entries"},
	expr.PermutationSlot: {[]mode{byValue, byFirst, byLast, byEven}, "a permutation takes the weights of a matrix, first, last or even"},
	expr.DirectionSlot:   {[]mode{byValue, byNaN}, "a direction takes a vector, within the unit ball for a conservative field"},
}

func (c Choice) check(s *expr.Slot) error {
	fit := fits[s.Kind]
	for _, m := range fit.modes {
		if m == c.mode {
			return c.checkValues(s)
		}
	}
	return &ChoiceError{s, c, fit.advice}
}

// checkValues keeps mistakes out of the graph, which would keep them for good.
func (c Choice) checkValues(s *expr.Slot) error {
	size := s.Node.Shape().Size()
	if n := len(c.values); c.mode == byValue && n != 1 && n != size {
		return &ChoiceError{s, c, fmt.Sprintf("got %d numbers; give 1 or %d", n, size)}
	}
	for _, v := range c.values {
		if !v.Finite() {
			return &ChoiceError{s, c, "numbers must be finite; NotANumber stands for 0/0"}
		}
	}
	return nil
}

// outside reports whether the choice leaves the slot's set at an active kink.
// Weights of ranks and permutations are only checked entry by entry.
func (c Choice) outside(s *expr.Slot) bool {
	if c.mode != byValue {
		return c.mode == byAll || c.mode == byNaN
	}
	if s.Kind == expr.DirectionSlot {
		return c.longest(s.Node.Shape().Dim(-1)) > 1
	}
	for _, v := range c.values {
		if v.Float() < 0 || v.Float() > 1 {
			return true
		}
	}
	return false
}

// longest returns the largest norm of a row of n entries.
func (c Choice) longest(n int) float64 {
	if len(c.values) == 1 {
		return math.Abs(c.values[0].Float()) * math.Sqrt(float64(n))
	}
	longest := 0.0
	for row := c.values; len(row) > 0; row = row[n:] {
		x := make([]float64, n)
		for i, v := range row[:n] {
			x[i] = v.Float()
		}
		longest = max(longest, kernel.Norm(x))
	}
	return longest
}
