package main

import (
	"github.com/mmcloughlin/avo/operand"
)

const (
	rounder = 0x1.8p52 // as in package kernel
	expBits = 7
	// exponents are the bits before the mantissa.
	exponents = 0xFFF << 52
)

func exponentials(m *machine) {
	m.smooth("Exp", func(w *machine) body {
		t := w.table("expTable")
		return func(x []operand.Op) (y, far operand.Op) {
			far = w.compare(w.and(x[0], w.magnitudes()), notBelow, w.number(708))
			v, u := w.expParts(t, x[0], nil)
			return w.fma(v, u, v), far
		}
	}, "x")
	m.smooth("Expm1", func(w *machine) body {
		t := w.table("expTable")
		return func(x []operand.Op) (y, far operand.Op) {
			return w.expm1(t, x[0]), w.compare(x[0], notBelow, w.number(708))
		}
	}, "x")
}

// expParts is that of package kernel, with 2ⁿ in v. It needs |x| ≤ 708; lo may be nil.
func (m *machine) expParts(t table, x, lo operand.Op) (v, u operand.Op) {
	sum := m.fma(x, m.coefficient("expPerStep", 0), m.number(rounder))
	kd := m.sub(sum, m.loaded(m.number(rounder)))
	i := m.and(sum, m.pattern(1<<expBits-1))
	i = m.plus(i, i)
	r := m.fnma(kd, m.coefficient("expStepLo", 0), m.fnma(kd, m.coefficient("expStep", 0), x))
	if lo != nil {
		r = m.add(r, lo)
	}
	r2 := m.mul(r, r)
	q := m.cubic(r, r2, 0.5, 1.0/6, 1.0/24, 1.0/120)
	u = m.add(m.fma(r2, q, r), m.gather(t, i, 1))
	n := m.and(m.left(sum, 52-expBits), m.pattern(exponents))
	return m.plus(n, m.gather(t, i, 0)), u
}

// expPair is that of package kernel for −708 ≤ x ≤ 708, and also e^x in one piece.
func (m *machine) expPair(t table, x operand.Op) (hi, lo, whole operand.Op) {
	v, u := m.expParts(t, x, nil)
	p := m.mul(v, u)
	hi, lo = m.fastTwoSum(v, p)
	return hi, m.add(lo, m.fms(v, u, p)), m.fma(v, u, v)
}

// expm1 computes the three formulas of the Go function. From −37.5 down the second gives −1.
func (m *machine) expm1(t table, x operand.Op) operand.Op {
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
func (m *machine) signed(y, x operand.Op) operand.Op { return m.or(y, m.and(x, m.signs())) }
