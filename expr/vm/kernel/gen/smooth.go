package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// body computes a vector of float64 from those of the operands. It is wrong for the entries that far marks, which is
// nil if there are none; these may be arbitrary, but must not lead out of a table.
type body func(x []operand.Op) (y, far operand.Op)

// smooth writes a kernel that computes in float64, with the bits of the Go function of that name, and rounds once if
// entries are float32. The body is made twice, for vectors and for the rest, after begin has loaded what both need.
//
// A kernel with far entries stops at their vector and returns the number of entries before it; the Go function
// then does these, and the kernel is called again.
func (m *machine) smooth(name string, begin func(w *machine) body, in ...string) {
	m.function(name, "(dst, "+strings.Join(in, ", ")+" []"+m.element()+") (done int)")
	f := &(*m.fields)[len(*m.fields)-1]
	f.value = fmt.Sprintf("finished%d(%s, %s)", len(in), f.function, name)
	r := m.over(1, "dst", in...)
	total := m.GP64()
	m.MOVQ(r.left, total)
	w := m
	if m.size == 4 {
		w, r.machine = m.as(m.bits, 8), m.as(m.bits/2, 4)
	}
	b := begin(w)
	out := r.label("out")
	r.while(1, func(int) {
		y := r.value(w, b, nil, out)
		r.do("VMOVU", y, operand.Mem{Base: r.dst})
		r.forward(1)
	})
	r.TESTQ(r.left, r.left)
	r.JE(operand.LabelRef(out))
	mask := r.tail()
	r.storeMasked(r.value(w, b, mask, out), mask, operand.Mem{Base: r.dst})
	r.XORQ(r.left, r.left)
	r.Label(out)
	r.SUBQ(r.left, total)
	r.Store(total, r.ReturnIndex(0))
	r.leave()
}

// value is the body at the next vector, or at the rest if there is a mask of it; it jumps to out if an entry is far.
func (r *rows) value(w *machine, b body, mask operand.Op, out string) operand.Op {
	var x []operand.Op
	for _, p := range r.in {
		if mask == nil {
			x = append(x, r.loaded(operand.Mem{Base: p}))
		} else {
			x = append(x, r.loadMasked(operand.Mem{Base: p}, mask))
		}
	}
	if r.size == 4 {
		for i := range x {
			x[i] = w.widened(x[i])
		}
	}
	y, far := b(x)
	if far != nil {
		at := w.entries(far)
		if mask != nil {
			r.BZHIL(r.left.As32(), at, at)
		}
		r.TESTL(at, at)
		r.JNE(operand.LabelRef(out))
	}
	if r.size == 4 {
		return w.narrowed(y)
	}
	return y
}

// as is the machine for another width or precision.
func (m *machine) as(bits, size int) *machine {
	other := *m
	other.bits, other.size = bits, size
	return &other
}

// widened makes float64 of as many float32.
func (m *machine) widened(x operand.Op) operand.Op {
	out := m.vector()
	m.VCVTPS2PD(x, out)
	return out
}

// narrowed rounds to float32.
func (m *machine) narrowed(x operand.Op) operand.Op {
	if m.bits == 512 {
		out := m.YMM()
		m.VCVTPD2PS(x, out)
		return out
	}
	out := m.XMM()
	m.VCVTPD2PSY(x, out)
	return out
}

// entries turns a mask into a bit for each entry.
func (m *machine) entries(mask operand.Op) reg.Register {
	bits := m.GP32()
	if m.bits == 512 {
		m.KMOVW(mask, bits)
	} else {
		m.do("VMOVMSK", mask, bits)
	}
	return bits
}

// outside reports whether an entry is below lo, at least hi, or NaN.
func (m *machine) outside(x operand.Op, lo, hi float64) operand.Op {
	mask := m.compare(x, below, m.number(lo))
	m.join(m.compare(x, notBelow, m.number(hi)), mask)
	return mask
}

// The arithmetic of entries as integers of 64 bits.
func (m *machine) plus(a, b operand.Op) operand.Op  { return m.integer(m.VPADDQ, b, a) }
func (m *machine) minus(a, b operand.Op) operand.Op { return m.integer(m.VPSUBQ, b, a) }
func (m *machine) left(a operand.Op, by uint8) operand.Op {
	return m.integer(m.VPSLLQ, operand.U8(by), a)
}

func (m *machine) right(a operand.Op, by uint8) operand.Op {
	return m.integer(m.VPSRLQ, operand.U8(by), a)
}

func (m *machine) integer(instruction func(...operand.Op), ops ...operand.Op) operand.Op {
	out := m.vector()
	instruction(append(ops, out)...)
	return out
}

// table is a variable of package kernel.
type table struct {
	at   reg.Register
	none operand.Op // an empty mask register: one for all gathers, as making another reads what it held
}

func (m *machine) table(name string) table {
	t := table{at: m.GP64()}
	m.LEAQ(operand.NewDataAddr(operand.Symbol{Name: "·" + name}, 0), t.at)
	if m.bits == 512 {
		t.none = m.noMask()
	}
	return t
}

// gather loads the float64 that is word + index words into a table, for each entry.
func (m *machine) gather(t table, index operand.Op, word int) operand.Op {
	from := operand.Mem{Base: t.at, Index: index.(reg.Register), Scale: 8, Disp: 8 * word}
	out := m.zero()
	if m.bits == 512 {
		all := m.K()
		m.KXNORW(t.none, t.none, all)
		m.VGATHERQPD(from, all, out)
		return out
	}
	all := m.integer(m.VPCMPEQQ, out, out)
	m.VGATHERQPD(all, from, out)
	return out
}

// coefficient returns a coefficient of package kernel.
func (m *machine) coefficient(name string, at int) operand.Mem { return m.number(m.known[name][at]) }

// cubic is c[0] + c[1]·x + c[2]·x² + c[3]·x³ as two binomials in x, the second times x2 = x².
func (m *machine) cubic(x, x2 operand.Op, c ...float64) operand.Op {
	return m.fma(x2, m.linear(x, c[2], c[3]), m.linear(x, c[0], c[1]))
}

// linear is c0 + c1·x.
func (m *machine) linear(x operand.Op, c0, c1 float64) operand.Op {
	return m.fma(x, m.number(c1), m.number(c0))
}

// twoSum and fastTwoSum are those of package kernel.
func (m *machine) twoSum(a, b operand.Op) (s, e operand.Op) {
	s = m.add(a, b)
	c := m.sub(s, a)
	return s, m.add(m.sub(a, m.sub(s, c)), m.sub(b, c))
}

func (m *machine) fastTwoSum(a, b operand.Op) (s, e operand.Op) {
	s = m.add(a, b)
	return s, m.sub(b, m.sub(s, a))
}
