package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// smooth writes the functions that are analytic on their domains.
func smooth(m *machine) {
	exponentials(m)
	logarithms(m)
	logistic(m)
	errorFunction(m)
	trigonometric(m)
	powers(m)
}

// body computes a vector of float64 from those of the operands. It is wrong for the entries that far marks, which is
// nil if there are none; these may be arbitrary, but must not lead out of a table.
type body func(x []operand.Op) (y, far operand.Op)

// smooth writes a kernel of so many operands that computes in float64, with the bits of the Go function of that name, and rounds once if
// entries are float32. The body is made twice, for vectors and for the rest, after begin has loaded what both need.
//
// A kernel with far entries stops at their vector and returns the number of entries before it; the Go function
// then does these, and the kernel is called again.
func (m *machine) smooth(name string, side abreast, begin func(w *machine) body, in ...string) {
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
	count := side.avx512
	if m.bits == 256 {
		count = side.avx2
	}
	b := begin(w)
	pairs, single, out := r.label("pairs"), r.label("single"), r.label("out")
	r.Label(pairs)
	r.CMPQ(r.left, operand.U32(count*r.lanes()))
	r.JLT(operand.LabelRef(single))
	r.vectors(w, b, count, single)
	r.JMP(operand.LabelRef(pairs))
	r.Label(single)
	rest := r.label("rest")
	r.CMPQ(r.left, operand.U32(r.lanes()))
	r.JLT(operand.LabelRef(rest))
	r.vectors(w, b, 1, out)
	r.JMP(operand.LabelRef(pairs))
	r.Label(rest)
	r.TESTQ(r.left, r.left)
	r.JE(operand.LabelRef(out))
	mask := r.tail()
	y, far := r.value(w, b, func(p reg.Register) operand.Op { return r.loadMasked(operand.Mem{Base: p}, mask) })
	if far != nil {
		at := w.entries(far)
		r.BZHIL(r.left.As32(), at, at)
		r.TESTL(at, at)
		r.JNE(operand.LabelRef(out))
	}
	r.storeMasked(y, mask, operand.Mem{Base: r.dst})
	r.XORQ(r.left, r.left)
	r.Label(out)
	r.SUBQ(r.left, total)
	r.Store(total, r.ReturnIndex(0))
	r.leave()
}

// abreast is how many vectors a loop does at once, their instructions in turn: those of one wait for each other, and
// a processor does not look as far ahead as the next. It depends on the registers there are.
type abreast struct{ avx2, avx512 int }

// vectors does so many vectors, unless one has a far entry: then it jumps.
func (r *rows) vectors(w *machine, b body, count int, label string) {
	y := make([]operand.Op, count)
	var fars operand.Op
	r.inTurn(count, func(at int) {
		var far operand.Op
		y[at], far = r.value(w, b, func(p reg.Register) operand.Op {
			return r.loaded(operand.Mem{Base: p, Disp: at * r.bits / 8})
		})
		switch {
		case fars == nil:
			fars = far
		case far != nil:
			w.join(far, fars)
		}
	})
	if fars != nil {
		at := w.entries(fars)
		r.TESTL(at, at)
		r.JNE(operand.LabelRef(label))
	}
	for at, v := range y {
		r.do("VMOVU", v, operand.Mem{Base: r.dst, Disp: at * r.bits / 8})
	}
	r.forward(count)
}

// inTurn emits blocks of instructions that do not depend on each other, one of each in turn.
func (m *machine) inTurn(count int, emit func(at int)) {
	file, _ := m.Result()
	all := file.Functions()
	f := all[len(all)-1]
	start := len(f.Nodes)
	var blocks [][]ir.Node
	for at := range count {
		emit(at)
		blocks = append(blocks, slices.Clone(f.Nodes[start:]))
		f.Nodes = f.Nodes[:start]
	}
	for i := range blocks[count-1] { // the longest, as it joins masks
		for _, b := range blocks {
			if i < len(b) {
				f.Nodes = append(f.Nodes, b[i])
			}
		}
	}
}

// value is the body at operands that load brings.
func (r *rows) value(w *machine, b body, load func(reg.Register) operand.Op) (y, far operand.Op) {
	var x []operand.Op
	for _, p := range r.in {
		v := load(p)
		if r.size == 4 {
			v = w.widened(v)
		}
		x = append(x, v)
	}
	y, far = b(x)
	if r.size == 4 {
		y = w.narrowed(y)
	}
	return y, far
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

// table returns the address of a variable of package kernel.
func (m *machine) table(name string) reg.Register {
	at := m.GP64()
	m.LEAQ(operand.NewDataAddr(operand.Symbol{Name: "·" + name}, 0), at)
	return at
}

// column returns the address of the numbers of a table of this file.
func (m *machine) column(name string, bits []uint64) reg.Register {
	mem, ok := m.constants[name]
	if !ok {
		mem = m.StaticGlobal(name)
		m.DataAttributes(attr.RODATA | attr.NOPTR)
		for i, b := range bits {
			m.AddDatum(8*i, operand.U64(b))
		}
		m.constants[name] = mem
	}
	at := m.GP64()
	m.LEAQ(mem, at)
	return at
}

// gather loads the float64 that is word + index words behind an address, for each entry.
func (m *machine) gather(at reg.Register, index operand.Op, word int) operand.Op {
	from := operand.Mem{Base: at, Index: index.(reg.Register), Scale: 8, Disp: 8 * word}
	out := m.zero()
	if m.bits == 512 {
		all := m.K()
		m.KXNORW(reg.K0, reg.K0, all) // whatever it holds
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
