package conservative

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// walk integrates along one side in rationals, from kink to kink: between them a
// piecewise affine program has constant slopes.
func (l *sides) walk(from, d []*big.Rat) {
	end := big.NewRat(1, 1)
	for a := new(big.Rat); a.Cmp(end) < 0 && !l.spent(); {
		b, ok := l.next(from, d, a)
		if !ok || !l.piece(from, d, a, b) {
			l.lost = true
			return
		}
		a = b
	}
}

// next returns the first time after a at which a kink is met, at most 1. Until then
// all keys are affine, since they bend at kinks only.
func (l *sides) next(from, d []*big.Rat, a *big.Rat) (*big.Rat, bool) {
	end := big.NewRat(1, 1)
	s := l.t.strata
	if s.keys == nil {
		return end, true
	}
	step := ratPower(-stepBits)
	here, err := l.t.run(s.keys, l.t.at(ratPlus(from, a, d))...)
	if err != nil {
		return nil, false
	}
	ahead, err := l.t.run(s.keys, l.t.at(ratPlus(from, new(big.Rat).Add(a, step), d))...)
	if err != nil {
		return nil, false
	}
	meet := func(z0, z1 *big.Rat) {
		slope := new(big.Rat).Sub(z1, z0)
		if z1.Sign()*slope.Sign() >= 0 {
			return // it leaves 0, or stays
		}
		t := new(big.Rat).Quo(z1, slope.Quo(slope, step))
		if t.Sub(new(big.Rat).Add(a, step), t); t.Cmp(end) < 0 {
			end = t
		}
	}
	kinds := s.kinds()
	for k := range here {
		width := 1
		if kinds[k] == expr.RankSlot || kinds[k] == expr.PermutationSlot {
			width = s.nodes[k].Shape().Dim(-1)
		}
		eachSwitch(here[k], ahead[k], width, meet)
	}
	return end, true
}

// kinds lists what the keys belong to; comparisons count as steps.
func (s *strata) kinds() []expr.SlotKind {
	kinds := make([]expr.SlotKind, len(s.nodes))
	for slot, k := range s.slots {
		kinds[k] = slot.Kind
	}
	return kinds
}

// eachSwitch calls f with the switches of a key at two points: its entries, or the
// differences of entries in rows of the given width.
func eachSwitch(a, b []*big.Rat, width int, f func(a, b *big.Rat)) {
	if width == 1 {
		for i := range a {
			f(a[i], b[i])
		}
		return
	}
	for row := 0; row < len(a); row += width {
		for i := row; i < row+width; i++ {
			for j := row; j < i; j++ {
				f(new(big.Rat).Sub(a[i], a[j]), new(big.Rat).Sub(b[i], b[j]))
			}
		}
	}
}

// piece adds the integral from a to b, where slopes are constant.
func (l *sides) piece(from, d []*big.Rat, a, b *big.Rat) bool {
	width := new(big.Rat).Sub(b, a)
	at := new(big.Rat).Mul(width, l.t.time())
	lo, hi, ok := l.extremes(ratPlus(from, at.Add(at, a), d), d)
	begin, okBegin := l.value(ratPlus(from, a, d))
	rise, okEnd := l.value(ratPlus(from, b, d))
	if !ok || !okBegin || !okEnd {
		return false
	}
	rise = new(big.Rat).Sub(rise, begin)
	lo, hi = new(big.Rat).Mul(lo, width), new(big.Rat).Mul(hi, width)
	agrees := lo.Cmp(rise) == 0 && hi.Cmp(rise) == 0
	l.add(lo, hi, agrees)
	return agrees || l.judge(from, d, a, b)
}
