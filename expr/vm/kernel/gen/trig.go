package main

import "github.com/mmcloughlin/avo/operand"

func trigonometric(m *machine) {
	m.smooth("Sin", abreast{1, 1}, func(w *machine) body {
		return func(x []operand.Op) (y, far operand.Op) {
			k, r, s, far := w.reduce(x[0])
			size := w.and(x[0], w.magnitudes())
			y = w.quadrant(r, s, k)
			return w.pick(w.compare(size, below, w.number(0x1p-27)), x[0], y), far
		}
	}, "x")
	m.smooth("Cos", abreast{1, 1}, func(w *machine) body {
		return func(x []operand.Op) (y, far operand.Op) {
			k, r, s, far := w.reduce(x[0])
			return w.quadrant(r, s, w.plus(k, w.loaded(w.pattern(1)))), far
		}
	}, "x")
}

// reduce is the first reduction of package kernel, and where it does not do.
func (m *machine) reduce(x operand.Op) (k, r, s, far operand.Op) {
	k = m.fma(x, m.coefficient("perHalfPi", 0), m.number(rounder))
	kd := m.sub(k, m.loaded(m.number(rounder)))
	head := m.fnma(kd, m.coefficient("halfPi1", 0), x)
	t, e := m.twoSum(head, m.mul(kd, m.number(-m.known["halfPi2"][0])))
	r, s = m.fastTwoSum(t, m.fnma(kd, m.coefficient("halfPi3", 0), e))
	// Far is |x| ≥ 2²⁰, and |r| ≤ 2⁻³⁰ unless kd is 0.
	shown := m.pick(m.compare(kd, equal, m.zero()), m.loaded(m.number(1)), r)
	far = m.compare(m.and(shown, m.magnitudes()), atMost, m.number(0x1p-30))
	m.join(m.compare(m.and(x, m.magnitudes()), notBelow, m.number(0x1p20)), far)
	return k, r, s, far
}

// quadrant is that of package kernel; of k only the last two bits count.
func (m *machine) quadrant(r, s, k operand.Op) operand.Op {
	odd := m.signMask(m.left(k, 63))
	y := m.pick(odd, m.cosNear(r, s), m.sinNear(r, s))
	return m.xor(y, m.and(m.left(k, 62), m.signs()))
}

// signMask is the mask of the entries with a sign.
func (m *machine) signMask(x operand.Op) operand.Op {
	if m.bits == 256 {
		return x // blends only look at signs
	}
	k := m.K()
	m.VPMOVQ2M(x, k)
	return k
}

func (m *machine) sinNear(r, s operand.Op) operand.Op {
	u := m.mul(r, r)
	u2 := m.mul(u, u)
	c := m.known["sinPoly"]
	high := m.fma(u2, m.number(c[6]), m.linear(u, c[4], c[5]))
	p := m.fma(m.mul(u2, u2), high, m.cubic(u, u2, c[:4]...))
	return m.add(r, m.fma(m.mul(r, u), p, m.fma(m.mul(u, m.number(-0.5)), s, s)))
}

func (m *machine) cosNear(r, s operand.Op) operand.Op {
	u := m.mul(r, r)
	e := m.fms(r, r, u)
	u2 := m.mul(u, u)
	c := m.known["cosPoly"]
	p := m.fma(u2, m.fma(u2, m.linear(u, c[4], c[5]), m.linear(u, c[2], c[3])), m.linear(u, c[0], c[1]))
	w, d := m.fastTwoSum(m.loaded(m.number(1)), m.mul(u, m.number(-0.5)))
	return m.add(w, m.fma(u2, p, m.add(d, m.fnma(r, s, m.mul(e, m.number(-0.5))))))
}
