package claim

import (
	"fmt"
	"math"
)

// Prediction is what the theory says about a measured number. The zero value is "nothing was
// predicted" and fails. Every prediction is judged against the whole interval of the
// measurement, so that a vague measurement never passes.
type Prediction struct {
	// Value is the number in the ledger's column "predicted".
	Value float64
	text  string // finishes the sentence "the measured … is …"
	holds func(Measurement) bool
}

// Exact predicts this very number, measured without uncertainty. NaN and the infinities are
// equal to themselves; −0 equals 0.
func Exact(value float64) Prediction {
	same := func(x float64) bool { return x == value || math.IsNaN(x) && math.IsNaN(value) }
	return Prediction{value, "exactly " + show(value), func(m Measurement) bool {
		return same(m.Value) && same(m.Lower) && same(m.Upper)
	}}
}

// Near predicts value up to an absolute tolerance: the whole measured interval lies within it.
func Near(value, tolerance float64) Prediction {
	text := fmt.Sprintf("%v up to %v", show(value), show(tolerance))
	return Prediction{value, text, func(m Measurement) bool {
		return value-tolerance <= m.Lower && m.Upper <= value+tolerance
	}}
}

// NearRelative predicts value up to a tolerance relative to |value|.
func NearRelative(value, tolerance float64) Prediction {
	p := Near(value, tolerance*math.Abs(value))
	p.text = fmt.Sprintf("%v up to %v of it", show(value), show(tolerance))
	return p
}

// Covered predicts that the measured interval holds value, and is not wider than width:
// the test of a point hypothesis by a confidence interval. Choose the number of trials for width.
func Covered(value, width float64) Prediction {
	text := fmt.Sprintf("an interval of width at most %v around %v", show(width), show(value))
	return Prediction{value, text, func(m Measurement) bool {
		return m.Lower <= value && value <= m.Upper && m.Upper-m.Lower <= width
	}}
}

// AtMost predicts an upper bound: the whole measured interval is ≤ bound.
func AtMost(bound float64) Prediction {
	return Prediction{bound, "at most " + show(bound), func(m Measurement) bool { return m.Upper <= bound }}
}

// AtLeast predicts a lower bound: the whole measured interval is ≥ bound.
func AtLeast(bound float64) Prediction {
	return Prediction{bound, "at least " + show(bound), func(m Measurement) bool { return m.Lower >= bound }}
}

// Never predicts an event of probability 0: it was not seen once, and the upper bound of
// its probability is at most resolution. Measure it with [Occurrences].
func Never(resolution float64) Prediction {
	return Prediction{0, "never seen, with probability at most " + show(resolution), func(m Measurement) bool {
		return m.Value == 0 && m.Upper <= resolution
	}}
}
