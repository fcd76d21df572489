package figure

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
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

// round widens a logarithmic range to whole decades and a linear one that is too narrow for its place.
func (a Axis) round(s span) span {
	if a.Log {
		lo, hi := math.Floor(math.Log10(s.lo)), math.Ceil(math.Log10(s.hi))
		return span{math.Pow(10, lo), math.Pow(10, max(hi, lo+1))}
	}
	magnitude := max(math.Abs(s.lo), math.Abs(s.hi))
	switch {
	case magnitude < 1/drawable:
		return span{-1, 1}
	case s.hi-s.lo < 1e-9*magnitude:
		return span{s.lo - magnitude/10, s.hi + magnitude/10}
	default:
		return s
	}
}

// ticks places labelled ticks. The plotting package's own do not end on ranges near rounding error.
func (a Axis) ticks(s span) plot.ConstantTicks {
	if a.Log {
		return logTicks(s)
	}
	return linearTicks(s)
}

// linearTicks are four to ten multiples of 1, 2 or 5 times a power of ten.
func linearTicks(s span) plot.ConstantTicks {
	exponent := int(math.Floor(math.Log10((s.hi - s.lo) / 4)))
	var marks plot.ConstantTicks
	for _, m := range []float64{1, 2, 5, 10} {
		marks = nil
		first, last := math.Ceil(over(s.lo/m, exponent)), math.Floor(over(s.hi/m, exponent))
		if last-first >= 8 {
			continue
		}
		for k := first; k <= last; k++ {
			marks = append(marks, tick(over(k*m, -exponent)))
		}
		break
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

func tick(x float64) plot.Tick {
	return plot.Tick{Value: x, Label: strconv.FormatFloat(x+0, 'g', 12, 64)}
}

// logTicks label at most nine decades; between few decades the multiples have small ticks.
func logTicks(s span) plot.ConstantTicks {
	lo, hi := int(math.Round(math.Log10(s.lo))), int(math.Round(math.Log10(s.hi)))
	stride := (hi-lo)/9 + 1
	var marks plot.ConstantTicks
	for e := lo; e <= hi; e++ {
		mark := plot.Tick{Value: math.Pow(10, float64(e))}
		if (e-lo)%stride == 0 {
			mark = tick(mark.Value)
		}
		marks = append(marks, mark)
		for k := 2.0; k < 10 && stride == 1 && e < hi; k++ {
			marks = append(marks, plot.Tick{Value: k * mark.Value})
		}
	}
	return marks
}
