package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rows is a loop over the entries of slices of one length: whole vectors, several at a time, then the
// rest under a mask.
type rows struct {
	*machine
	dst    reg.Register
	in     []reg.Register
	left   reg.GPVirtual // entries
	unroll int
	active operand.Op // the mask of the rest, while its body is emitted
}

// over opens the slices: dst, unless it is "", and others. The shortest of them bounds the loop, so that no
// memory outside of any is touched.
func (m *machine) over(unroll int, dst string, in ...string) *rows {
	r := &rows{machine: m, unroll: unroll, left: m.GP64()}
	m.MOVQ(operand.I32(math.MaxInt32), r.left)
	bound := func(name string) {
		n := m.Load(m.Param(name).Len(), m.GP64())
		m.CMPQ(n, r.left)
		m.CMOVQLT(n, r.left)
	}
	if dst != "" {
		r.dst = m.Load(m.Param(dst).Base(), m.GP64())
		bound(dst)
	}
	for _, name := range in {
		r.in = append(r.in, m.Load(m.Param(name).Base(), m.GP64()))
		bound(name)
	}
	return r
}

// each emits the loop. The body gets the vectors of the inputs and the number of the vector within the
// unrolled loop, and returns what belongs into dst, or nil.
func (r *rows) each(body func(x []operand.Op, at int) operand.Op) {
	step := func(count int) {
		for u := range count {
			var x []operand.Op
			for _, p := range r.in {
				v := r.vector()
				r.do("VMOVU", r.at(p, u), v)
				x = append(x, v)
			}
			if y := body(x, u); y != nil {
				r.do("VMOVU", y, r.at(r.dst, u))
			}
		}
		r.forward(count)
	}
	rest, done := r.label("rest"), r.label("done")
	if r.unroll > 1 {
		r.while(r.unroll, step)
	}
	r.while(1, step)
	r.Label(rest)
	r.TESTQ(r.left, r.left)
	r.JE(operand.LabelRef(done))
	mask := r.tail()
	r.active = mask
	var x []operand.Op
	for _, p := range r.in {
		x = append(x, r.loadMasked(operand.Mem{Base: p}, mask))
	}
	if y := body(x, 0); y != nil {
		r.storeMasked(y, mask, operand.Mem{Base: r.dst})
	}
	r.active = nil
	r.Label(done)
}

// while runs a step of so many vectors as long as there are enough entries.
func (r *rows) while(count int, step func(count int)) {
	loop, end := r.label("loop"), r.label("end")
	r.Label(loop)
	r.CMPQ(r.left, operand.U32(count*r.lanes()))
	r.JLT(operand.LabelRef(end))
	step(count)
	r.JMP(operand.LabelRef(loop))
	r.Label(end)
}

// at is a vector of the unrolled loop in memory.
func (r *rows) at(base reg.Register, u int) operand.Mem {
	return operand.Mem{Base: base, Disp: u * r.bits / 8}
}

func (r *rows) forward(count int) {
	bytes := operand.U32(count * r.bits / 8)
	for _, p := range r.in {
		r.ADDQ(bytes, p)
	}
	if r.dst != nil {
		r.ADDQ(bytes, r.dst)
	}
	r.SUBQ(operand.U32(count*r.lanes()), r.left)
}

// tail is the mask of the entries that are left, fewer than a vector.
func (r *rows) tail() operand.Op { return r.first(r.left) }

// first is the mask of the first entries of a vector, at most all.
func (m *machine) first(count reg.GPVirtual) operand.Op {
	if m.bits == 512 {
		bits, mask := m.GP64(), m.K()
		m.MOVQ(operand.I32(-1), bits)
		m.BZHIQ(count, bits, bits)
		m.KMOVW(bits.As32(), mask)
		return mask
	}
	at, mask := m.GP64(), m.vector()
	m.LEAQ(m.ones(), at)
	offset := m.GP64()
	m.MOVQ(count, offset)
	m.NEGQ(offset)
	m.do("VMOVU", operand.Mem{Base: at, Index: offset, Scale: uint8(m.size), Disp: 32}, mask)
	return mask
}

// ones is a vector of ones followed by one of zeros: read from r entries before the middle on, it is a mask
// of r entries.
func (m *machine) ones() operand.Mem {
	const name = "ones"
	if mem, ok := m.constants[name]; ok {
		return mem
	}
	mem := m.StaticGlobal(name)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := 0; i < 64; i += 8 {
		v := operand.U64(0)
		if i < 32 {
			v = ^v
		}
		m.AddDatum(i, v)
	}
	m.constants[name] = mem
	return mem
}

func (m *machine) loadMasked(from operand.Mem, mask operand.Op) operand.Op {
	v := m.vector()
	if m.bits == 512 {
		m.masked("VMOVU", from, mask, v)
	} else {
		m.do("VMASKMOV", from, mask, v)
	}
	return v
}

func (m *machine) storeMasked(v, mask operand.Op, to operand.Mem) {
	if m.bits == 512 {
		m.do("VMOVU", v, mask, to)
	} else {
		m.do("VMASKMOV", v, mask, to)
	}
}

// leave ends a function.
func (m *machine) leave() {
	m.VZEROUPPER()
	m.RET()
}
