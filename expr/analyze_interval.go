package expr

import "math"

// Interval is what the class analysis has proved about the entries of a value.
// Ends are rounded outwards, so it holds for real arithmetic.
type Interval struct {
	Lo, Hi float64 // Lo ≤ v ≤ Hi; infinite if nothing is known
	Zero   bool    // v may be 0
	// Bounded means that v stays in some bounded set, although Lo and Hi may
	// not tell which.
	Bounded bool
}

// anything is the interval of which nothing is known.
var anything = Interval{Lo: math.Inf(-1), Hi: math.Inf(1), Zero: true}

// between returns the interval from lo to hi. A NaN end is an unknown one.
func between(lo, hi float64) Interval {
	if lo != lo {
		lo = math.Inf(-1)
	}
	if hi != hi {
		hi = math.Inf(1)
	}
	i := Interval{Lo: lo, Hi: hi, Zero: lo <= 0 && hi >= 0}
	i.Bounded = !math.IsInf(lo, 0) && !math.IsInf(hi, 0)
	return i
}

// pointOf returns the smallest interval around an exact number.
func pointOf(n Number) Interval {
	if n.r == nil {
		return between(n.f, n.f)
	}
	i := between(math.Nextafter(n.f, math.Inf(-1)), math.Nextafter(n.f, math.Inf(1)))
	if n.r.Sign() > 0 {
		i.Lo, i.Zero = max(i.Lo, 0), false
	} else {
		i.Hi, i.Zero = min(i.Hi, 0), false
	}
	return i
}

// Positive reports whether v > 0.
func (i Interval) Positive() bool { return i.Lo > 0 || i.Lo == 0 && !i.Zero }

// Negative reports whether v < 0.
func (i Interval) Negative() bool { return i.Hi < 0 || i.Hi == 0 && !i.Zero }

// sign returns the sign of v, if it has only one.
func (i Interval) sign() (sign int, known bool) {
	switch {
	case i.Positive():
		return 1, true
	case i.Negative():
		return -1, true
	}
	return 0, i.Lo == 0 && i.Hi == 0
}

// hull returns the smallest interval that contains both.
func (i Interval) hull(j Interval) Interval {
	return Interval{Lo: min(i.Lo, j.Lo), Hi: max(i.Hi, j.Hi), Zero: i.Zero || j.Zero, Bounded: i.Bounded && j.Bounded}
}

func (i Interval) neg() Interval {
	i.Lo, i.Hi = -i.Hi, -i.Lo
	return i
}

// add also serves sums of many terms: Zero survives only where all may be 0.
func (i Interval) add(j Interval) Interval {
	s := between(addDown(i.Lo, j.Lo), -addDown(-i.Hi, -j.Hi))
	if i.Lo >= 0 && j.Lo >= 0 || i.Hi <= 0 && j.Hi <= 0 {
		s.Zero = i.Zero && j.Zero
	}
	s.Bounded = i.Bounded && j.Bounded
	return s
}

func (i Interval) mul(j Interval) Interval {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, x := range [2]float64{i.Lo, i.Hi} {
		for _, y := range [2]float64{j.Lo, j.Hi} {
			lo, hi = min(lo, mulDown(x, y)), max(hi, -mulDown(-x, y))
		}
	}
	p := between(lo, hi)
	p.Zero, p.Bounded = i.Zero || j.Zero, i.Bounded && j.Bounded
	return p
}

// abs returns the interval of |v|.
func (i Interval) abs() Interval {
	switch {
	case i.Lo >= 0:
		return i
	case i.Hi <= 0:
		return i.neg()
	}
	return Interval{Lo: 0, Hi: max(-i.Lo, i.Hi), Zero: i.Zero, Bounded: i.Bounded}
}

// square returns the interval of v².
func (i Interval) square() Interval { return i.abs().mul(i.abs()) }

// larger returns the interval of max(u, v).
func (i Interval) larger(j Interval) Interval {
	m := between(max(i.Lo, j.Lo), max(i.Hi, j.Hi))
	m.Zero = m.Zero && (i.Zero || j.Zero) && !i.Positive() && !j.Positive()
	m.Bounded = m.Bounded || i.Bounded && j.Bounded
	return m
}

// smaller returns the interval of min(u, v).
func (i Interval) smaller(j Interval) Interval { return i.neg().larger(j.neg()).neg() }

// addDown returns x + y rounded down. Knuth's two-sum tells exact sums.
func addDown(x, y float64) float64 {
	s := x + y
	t := s - x
	if e := (x - (s - t)) + (y - t); e == 0 || math.IsInf(x, 0) || math.IsInf(y, 0) {
		return s
	}
	return math.Nextafter(s, math.Inf(-1))
}

// mulDown returns x·y rounded down, where 0·∞ is 0.
func mulDown(x, y float64) float64 {
	if x == 0 || y == 0 {
		return 0
	}
	p := x * y
	if math.IsInf(x, 0) || math.IsInf(y, 0) || math.Abs(p) > 0x1p-900 && math.FMA(x, y, -p) == 0 {
		return p
	}
	return math.Nextafter(p, math.Inf(-1))
}

// outwards widens the ends by 2⁻⁴⁸ of their size, more than the error of the
// standard library's elementary functions, a few units in the last place.
// Ends that were infinite before stay so.
func outwards(lo, hi float64) (float64, float64) {
	widen := func(v, to float64) float64 {
		if math.IsInf(v, 0) {
			return math.Nextafter(v, to) // an overflow is finite
		}
		return math.Nextafter(v+math.Copysign(v*0x1p-48, to), to)
	}
	return widen(lo, math.Inf(-1)), widen(hi, math.Inf(1))
}
