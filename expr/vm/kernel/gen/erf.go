package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// As in package kernel.
const (
	erfPer   = 16
	erfTerms = 11
)

func errorFunction(m *machine) {
	m.smooth("Erf", abreast{1, 2}, func(w *machine) body {
		t := w.table("erfTable")
		return func(x []operand.Op) (y, far operand.Op) { return w.erf(t, x[0]), nil }
	}, "x")
}

// erf has no far arguments: the last row, at 6, gives 1, and NaN passes through the polynomials.
func (m *machine) erf(t reg.Register, x operand.Op) operand.Op {
	size := m.and(x, m.magnitudes())
	a := m.smaller(m.loaded(m.number(6)), size)
	sum := m.fma(m.smaller(a, m.number(6)), m.number(erfPer), m.number(rounder)) // NaN must not choose a row
	i := m.and(sum, m.pattern(0xFF))
	i = m.left(m.plus(i, m.plus(i, i)), 2) // a row has 12 words
	d := m.fma(m.sub(sum, m.loaded(m.number(rounder))), m.number(-1.0/erfPer), a)
	d2 := m.mul(d, d)
	d4 := m.mul(d2, d2)
	c := func(at int) operand.Op { return m.gather(t, i, 1+at) }
	low := m.fma(d2, m.fma(d, c(4), c(3)), m.fma(d, c(2), c(1)))
	high := m.fma(d2, m.fma(d, c(8), c(7)), m.fma(d, c(6), c(5)))
	p := m.fma(d4, m.fma(d4, m.fma(d, c(10), c(9)), high), low)
	y := m.add(c(0), m.fma(d, p, m.gather(t, i, 0)))
	return m.signed(m.pick(m.compare(size, below, m.number(0.25)), m.erfNear(x), y), x)
}

func (m *machine) erfNear(x operand.Op) operand.Op {
	u := m.mul(x, x)
	u2 := m.mul(u, u)
	u4 := m.mul(u2, u2)
	c := m.known["erfOdd"]
	last := m.fma(u2, m.number(c[10]), m.linear(u, c[8], c[9]))
	p := m.fma(u4, m.fma(u4, last, m.cubic(u, u2, c[4:8]...)), m.cubic(u, u2, c[:4]...))
	return m.fma(x, p, x)
}
