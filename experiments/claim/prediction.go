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
	text  func(numbers) string // finishes the sentence "the measured … is …"
	holds func(Measurement) bool
	wrong func(share float64) []Prediction

	decision Decision
}

// Wrong returns what somebody with a wrong theory would have predicted: a value off by the share
// of its size in both directions (by the share itself where the value is 0), and the opposite of a
// bound. A check that passes for one of them tests nothing; see claimtest.RequireSharp. How tight a
// bound is, its opposite cannot tell. There is nothing to be wrong about in the zero value.
func (p Prediction) Wrong(share float64) []Prediction {
	if p.wrong == nil {
		return nil
	}
	return p.wrong(share)
}

// bothSides builds the wrong predictions of a number.
func bothSides(value float64, predict func(float64) Prediction) func(float64) []Prediction {
	return func(share float64) []Prediction {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return []Prediction{predict(0)}
		}
		by := share * math.Abs(value)
		if value == 0 {
			by = share
		}
		return []Prediction{predict(value - by), predict(value + by)}
	}
}

// opposite builds the wrong prediction of a bound: what holds only beyond it.
func opposite(bound float64, text string, beyond func(Measurement) bool) func(float64) []Prediction {
	return func(float64) []Prediction {
		return []Prediction{{Value: bound, text: words(text+"%v", bound), holds: beyond}}
	}
}

// numbers writes a number in a sentence: in full, or rounded where that loses nothing.
type numbers func(float64) string

// words fills numbers into a text.
func words(format string, values ...float64) func(numbers) string {
	return func(show numbers) string {
		texts := make([]any, len(values))
		for i, v := range values {
			texts[i] = show(v)
		}
		return fmt.Sprintf(format, texts...)
	}
}

// Exact predicts this very number, measured without uncertainty. NaN and the infinities are
// equal to themselves; −0 equals 0.
func Exact(value float64) Prediction {
	same := func(x float64) bool { return x == value || math.IsNaN(x) && math.IsNaN(value) }
	return Prediction{value, words("exactly %v", value), func(m Measurement) bool {
		return same(m.Value) && same(m.Lower) && same(m.Upper)
	}, bothSides(value, Exact), ByEquality}
}

// Near predicts value up to an absolute tolerance: the whole measured interval lies within it.
func Near(value, tolerance float64) Prediction {
	text := words("%v up to %v", value, tolerance)
	return Prediction{value, text, func(m Measurement) bool {
		return value-tolerance <= m.Lower && m.Upper <= value+tolerance
	}, bothSides(value, func(v float64) Prediction { return Near(v, tolerance) }), ByTolerance}
}

// NearRelative predicts value up to a tolerance relative to |value|.
func NearRelative(value, tolerance float64) Prediction {
	p := Near(value, tolerance*math.Abs(value))
	p.text = words("%v up to %v of it", value, tolerance)
	return p
}

// Covered predicts that the measured interval holds value, and is not wider than width:
// the test of a point hypothesis by a confidence interval. Choose the number of trials for width.
func Covered(value, width float64) Prediction {
	text := words("an interval of width at most %v around %v", width, value)
	return Prediction{value, text, func(m Measurement) bool {
		return m.Lower <= value && value <= m.Upper && m.Upper-m.Lower <= width
	}, bothSides(value, func(v float64) Prediction { return Covered(v, width) }), ByCoverage}
}

// AtMost predicts an upper bound: the whole measured interval is ≤ bound.
func AtMost(bound float64) Prediction {
	return Prediction{
		bound, words("at most %v", bound), func(m Measurement) bool { return m.Upper <= bound },
		opposite(bound, "more than ", func(m Measurement) bool { return m.Lower > bound }), ByBound,
	}
}

// AtLeast predicts a lower bound: the whole measured interval is ≥ bound.
func AtLeast(bound float64) Prediction {
	return Prediction{
		bound, words("at least %v", bound), func(m Measurement) bool { return m.Lower >= bound },
		opposite(bound, "less than ", func(m Measurement) bool { return m.Upper < bound }), ByBound,
	}
}

// Never predicts an event of probability 0: it was not seen once, and the upper bound of
// its probability is at most resolution. Measure it with [Occurrences].
func Never(resolution float64) Prediction {
	return Prediction{0, words("never seen, with probability at most %v", resolution), func(m Measurement) bool {
		return m.Value == 0 && m.Upper <= resolution
	}, opposite(resolution, "seen, with probability over ", func(m Measurement) bool { return m.Lower > resolution }), ByAbsence}
}
