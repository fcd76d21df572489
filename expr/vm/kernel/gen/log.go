package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// As in package kernel.
const (
	logBits   = 7
	logOffset = 0x3FE6_1000_0000_0000
	exponents = 0xFFF << 52 // the bits before the mantissa
)

func logarithms(m *machine) {
	m.smooth("Log", abreast{1, 2}, func(w *machine) body {
		t := w.table("logTable")
		return func(x []operand.Op) (y, far operand.Op) {
			hi, lo := w.logPair(t, x[0], nil)
			return w.add(hi, lo), w.outside(x[0], 0x1p-1022, math.Inf(1))
		}
	}, "x")
	m.smooth("Log1p", abreast{1, 2}, func(w *machine) body {
		t := w.table("logTable")
		return func(x []operand.Op) (y, far operand.Op) {
			y = w.log1p(t, x[0])
			far = w.compare(x[0], notAbove, w.number(-1))
			w.join(w.compare(x[0], notBelow, w.number(0x1p54)), far)
			return y, far
		}
	}, "x")
}

// logRow is what the reduction of a normal x gives: x = 2^k·z, and z's row.
type logRow struct {
	power    operand.Op // k, in the place of the exponent
	k, z     operand.Op // numbers
	c, lo    operand.Op
	kLn2, hi operand.Op // k·log 2 + hi
	r        operand.Op // z·c − 1
}

func (m *machine) logReduce(t reg.Register, x operand.Op) (l logRow) {
	d := m.minus(x, m.pattern(logOffset))
	l.power = m.and(d, m.pattern(exponents))
	l.k, l.z = m.exponentOf(d), m.minus(x, l.power)
	i := m.and(m.right(d, 52-logBits), m.pattern(1<<logBits-1))
	i = m.plus(i, m.plus(i, i))
	l.c, l.hi, l.lo = m.gather(t, i, 0), m.gather(t, i, 1), m.gather(t, i, 2)
	l.r = m.fma(l.z, l.c, m.number(-1))
	l.kLn2 = m.fma(l.k, m.coefficient("ln2Hi", 0), l.hi)
	return l
}

// exponentOf is the integer in the first twelve bits of t, with its sign, as a number.
func (m *machine) exponentOf(t operand.Op) operand.Op {
	if m.bits == 512 {
		return m.integer(m.VCVTQQ2PD, m.integer(m.VPSRAQ, operand.U8(52), t))
	}
	const bias, unit = 1024, 0x1p52
	b := m.right(m.plus(t, m.pattern(bias<<52)), 52)
	return m.sub(m.or(b, m.pattern(math.Float64bits(unit))), m.loaded(m.number(unit+bias)))
}

// logPair is that of package kernel, and logParts where y is nil.
func (m *machine) logPair(t reg.Register, x, y operand.Op) (hi, lo operand.Op) {
	l := m.logReduce(t, x)
	var s operand.Op // y's share of r
	if y != nil {
		s = m.mul(m.mul(y, m.minus(m.loaded(m.number(1)), l.power)), l.c)
	}
	hi, e := m.fastTwoSum(l.kLn2, l.r)
	e = m.add(e, m.fma(l.k, m.coefficient("ln2Lo", 0), l.lo))
	r2 := m.mul(l.r, l.r)
	e = m.fma(r2, m.logSeries(l.r, r2), e)
	if y != nil {
		e = m.add(e, m.fnma(l.r, s, s))
	}
	return hi, e
}

func (m *machine) logSeries(r, r2 operand.Op) operand.Op {
	low := m.cubic(r, r2, -1.0/2, 1.0/3, -1.0/4, 1.0/5)
	return m.fma(m.mul(r2, r2), m.fma(r2, m.number(-1.0/8), m.linear(r, -1.0/6, 1.0/7)), low)
}

func (m *machine) log1p(t reg.Register, x operand.Op) operand.Op {
	s, e := m.twoSum(m.loaded(m.number(1)), x)
	hi, lo := m.logPair(t, s, e)
	x2 := m.mul(x, x)
	near := m.fma(x2, m.logSeries(x, x2), x)
	return m.pick(m.compare(m.and(x, m.magnitudes()), below, m.number(0x1p-8)), near, m.add(hi, lo))
}
