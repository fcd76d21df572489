package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// extrema writes the kernels that find the largest or the smallest entry, and where it is.
func extrema(m *machine) {
	m.farthest("Largest", "VMAX", math.Inf(-1))
	m.farthest("Smallest", "VMIN", math.Inf(1))
	m.equals()
}

// farthest keeps one accumulator for each vector of the unrolled loop, so that they do not wait for each other.
func (m *machine) farthest(name, instruction string, least float64) {
	m.function(name, "(x []"+m.element()+") (v "+m.element()+", isNaN bool)")
	var acc [unroll]operand.Op
	for i := range acc {
		acc[i] = m.loaded(m.number(least))
	}
	seen := m.noMask()
	r := m.over(unroll, "", "x")
	none := m.label("none")
	m.TESTQ(r.left, r.left)
	m.JE(operand.LabelRef(none))
	r.each(func(x []operand.Op, at int) operand.Op {
		v := x[0]
		if r.active != nil {
			v = m.pick(r.active, v, m.loaded(m.number(least)))
		}
		m.join(m.compare(v, unordered, v), seen)
		m.do(instruction, v, acc[at], acc[at])
		return nil
	})
	m.do(instruction, acc[1], acc[0], acc[0])
	m.do(instruction, acc[3], acc[2], acc[2])
	m.do(instruction, acc[2], acc[0], acc[0])
	m.give(m.across(instruction, acc[0].(reg.VecVirtual)), 0)
	m.Store(m.any(seen), m.ReturnIndex(1))
	m.leave()
	m.Label(none)
	zero, no := m.XMM(), m.GP8()
	m.VXORPD(zero, zero, zero)
	m.XORB(no, no)
	m.give(zero, 0)
	m.Store(no, m.ReturnIndex(1))
	m.leave()
}

// across combines the entries of a vector.
func (m *machine) across(instruction string, v reg.VecVirtual) reg.VecVirtual {
	x, t := m.XMM(), m.XMM()
	y := v.AsY()
	if m.bits == 512 {
		upper := m.YMM()
		m.VEXTRACTF64X4(operand.U8(1), v, upper)
		m.do(instruction, upper, y, upper)
		y = upper
	}
	m.VEXTRACTF128(operand.U8(1), y, x)
	m.do(instruction, x, y.(reg.Vec).AsX(), x)
	m.VMOVHLPS(x, x, t)
	m.do(instruction, t, x, x)
	if m.size == 4 {
		m.VMOVSHDUP(x, t)
		m.do(instruction, t, x, x)
	}
	return x
}

func (m *machine) equals() {
	m.function("Equal", "(dst, x []"+m.element()+", v "+m.element()+") (count int)")
	v, one, count, bits := m.broadcast("v", m.size), m.loaded(m.number(1)), m.GP64(), m.GP64()
	m.XORQ(count, count)
	r := m.over(unroll, "dst", "x")
	r.each(func(x []operand.Op, _ int) operand.Op {
		mask := m.compare(x[0], equal, v)
		if r.active != nil {
			mask = m.both(mask, r.active)
		}
		if m.bits == 512 {
			m.KMOVW(mask, bits.As32())
		} else {
			m.do("VMOVMSK", mask, bits.As32())
		}
		m.POPCNTQ(bits, bits)
		m.ADDQ(bits, count)
		return m.keep(mask, one)
	})
	m.Store(count, m.ReturnIndex(0))
	m.leave()
}

// both is the intersection of masks.
func (m *machine) both(a, b operand.Op) operand.Op {
	if m.bits == 256 {
		return m.and(a, b)
	}
	k := m.K()
	m.KANDW(a, b, k)
	return k
}
