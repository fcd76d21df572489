package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	rounder = 0x1.8p52 // as in package kernel
	expBits = 7
)

func exponentials(m *machine) {
	m.smooth("Exp", abreast{1, 2}, func(w *machine) body {
		t := w.expColumns()
		return func(x []operand.Op) (y, far operand.Op) {
			far = w.compare(w.and(x[0], w.magnitudes()), notBelow, w.number(708))
			v, u := w.expParts(t, x[0], nil)
			return w.fma(v, u, v), far
		}
	}, "x")
	m.smooth("Expm1", abreast{1, 2}, func(w *machine) body {
		t := w.expColumns()
		return func(x []operand.Op) (y, far operand.Op) {
			return w.expm1(t, x[0]), w.compare(x[0], notBelow, w.number(708))
		}
	}, "x")
}

// expColumns are the two columns of expTable, the first without j in the last place of the exponent, which k has.
func (m *machine) expColumns() (columns [2]reg.Register) {
	var bits [2][]uint64
	for i, x := range m.known["expTable"] {
		j := uint64(i / 2)
		bits[i%2] = append(bits[i%2], math.Float64bits(x)-uint64((i+1)%2)*j<<(52-expBits))
	}
	for i, name := range []string{"expHead", "expTail"} {
		columns[i] = m.column(name, bits[i])
	}
	return columns
}

// expParts is that of package kernel, with 2ⁿ in v. It needs |x| ≤ 708; lo may be nil.
func (m *machine) expParts(t [2]reg.Register, x, lo operand.Op) (v, u operand.Op) {
	sum := m.fma(x, m.coefficient("expPerStep", 0), m.number(rounder))
	kd := m.sub(sum, m.loaded(m.number(rounder)))
	j := m.and(sum, m.pattern(1<<expBits-1))
	r := m.fnma(kd, m.coefficient("expStepLo", 0), m.fnma(kd, m.coefficient("expStep", 0), x))
	if lo != nil {
		r = m.add(r, lo)
	}
	r2 := m.mul(r, r)
	q := m.cubic(r, r2, 0.5, 1.0/6, 1.0/24, 1.0/120)
	u = m.add(m.fma(r2, q, r), m.gather(t[1], j, 0))
	return m.plus(m.left(sum, 52-expBits), m.gather(t[0], j, 0)), u
}

// expPair is that of package kernel from v and u, for results that are far from subnormal: then the error of the sum
// and that of the product are numbers, and the last operation rounds what both add up to.
func (m *machine) expPair(v, u operand.Op) (hi, lo operand.Op) {
	hi = m.add(v, m.mul(v, u))
	return hi, m.fma(v, u, m.sub(v, hi))
}

// expm1 computes the three formulas of the Go function. From −37.5 down the second gives −1.
func (m *machine) expm1(t [2]reg.Register, x operand.Op) operand.Op {
	v, u := m.expParts(t, m.larger(x, m.number(-700)), nil)
	s, e := m.twoSum(v, m.loaded(m.number(-1)))
	y := m.add(s, m.fma(v, u, e))
	y = m.pick(m.compare(x, atLeast, m.number(37.5)), m.fma(v, u, v), y)
	y = m.pick(m.compare(m.and(x, m.magnitudes()), below, m.number(0x1p-4)), m.expm1Near(x), y)
	return m.signed(y, x)
}

func (m *machine) expm1Near(x operand.Op) operand.Op {
	x2 := m.mul(x, x)
	x4 := m.mul(x2, x2)
	low := m.cubic(x, x2, 0.5, 1.0/6, 1.0/24, 1.0/120)
	high := m.cubic(x, x2, 1.0/720, 1.0/5040, 1.0/40320, 1.0/362880)
	return m.fma(x2, m.fma(x4, m.fma(x4, m.number(1.0/3628800), high), low), x)
}

// signed is y with the sign of x; y has it already, or is not negative.
func (m *machine) signed(y, x operand.Op) operand.Op {
	if m.bits == 256 {
		return m.or(y, m.and(x, m.signs()))
	}
	out := m.loaded(y)
	m.VPTERNLOGQ(operand.U8(0xF8), m.signs(), x, out) // y or (x and signs)
	return out
}
