package expr

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Known is what the class analysis knows of the operands of one application.
type Known struct {
	In   []Interval // of the entries of each operand
	Attr Attr
	// Terms is how many entries of the first operand go with each entry of the
	// output: the number of summands of a sum.
	Terms int
	// Same means that all operands are one node, as in x·x.
	Same bool
}

// times returns the interval of sums of n numbers.
func (i Interval) times(n int) Interval {
	s := i.mul(between(float64(n), float64(n)))
	s.Zero = i.Zero || n > 1 && i.Lo < 0 && i.Hi > 0
	return s
}

// mean returns the interval of averages.
func (i Interval) mean() Interval {
	i.Zero = i.Zero || i.Lo < 0 && i.Hi > 0
	return i
}

// inverse returns the interval of 1/v.
func (i Interval) inverse() Interval {
	switch {
	case i.Positive():
		lo, hi := outwards(1/i.Hi, 1/max(i.Lo, 0)) // max: −0 has a reciprocal of its own
		r := between(max(lo, 0), hi)
		r.Zero = false
		return r
	case i.Negative():
		return i.neg().inverse().neg()
	}
	r := anything
	r.Zero = false
	return r
}

// power returns the interval of v^p for a constant p, on the domain of pow.
func (i Interval) power(p Number) Interval {
	whole := p.Rat().IsInt()
	switch {
	case p.f < 0:
		return i.power(p.Neg()).inverse()
	case p.f == 0:
		return between(1, 1)
	case whole && math.Mod(p.f, 2) == 0:
		i = i.abs()
	case !whole:
		i = i.larger(between(0, 0))
	}
	lo, hi := outwards(kernel.Pow(i.Lo, p.f), kernel.Pow(i.Hi, p.f))
	if i.Lo >= 0 {
		lo = max(lo, 0)
	}
	q := between(lo, hi)
	q.Zero, q.Bounded = i.Zero, i.Bounded
	return q
}

// rising is the range of an increasing function with values in the open
// interval (lo, hi).
func rising(f func(float64) float64, lo, hi float64) func(*Known) Interval {
	return func(k *Known) Interval {
		a, b := outwards(f(k.In[0].Lo), f(k.In[0].Hi))
		r := between(a, b)
		r = between(max(r.Lo, lo), min(r.Hi, hi))
		r.Zero = r.Zero && lo < 0
		return r
	}
}

// fixedRange is the range of an op whose values lie in [lo, hi].
func fixedRange(lo, hi float64) func(*Known) Interval {
	return func(*Known) Interval { return between(lo, hi) }
}

// firstRange is the range of an op whose entries are entries of its operand.
func firstRange(k *Known) Interval { return k.In[0] }

// chosenRange is the range of a selector with values in [lo, hi] away from
// ties and those of the slot, its last operand, at ties.
func chosenRange(lo, hi float64) func(*Known) Interval {
	return func(k *Known) Interval { return between(lo, hi).hull(k.In[len(k.In)-1]) }
}

// productRange is the range of a sum of Terms products.
func productRange(k *Known) Interval {
	if k.Same {
		return k.In[0].square().times(k.Terms)
	}
	return k.In[0].mul(k.In[1]).times(k.Terms)
}

// everywhere certifies an op for all values of operand arg.
func everywhere(arg int, why string, test func(Interval) Regularity) func(*Known) (Regularity, string) {
	return func(k *Known) (Regularity, string) { return test(k.In[arg]), why }
}

// lipschitzIf turns a predicate of intervals into a certificate.
func lipschitzIf(ok func(Interval) bool) func(Interval) Regularity {
	return func(i Interval) Regularity {
		if ok(i) {
			return LocallyLipschitz
		}
		return Unproved
	}
}

func nonzeroInterval(i Interval) bool { return !i.Zero }

// rootRegularity is that of √v and of v^p for 0 < p < 1: continuous but not
// Lipschitz at 0.
func rootRegularity(i Interval) Regularity {
	switch {
	case i.Positive():
		return LocallyLipschitz
	case i.Lo >= 0:
		return Continuous
	}
	return Unproved
}

// powEverywhere certifies x^p. For fractional p ≥ 1 it is locally Lipschitz on
// x ≥ 0, which an operand that is never negative does not leave.
func powEverywhere(k *Known) (Regularity, string) {
	p, i := k.Attr[0], k.In[0]
	why := "the base of a fractional power may not be positive"
	switch {
	case natural(p):
		return LocallyLipschitz, ""
	case p.Rat().IsInt():
		return lipschitzIf(nonzeroInterval)(i), "the base of a negative power may be 0"
	case p.f >= 1:
		return lipschitzIf(func(i Interval) bool { return i.Lo >= 0 })(i), why
	case p.f > 0:
		return rootRegularity(i), why
	}
	return lipschitzIf(Interval.Positive)(i), why
}

// powerEverywhere certifies x^y = exp(y·log x), which is continuous at x = 0
// for y > 0.
func powerEverywhere(k *Known) (Regularity, string) {
	r := lipschitzIf(Interval.Positive)(k.In[0])
	if r == Unproved && k.In[0].Lo >= 0 && k.In[1].Positive() {
		r = Continuous
	}
	return r, "the base may not be positive"
}

func powerRange(k *Known) Interval {
	i := between(0, math.Inf(1))
	i.Zero = !k.In[0].Positive()
	return i
}

// logSumExpRange uses max x ≤ log Σ eˣ ≤ max x + log n.
func logSumExpRange(k *Known) Interval {
	lo, hi := outwards(k.In[0].Lo, k.In[0].Hi+kernel.Log(float64(k.Terms)))
	return between(lo, hi)
}

func softmaxRange(*Known) Interval {
	i := between(0, 1)
	i.Zero = false
	return i
}
