package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func powers(m *machine) {
	m.smooth("Pow", abreast{1, 1}, func(w *machine) body {
		logs, exps := w.table("logTable"), w.expColumns()
		return func(x []operand.Op) (y, far operand.Op) {
			hi, lo := w.logWide(logs, x[0])
			p := w.mul(x[1], hi)
			e := w.fma(x[1], lo, w.fms(x[1], hi, p))
			v, u := w.expParts(exps, p, e)
			far = w.outside(x[0], 0x1p-1022, math.Inf(1))
			w.join(w.compare(w.and(p, w.magnitudes()), notBelow, w.number(708)), far)
			w.join(w.compare(w.and(x[1], w.magnitudes()), notBelow, w.number(math.MaxFloat64)), far)
			return w.fma(v, u, v), far
		}
	}, "x", "y")
}

func (m *machine) logWide(t reg.Register, x operand.Op) (hi, lo operand.Op) {
	l := m.logReduce(t, x)
	r := l.r
	sum, e1 := m.fastTwoSum(l.kLn2, r)
	h := m.mul(r, m.number(-0.5))
	q := m.mul(h, r)
	sum, e2 := m.fastTwoSum(sum, q)
	e := m.add(m.add(e1, m.add(e2, m.fma(l.k, m.coefficient("ln2Lo", 0), l.lo))), m.fms(h, r, q))
	r2 := m.mul(r, r)
	p := m.fma(r2, m.linear(r, 1.0/9, -1.0/10), m.linear(r, 1.0/7, -1.0/8))
	p = m.fma(r2, p, m.linear(r, 1.0/5, -1.0/6))
	p = m.fma(r2, p, m.linear(r, 1.0/3, -1.0/4))
	return m.fastTwoSum(sum, m.fma(m.mul(r, r2), p, e))
}
