package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// elementwise writes the kernels that compute each entry from those of their operands, with the bits of the
// Go functions of the same names.
func elementwise(m *machine) {
	m.binary("Add", m.add)
	m.binary("Sub", m.sub)
	m.binary("Mul", m.mul)
	m.binary("Div", m.div)
	m.binary("Max", m.maximum)
	m.binary("Min", m.minimum)
	m.binary("Gate", func(s, x operand.Op) operand.Op {
		return m.gated(s, x, m.zero())
	})
	m.bitwise("Neg", m.xor, m.signs())
	m.bitwise("Abs", m.and, m.magnitudes())
	m.unary("Sqrt", m.sqrt)
	m.unary("ReLU", func(x operand.Op) operand.Op { return m.larger(m.zero(), x) })
	m.affine()
	m.leaky()
	m.step()
	m.gateStep()
	m.gateSwitches("GateAbove", codeGateAbove, 1, 0)
	m.gateSwitches("GateBelow", codeGateBelow, -1, 1)
	m.gateSwitches("GateSign", codeGateSign, 2, -1)
	m.gateAdd()
	m.descend()
}

const unroll = 4

func (m *machine) unary(name string, f func(x operand.Op) operand.Op) {
	m.function(name, "(dst, x []"+m.element()+")")
	m.over(unroll, "dst", "x").each(func(x []operand.Op, _ int) operand.Op { return f(x[0]) })
	m.leave()
}

// bitwise is unary for bits that stay in a register.
func (m *machine) bitwise(name string, f func(x, bits operand.Op) operand.Op, bits operand.Mem) {
	m.function(name, "(dst, x []"+m.element()+")")
	held := m.loaded(bits)
	m.over(unroll, "dst", "x").each(func(x []operand.Op, _ int) operand.Op { return f(x[0], held) })
	m.leave()
}

func (m *machine) binary(name string, f func(x, y operand.Op) operand.Op) {
	m.function(name, "(dst, x, y []"+m.element()+")")
	m.over(unroll, "dst", "x", "y").each(func(x []operand.Op, _ int) operand.Op { return f(x[0], x[1]) })
	m.leave()
}

// maximum is what Go says: NaN if an operand is, and 0 if the operands are zeros unless both are −0. The answers of the
// instruction for both orders of the operands are the same number, or zeros of both signs, or a number and NaN: where they
// differ, the difference of what either has in its bits and what only one has is 0, or NaN.
func (m *machine) maximum(x, y operand.Op) operand.Op {
	if m.bits == 512 { // an instruction knows zeros, and takes the number of a number and NaN
		r := m.apply("VRANGE", operand.U8(0b0101), y, x)
		m.do("VADD", y, x, m.compare(x, unordered, y), r)
		return r
	}
	a, b := m.larger(x, y), m.larger(y, x)
	return m.sub(m.or(a, b), m.xor(a, b))
}

// minimum is what Go says, see maximum: −0 and NaN have all bits that 0 and a number have, as far as they matter.
func (m *machine) minimum(x, y operand.Op) operand.Op { return m.or(m.smaller(x, y), m.smaller(y, x)) }

// gated is s·x, and 0 where s is 0.
func (m *machine) gated(s, x, zero operand.Op) operand.Op {
	mask := m.compare(s, unequal, zero)
	if m.bits < 512 {
		return m.and(mask, m.mul(s, x))
	}
	out := m.vector()
	m.masked("VMUL", x, s, mask, out)
	return out
}

// affine rounds the product before the sum, and both in float64.
func (m *machine) affine() {
	m.function("Affine", "(dst, x []"+m.element()+", a, b float64)")
	a, b := m.broadcast("a", 8), m.broadcast("b", 8)
	m.over(unroll, "dst", "x").each(func(x []operand.Op, _ int) operand.Op {
		return m.double(x[0], func(d *machine, x operand.Op) operand.Op { return d.add(d.mul(x, a), b) })
	})
	m.leave()
}

func (m *machine) leaky() {
	m.function("Leaky", "(dst, x []"+m.element()+", a float64)")
	a, zero := m.broadcast("a", 8), m.zero()
	m.over(unroll, "dst", "x").each(func(x []operand.Op, _ int) operand.Op {
		scaled := m.double(x[0], func(d *machine, x operand.Op) operand.Op { return d.mul(x, a) })
		return m.pick(m.compare(x[0], below, zero), scaled, x[0])
	})
	m.leave()
}

// step also tells whether a switch is NaN.
func (m *machine) step() {
	m.function("Step", "(dst, z, slot []"+m.element()+") (isNaN bool)")
	stepOf, isNaN := m.stepper()
	m.over(unroll, "dst", "z", "slot").each(func(x []operand.Op, _ int) operand.Op { return stepOf(x[0], x[1]) })
	m.Store(isNaN(), m.ReturnIndex(0))
	m.leave()
}

func (m *machine) gateStep() {
	m.function("GateStep", "(dst, z, slot, x []"+m.element()+", a, b float64) (isNaN bool)")
	stepOf, isNaN := m.stepper()
	a, b, zero := m.broadcast("a", 8), m.broadcast("b", 8), m.zero()
	m.over(unroll, "dst", "z", "slot", "x").each(func(x []operand.Op, _ int) operand.Op {
		s := m.double(stepOf(x[0], x[1]), func(d *machine, x operand.Op) operand.Op { return d.add(d.mul(x, a), b) })
		return m.gated(s, x[2], zero)
	})
	m.Store(isNaN(), m.ReturnIndex(0))
	m.leave()
}

// gateSwitches is gateStep for constants with which the operand goes through as it is, or with another sign, or not at all.
// Vectors without a switch that is 0 or NaN, several together, choose between these.
func (m *machine) gateSwitches(name string, code int, a, b float64) {
	m.function(name, "(dst, z, slot, x []"+m.element()+") (isNaN bool)")
	stepOf, isNaN := m.stepper()
	zero := m.zero()
	product := func(x []operand.Op, _ int) operand.Op {
		s := m.double(stepOf(x[0], x[1]), func(d *machine, x operand.Op) operand.Op {
			return d.add(d.mul(x, d.number(a)), d.number(b))
		})
		return m.gated(s, x[2], zero)
	}
	r := m.over(1, "dst", "z", "slot", "x")
	r.while(unroll, func(count int) {
		odd, slowly, done := m.noMask(), m.label("slowly"), m.label("done")
		var z []operand.Op
		for u := range count {
			z = append(z, m.loaded(r.at(r.in[0], u)))
			m.join(m.compare(z[u], equalOrUnordered, zero), odd)
		}
		found := m.any(odd)
		m.TESTB(found, found)
		m.JNE(operand.LabelRef(slowly))
		choose := m.chooser(code, zero)
		for u := range count {
			m.do("VMOVU", choose(z[u], r.at(r.in[2], u)), r.at(r.dst, u))
		}
		m.JMP(operand.LabelRef(done))
		m.Label(slowly)
		for u := range count {
			x := []operand.Op{z[u], m.loaded(r.at(r.in[1], u)), m.loaded(r.at(r.in[2], u))}
			m.do("VMOVU", product(x, u), r.at(r.dst, u))
		}
		m.Label(done)
		r.forward(count)
	})
	r.each(product)
	m.Store(isNaN(), m.ReturnIndex(0))
	m.leave()
}

// chooser returns what one of these gates makes of an operand for switches that are numbers but 0.
func (m *machine) chooser(code int, zero operand.Op) func(z, x operand.Op) operand.Op {
	switch code {
	case codeGateAbove:
		return func(z, x operand.Op) operand.Op { return m.keep(m.compare(z, above, zero), x) }
	case codeGateBelow:
		return func(z, x operand.Op) operand.Op { return m.keep(m.compare(z, below, zero), x) }
	}
	signs := m.loaded(m.signs())
	return func(z, x operand.Op) operand.Op { return m.xor(m.keep(m.compare(z, below, zero), signs), x) }
}

func (m *machine) gateAdd() {
	m.function("GateAdd", "(dst, s, x, y []"+m.element()+")")
	zero := m.zero()
	m.over(unroll, "dst", "s", "x", "y").each(func(x []operand.Op, _ int) operand.Op {
		return m.add(x[2], m.gated(x[0], x[1], zero))
	})
	m.leave()
}

func (m *machine) descend() {
	m.function("Descend", "(dst, x, g []"+m.element()+", rate, decay "+m.element()+")")
	rate, decay := m.broadcast("rate", m.size), m.broadcast("decay", m.size)
	m.over(unroll, "dst", "x", "g").each(func(x []operand.Op, _ int) operand.Op {
		return m.sub(x[0], m.mul(rate, m.add(x[1], m.mul(decay, x[0]))))
	})
	m.leave()
}

// stepper returns what makes a step, and what tells in the end whether a switch was NaN.
func (m *machine) stepper() (step func(z, slot operand.Op) operand.Op, isNaN func() reg.Register) {
	seen := m.noMask()
	var choose func(z, slot operand.Op) operand.Op
	if m.bits == 512 {
		table := m.loaded(m.pattern(stepOfClass))
		choose = func(z, slot operand.Op) operand.Op {
			m.do("VFIXUPIMM", operand.U8(0), table, z, slot)
			return slot
		}
	} else {
		zero, one := m.zero(), m.loaded(m.number(1))
		choose = func(z, slot operand.Op) operand.Op {
			up := m.pick(m.compare(z, above, zero), one, slot)
			return m.pick(m.compare(z, below, zero), zero, up)
		}
	}
	return func(z, slot operand.Op) operand.Op {
		m.join(m.compare(z, unordered, z), seen)
		return choose(z, slot)
	}, func() reg.Register { return m.any(seen) }
}

// stepOfClass is the table by which an instruction answers for a number of each class, from the lowest four bits on:
// both kinds of NaN, zeros, 1, −∞, ∞, other negative and other positive numbers. It answers 0 by 8, 1 by 10, and 0
// leaves what is there.
const stepOfClass = 0xa8a8a000

// loaded copies an operand to a register.
func (m *machine) loaded(x operand.Op) operand.Op {
	out := m.vector()
	m.do("VMOVU", x, out)
	return out
}

// noMask returns an empty mask to which others can be joined.
func (m *machine) noMask() operand.Op {
	if m.bits < 512 {
		return m.zero()
	}
	k := m.K()
	m.KXORW(k, k, k)
	return k
}

func (m *machine) join(mask, to operand.Op) {
	if m.bits < 512 {
		m.do("VOR", mask, to, to)
	} else {
		m.KORW(mask, to, to)
	}
}

// any tells whether a mask has an entry.
func (m *machine) any(mask operand.Op) reg.Register {
	out, bits := m.GP8(), m.GP32()
	if m.bits < 512 {
		m.do("VMOVMSK", mask, bits)
	} else {
		m.KMOVW(mask, bits)
	}
	m.TESTL(bits, bits)
	m.SETNE(out)
	return out
}
