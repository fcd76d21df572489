package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func logistic(m *machine) {
	m.smooth("Tanh", abreast{1, 3}, func(w *machine) body {
		t := w.expColumns()
		return func(x []operand.Op) (y, far operand.Op) { return w.tanh(t, x[0]), nil }
	}, "x")
	m.smooth("Sigmoid", abreast{1, 2}, func(w *machine) body {
		t := w.expColumns()
		return func(x []operand.Op) (y, far operand.Op) {
			return w.sigmoid(t, x[0]), w.compare(x[0], atMost, w.number(-708))
		}
	}, "x")
	m.smooth("Softplus", abreast{1, 2}, func(w *machine) body {
		exps, logs := w.expColumns(), w.table("logTable")
		return func(x []operand.Op) (y, far operand.Op) {
			y = w.softplus(exps, logs, x[0])
			return y, w.compare(w.and(x[0], w.magnitudes()), notBelow, w.number(708))
		}
	}, "x")
}

// tanh has no far arguments: from 22 on the formula gives 1, and NaN passes through it.
func (m *machine) tanh(t [2]reg.Register, x operand.Op) operand.Op {
	size := m.and(x, m.magnitudes())
	a := m.smaller(m.loaded(m.number(23)), size)
	hi, lo := m.expPair(m.expParts(t, m.add(a, a), nil))
	d, e := m.fastTwoSum(hi, m.loaded(m.number(1))) // as hi ≥ 1
	e = m.add(e, lo)
	q := m.div(m.loaded(m.number(2)), d)
	rest := m.fnma(q, e, m.fnma(q, d, m.number(2)))
	s := m.sub(m.loaded(m.number(1)), q)
	tail := m.sub(m.sub(m.loaded(m.number(1)), s), q)
	y := m.add(s, m.fma(m.mul(rest, m.number(-0.5)), q, tail))
	return m.signed(m.pick(m.compare(size, below, m.number(0x1p-4)), m.tanhNear(x), y), x)
}

func (m *machine) tanhNear(x operand.Op) operand.Op {
	u := m.mul(x, x)
	u2 := m.mul(u, u)
	low := m.cubic(u, u2, -1.0/3, 2.0/15, -17.0/315, 62.0/2835)
	p := m.fma(m.mul(u2, u2), m.linear(u, -1382.0/155925, 21844.0/6081075), low)
	return m.fma(m.mul(x, u), p, x)
}

// decay is e^−|x| in two parts, and in one, for x up to 708; beyond it is e^−708, and NaN for NaN. The parts are for
// |x| < 40.
func (m *machine) decay(t [2]reg.Register, x operand.Op) (hi, lo, whole operand.Op) {
	v, u := m.expParts(t, m.larger(m.loaded(m.number(-708)), m.or(x, m.signs())), nil)
	whole = m.fma(v, u, v)
	hi, lo = m.expPair(v, u)
	return hi, lo, whole
}

// sigmoid is right above −708. From 40 on the formula of the Go function gives 1.
func (m *machine) sigmoid(t [2]reg.Register, x operand.Op) operand.Op {
	hi, lo, whole := m.decay(t, x)
	one := m.loaded(m.number(1))
	d, e := m.fastTwoSum(one, hi)
	e = m.add(e, lo)
	negative := m.compare(x, below, m.zero())
	hi, lo = m.pick(negative, hi, one), m.keep(negative, lo)
	inverse := m.div(one, d)
	q := m.mul(hi, inverse)
	rest := m.add(m.fnma(q, e, lo), m.fnma(q, d, hi))
	y := m.fma(rest, inverse, q)
	return m.pick(m.compare(x, atMost, m.number(-40)), whole, y)
}

// softplus is right between −708 and 708. From 40 on the formula of the Go function gives x.
func (m *machine) softplus(exps [2]reg.Register, logs reg.Register, x operand.Op) operand.Op {
	hi, lo, whole := m.decay(exps, x)
	tiny := m.add(hi, m.fma(m.mul(hi, hi), m.linear(hi, -0.5, 1.0/3), lo))
	tiny = m.pick(m.compare(x, atMost, m.number(-40)), whole, tiny)
	d, e := m.fastTwoSum(m.loaded(m.number(1)), hi)
	l, c := m.logPair(logs, d, m.add(e, lo))
	s, t := m.twoSum(m.larger(x, m.zero()), l)
	y := m.add(s, m.add(t, c))
	return m.pick(m.compare(x, below, m.number(-13)), tiny, y)
}
