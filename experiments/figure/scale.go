package figure

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// drawable bounds the magnitudes that a figure shows, far enough from overflow and
// underflow that no arithmetic of the plotting package meets an infinity or a zero.
const drawable = 1e300

// shows tells whether x has a place on the axis.
func (a Axis) shows(x float64) bool {
	if a.Log {
		return 1/drawable <= x && x <= drawable
	}
	return math.Abs(x) <= drawable // false for NaN
}

// span is the range of an axis.
type span struct{ lo, hi float64 }

func (s *span) include(x float64) { s.lo, s.hi = min(s.lo, x), max(s.hi, x) }

// ranges returns what the axes must cover; found is false if no point can be drawn.
func (f Figure) ranges() (x, y span, found bool) {
	x, y = span{math.Inf(1), math.Inf(-1)}, span{math.Inf(1), math.Inf(-1)}
	for _, s := range f.Series {
		for i := range s.X {
			if !f.X.shows(s.X[i]) || !f.Y.shows(s.Y[i]) {
				continue
			}
			found = true
			x.include(s.X[i])
			y.include(s.Y[i])
			for _, end := range s.band(i) {
				if f.Y.shows(end) {
					y.include(end)
				}
			}
		}
	}
	if found {
		x, y = f.X.round(x), f.Y.round(y)
	}
	return x, y, found
}

func (s Series) band(i int) []float64 {
	if s.Lower == nil {
		return nil
	}
	return []float64{s.Lower[i], s.Upper[i]}
}

// round widens a range to ends that are easy to read: on a linear axis the next tick, on a
// logarithmic one the next 1, 2 or 5 times a power of ten, or a power if two would not be inside.
func (a Axis) round(s span) span {
	if a.Log {
		return roundLog(s)
	}
	magnitude := max(math.Abs(s.lo), math.Abs(s.hi))
	switch {
	case magnitude < 1/drawable:
		return span{-1, 1}
	case s.hi-s.lo < 1e-9*magnitude: // too narrow for its place
		return span{s.lo - magnitude/10, s.hi + magnitude/10}
	}
	m, exponent := step(s)
	first, last := multiples(s, m, exponent)
	return span{min(over(m*first, -exponent), s.lo), max(over(m*last, -exponent), s.hi)}
}

// hair is how far, in steps, an end may lie beyond a tick and still count as on it: the tick's
// own rounding error is of that kind.
const hair = 1e-6

// multiples returns k so that the steps from k = first to last cover the range.
func multiples(s span, m float64, exponent int) (first, last float64) {
	return math.Floor(over(s.lo/m, exponent) + hair), math.Ceil(over(s.hi/m, exponent) - hair)
}

func roundLog(s span) span {
	lo, hi := math.Floor(math.Log10(s.lo)), math.Ceil(math.Log10(s.hi))
	if hi-lo < 3 {
		return span{math.Pow(10, lo), math.Pow(10, max(hi, lo+1))}
	}
	out := span{math.Pow(10, lo), math.Pow(10, hi)}
	first, last := out.lo, out.hi/10
	for _, m := range []float64{2, 5} {
		if m*first <= s.lo {
			out.lo = m * first
		}
		if m*last >= s.hi {
			out.hi = min(out.hi, m*last)
		}
	}
	return out
}

// ticks places labelled ticks. The plotting package's own do not end on ranges near rounding error.
func (a Axis) ticks(s span) plot.ConstantTicks {
	if a.Log {
		return labelLog(logTicks(s))
	}
	marks, power := linearTicks(s), a.power(s)
	for i := range marks {
		marks[i].Label = signed(strconv.FormatFloat(over(marks[i].Value, power)+0, 'g', 12, 64))
	}
	return marks
}

// power is the power of ten that a linear axis has in its title rather than at every tick:
// 0 unless its numbers are long.
func (a Axis) power(s span) int {
	magnitude := max(math.Abs(s.lo), math.Abs(s.hi))
	if a.Log || 1e-3 <= magnitude && magnitude < 1e5 {
		return 0
	}
	return int(math.Floor(math.Log10(magnitude)))
}

// step returns the distance of ticks, m·10^exponent with m = 1, 2, 5, 10 or 20: the smallest by which
// at most eight steps cover the range, once it is widened to whole steps.
func step(s span) (m float64, exponent int) {
	exponent = int(math.Floor(math.Log10(s.hi/8 - s.lo/8)))
	for _, m = range []float64{1, 2, 5, 10, 20} {
		if first, last := multiples(s, m, exponent); last-first <= 8 {
			break
		}
	}
	return m, exponent
}

// linearTicks are the multiples of the step in a range. Labels are added later.
func linearTicks(s span) plot.ConstantTicks {
	m, exponent := step(s)
	from, to := math.Ceil(over(s.lo/m, exponent)-hair), math.Floor(over(s.hi/m, exponent)+hair)
	var marks plot.ConstantTicks
	for k := from; k <= to; k++ {
		marks = append(marks, major(over(k*m, -exponent)))
	}
	return marks
}

// over returns x / 10^e, rounded once where 10^|e| is exact, so that 3/10 prints as 0.3.
func over(x float64, e int) float64 {
	if e < 0 {
		return x * math.Pow10(-e)
	}
	return x / math.Pow10(e)
}

// major is a tick that gets a label.
func major(x float64) plot.Tick { return plot.Tick{Value: x, Label: "?"} }

// logTicks label at most nine decades; between few decades the multiples have small ticks.
func logTicks(s span) plot.ConstantTicks {
	lo, hi := int(math.Floor(float64(math.Log10(s.lo))+1e-9)), int(math.Floor(float64(math.Log10(s.hi))+1e-9))
	stride := (hi-lo)/9 + 1
	var marks plot.ConstantTicks
	for e := lo; e <= hi; e++ {
		power := math.Pow(10, float64(e))
		switch {
		case power < s.lo:
		case (e-lo)%stride == 0:
			marks = append(marks, major(power))
		default:
			marks = append(marks, plot.Tick{Value: power})
		}
		for k := 2.0; k < 10 && stride == 1; k++ {
			if x := k * power; s.lo <= x && x <= s.hi {
				marks = append(marks, plot.Tick{Value: x})
			}
		}
	}
	return marks
}

// labelLog writes the numbers of a logarithmic axis, all as powers if one is long.
func labelLog(marks plot.ConstantTicks) plot.ConstantTicks {
	powers := false
	for _, mark := range marks {
		powers = powers || mark.Label != "" && (mark.Value < 9e-4 || mark.Value > 9e4)
	}
	for i, mark := range marks {
		switch {
		case mark.Label == "":
		case powers:
			marks[i].Label = powerOfTen(int(math.Round(math.Log10(mark.Value))))
		default:
			marks[i].Label = strconv.FormatFloat(mark.Value, 'g', 12, 64)
		}
	}
	return marks
}

// signed writes a minus sign for a hyphen.
func signed(number string) string { return strings.ReplaceAll(number, "-", "−") }

// spread removes labels, every second one, until they do not run into each other along width points.
func spread(marks plot.ConstantTicks, width vg.Length) plot.ConstantTicks {
	const gap = 6
	for {
		var need vg.Length
		labelled := 0
		for _, mark := range marks {
			if mark.Label != "" {
				labelled++
				need += measure(mark.Label, sans(tickSize)) + gap
			}
		}
		if need <= width || labelled <= 2 {
			return marks
		}
		keep := true
		for i := range marks {
			if marks[i].Label != "" {
				if !keep {
					marks[i].Label = ""
				}
				keep = !keep
			}
		}
	}
}

func powerOfTen(exponent int) string {
	return "10" + strings.Map(func(r rune) rune {
		return []rune("⁰¹²³⁴⁵⁶⁷⁸⁹⁻")[strings.IndexRune("0123456789-", r)]
	}, strconv.Itoa(exponent))
}
