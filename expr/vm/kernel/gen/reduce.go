package main

import (
	"math/bits"
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lineBytes is the size of the interleaved accumulators of a reduction: 8 numbers in float64, 16 in float32.
const lineBytes = 64

// reduce writes the sums, with the order of additions of the Go functions of the same names.
func reduce(m *machine) {
	m.foldRows("sumRows", "x")
	m.foldRows("dotRows", "x", "y")
	m.sumOn()
	m.sumColumns()
}

// accumulators is the number of interleaved accumulators.
func (m *machine) accumulators() int { return lineBytes / m.size }

// folding is a reduction of rows of n entries, each to one number.
type folding struct {
	*machine
	in                       []reg.GPVirtual
	dst, rows                reg.GPVirtual
	bytes, three             reg.GPVirtual // of a row, and of three
	lines, left, tail, tails reg.GPVirtual // whole lines of a row, those to do, entries and bytes of the last
	masks                    []operand.Op  // of the last line
}

// foldRows reduces four rows at a time, whose chains of additions do not wait for each other.
func (m *machine) foldRows(name string, operands ...string) {
	m.function(name, "(dst, "+strings.Join(operands, ", ")+" []"+m.element()+", n int)")
	f := &folding{machine: m, bytes: m.GP64(), three: m.GP64(), lines: m.GP64(), left: m.GP64(), tail: m.GP64(), tails: m.GP64()}
	f.dst = m.Load(m.Param("dst").Base(), m.GP64()).(reg.GPVirtual)
	f.rows = m.Load(m.Param("dst").Len(), m.GP64()).(reg.GPVirtual)
	for _, name := range operands {
		f.in = append(f.in, m.Load(m.Param(name).Base(), m.GP64()).(reg.GPVirtual))
	}
	m.Load(m.Param("n"), f.lines)
	m.MOVQ(f.lines, f.bytes)
	m.SHLQ(operand.U8(m.shift()), f.bytes)
	m.LEAQ(operand.Mem{Base: f.bytes, Index: f.bytes, Scale: 2}, f.three)
	m.MOVQ(f.lines, f.tail)
	m.ANDQ(operand.U8(m.accumulators()-1), f.tail)
	m.MOVQ(f.tail, f.tails)
	m.SHLQ(operand.U8(m.shift()), f.tails)
	m.SHRQ(operand.U8(bits.TrailingZeros(uint(m.accumulators()))), f.lines)
	f.masks = m.lineMasks(f.tail)
	for _, count := range []int{4, 1} {
		loop, end := m.label("rows"), m.label("end")
		m.Label(loop)
		m.CMPQ(f.rows, operand.U8(count))
		m.JLT(operand.LabelRef(end))
		f.fold(count)
		m.SUBQ(operand.U8(count), f.rows)
		m.JMP(operand.LabelRef(loop))
		m.Label(end)
	}
	m.leave()
}

// shift is the logarithm of the bytes of an entry.
func (m *machine) shift() int { return bits.TrailingZeros(uint(m.size)) }

// lineMasks are the masks of the vectors of a line of which only some entries, fewer than all, are there.
func (m *machine) lineMasks(entries reg.GPVirtual) (masks []operand.Op) {
	if m.bits == 512 {
		return []operand.Op{m.first(entries)}
	}
	limit, more := m.GP64(), m.GP64()
	m.MOVQ(operand.I32(m.lanes()), limit)
	m.MOVQ(entries, more)
	m.SUBQ(limit, more)
	m.CMPQ(entries, limit)
	m.CMOVQLT(entries, limit)
	zero := m.GP64()
	m.XORQ(zero, zero)
	m.TESTQ(more, more)
	m.CMOVQLT(zero, more)
	return []operand.Op{m.first(limit), m.first(more)}
}

// fold reduces the next rows.
func (f *folding) fold(count int) {
	acc := make([][]reg.VecVirtual, count)
	for r := range acc {
		for range lineBytes * 8 / f.bits {
			acc[r] = append(acc[r], f.zero().(reg.VecVirtual))
		}
	}
	loop, tail, done := f.label("lines"), f.label("tail"), f.label("done")
	f.MOVQ(f.lines, f.left)
	lines, joined := acc, func() {}
	if count == 1 && len(f.in) == 1 && f.bits == 512 {
		lines, joined = f.split(acc)
	}
	f.Label(loop)
	f.TESTQ(f.left, f.left)
	f.JE(operand.LabelRef(tail))
	f.each(lines, func(a reg.VecVirtual, at []operand.Mem, _ int) {
		if len(at) == 1 {
			f.do("VADD", at[0], a, a)
		} else {
			f.do("VFMADD231", at[1], f.loaded(at[0]), a)
		}
	})
	for _, p := range f.in {
		f.ADDQ(operand.U8(lineBytes), p)
	}
	f.DECQ(f.left)
	f.JMP(operand.LabelRef(loop))
	f.Label(tail)
	joined()
	f.TESTQ(f.tail, f.tail)
	f.JE(operand.LabelRef(done))
	f.each(acc, f.last)
	f.Label(done)
	for _, p := range f.in {
		f.ADDQ(f.tails, p)
		if count == 4 {
			f.ADDQ(f.three, p)
		}
	}
	for r := range acc {
		f.moveScalar(f.combine(acc[r]), operand.Mem{Base: f.dst, Disp: r * f.size})
	}
	f.ADDQ(operand.U8(count*f.size), f.dst)
}

// split returns accumulators of 256 bits for one row, whose additions wait for each other: these take less time than
// those of 512 bits. What it returns too puts them together in the end.
func (f *folding) split(acc [][]reg.VecVirtual) (halves [][]reg.VecVirtual, join func()) {
	whole, high := acc[0][0], f.as(256, f.size).zero().(reg.VecVirtual)
	low := whole.AsY().(reg.VecVirtual)
	return [][]reg.VecVirtual{{low, high}}, func() { f.VINSERTF64X4(operand.U8(1), high, whole, whole) }
}

// each calls body for the vectors of a line of all rows, with their places in the operands.
func (f *folding) each(acc [][]reg.VecVirtual, body func(a reg.VecVirtual, at []operand.Mem, vector int)) {
	for r, row := range acc {
		for v, a := range row {
			var at []operand.Mem
			for _, p := range f.in {
				mem := operand.Mem{Base: p, Disp: v * lineBytes / len(row)}
				switch r {
				case 1, 2:
					mem.Index, mem.Scale = f.bytes, uint8(r)
				case 3:
					mem.Index, mem.Scale = f.three, 1
				}
				at = append(at, mem)
			}
			body(a, at, v)
		}
	}
}

// last adds the entries of the last line and leaves the other accumulators as they are: a product of zeros
// would turn −0, which tiny products round to, into 0.
func (f *folding) last(a reg.VecVirtual, at []operand.Mem, vector int) {
	mask := f.masks[vector]
	switch {
	case len(at) == 1 && f.bits == 512:
		f.do("VADD", at[0], a, mask, a)
	case len(at) == 1: // no accumulator is −0
		f.do("VADD", f.loadMasked(at[0], mask), a, a)
	case f.bits == 512:
		f.do("VFMADD231", at[1], f.loadMasked(at[0], mask), mask, a)
	default:
		sum := f.fma(f.loadMasked(at[0], mask), f.loadMasked(at[1], mask), a)
		f.do("VBLENDV", mask, sum, a, a)
	}
}

// combine adds the halves of the accumulators until one is left, which is the first entry of the result.
func (m *machine) combine(acc []reg.VecVirtual) reg.VecVirtual {
	y := m.YMM()
	if m.bits == 512 {
		m.VEXTRACTF64X4(operand.U8(1), acc[0], y)
		m.do("VADD", y, acc[0].AsY(), y)
	} else {
		m.do("VADD", acc[1], acc[0], y)
	}
	x, t := m.XMM(), m.XMM()
	m.VEXTRACTF128(operand.U8(1), y, x)
	m.do("VADD", x, y.AsX(), x)
	if m.size == 8 {
		m.VUNPCKHPD(x, x, t)
		m.VADDSD(t, x, x)
		return x
	}
	m.VMOVHLPS(x, x, t)
	m.VADDPS(t, x, x)
	m.VMOVSHDUP(x, t)
	m.VADDSS(t, x, x)
	return x
}

// moveScalar moves the first entry of a vector.
func (m *machine) moveScalar(from, to operand.Op) {
	if m.size == 8 {
		m.VMOVSD(from, to)
	} else {
		m.VMOVSS(from, to)
	}
}

// sumOn goes on with the sum of a row, whose additions wait for each other: those of 256 bits take less time than
// those of 512.
func (m *machine) sumOn() {
	m.function("sumOn", "(acc, x []"+m.element()+")")
	d := m.as(256, m.size)
	to, x := m.Load(m.Param("acc").Base(), m.GP64()), m.Load(m.Param("x").Base(), m.GP64())
	left := m.Load(m.Param("x").Len(), m.GP64()).(reg.GPVirtual)
	line := func(base reg.Register, v int) operand.Mem { return operand.Mem{Base: base, Disp: v * d.bits / 8} }
	acc := make([]operand.Op, lineBytes*8/d.bits)
	for v := range acc {
		acc[v] = d.loaded(line(to, v))
	}
	loop, tail, done := m.label("lines"), m.label("tail"), m.label("done")
	m.Label(loop)
	m.CMPQ(left, operand.U8(m.accumulators()))
	m.JLT(operand.LabelRef(tail))
	for v, a := range acc {
		d.do("VADD", line(x, v), a, a)
	}
	m.ADDQ(operand.U8(lineBytes), x)
	m.SUBQ(operand.U8(m.accumulators()), left)
	m.JMP(operand.LabelRef(loop))
	m.Label(tail)
	m.TESTQ(left, left)
	m.JE(operand.LabelRef(done))
	for v, mask := range d.lineMasks(left) {
		d.do("VADD", d.loadMasked(line(x, v), mask), acc[v], acc[v]) // no accumulator is −0
	}
	m.Label(done)
	for v, a := range acc {
		d.do("VMOVU", a, line(to, v))
	}
	m.leave()
}

// sumColumns reduces as many columns at a time as a vector has entries; with AVX2, where the accumulators may
// take all registers and leave none for a mask, the last columns are reduced one by one.
func (m *machine) sumColumns() {
	m.function("sumColumns", "(dst, x []"+m.element()+", n, stride int)")
	s := &columns{machine: m}
	s.dst = m.Load(m.Param("dst").Base(), m.GP64()).(reg.GPVirtual)
	s.count = m.Load(m.Param("dst").Len(), m.GP64()).(reg.GPVirtual)
	s.x = m.Load(m.Param("x").Base(), m.GP64()).(reg.GPVirtual)
	s.n = m.Load(m.Param("n"), m.GP64()).(reg.GPVirtual)
	s.stride = m.Load(m.Param("stride"), m.GP64()).(reg.GPVirtual)
	m.SHLQ(operand.U8(m.shift()), s.stride)
	vectors := columnRegister{"P", m.bits / 8, m.vector}
	s.while(m.lanes(), func() { s.block(vectors, nil) })
	if m.bits == 256 {
		s.while(1, func() { s.block(columnRegister{"S", m.size, m.XMM}, nil) })
	} else {
		done := m.label("done")
		m.TESTQ(s.count, s.count)
		m.JE(operand.LabelRef(done))
		s.block(vectors, m.first(s.count))
		m.Label(done)
	}
	m.leave()
}

// columns is a reduction of n rows.
type columns struct {
	*machine
	dst, count, x, n, stride reg.GPVirtual
}

// columnRegister says what holds an accumulator of some columns: the suffix of instructions, bytes, registers.
type columnRegister struct {
	suffix string
	bytes  int
	take   func() reg.VecVirtual
}

func (s *columns) while(count int, body func()) {
	loop, end := s.label("columns"), s.label("end")
	s.Label(loop)
	s.CMPQ(s.count, operand.U8(count))
	s.JLT(operand.LabelRef(end))
	body()
	s.SUBQ(operand.U8(count), s.count)
	s.JMP(operand.LabelRef(loop))
	s.Label(end)
}

// block reduces the next columns.
func (s *columns) block(r columnRegister, mask operand.Op) {
	precision := map[int]string{8: "D", 4: "S"}[s.size]
	add := func(x, a operand.Op) {
		if mask == nil {
			s.emit("VADD"+r.suffix+precision, x, a, a)
		} else {
			s.emit("VADD"+r.suffix+precision, x, a, mask, a)
		}
	}
	acc := make([]reg.VecVirtual, s.accumulators())
	for i := range acc {
		acc[i] = r.take()
		s.do("VXOR", acc[i], acc[i], acc[i])
	}
	at, left := s.GP64(), s.GP64()
	s.MOVQ(s.x, at)
	s.MOVQ(s.n, left)
	loop, rest, done := s.label("lines"), s.label("rest"), s.label("done")
	row := func(i int) {
		add(operand.Mem{Base: at}, acc[i])
		s.ADDQ(s.stride, at)
	}
	s.Label(loop)
	s.SUBQ(operand.U8(len(acc)), left)
	s.JLT(operand.LabelRef(rest))
	for i := range acc {
		row(i)
	}
	s.JMP(operand.LabelRef(loop))
	s.Label(rest)
	s.ADDQ(operand.U8(len(acc)), left)
	for i := range len(acc) - 1 {
		s.JE(operand.LabelRef(done))
		row(i)
		s.DECQ(left)
	}
	s.Label(done)
	for half := len(acc) / 2; half > 0; half /= 2 {
		for i := range half {
			s.emit("VADD"+r.suffix+precision, acc[i+half], acc[i], acc[i])
		}
	}
	to := operand.Mem{Base: s.dst}
	switch {
	case r.suffix == "S":
		s.moveScalar(acc[0], to)
	case mask != nil:
		s.storeMasked(acc[0], mask, to)
	default:
		s.do("VMOVU", acc[0], to)
	}
	s.ADDQ(operand.U8(r.bytes), s.dst)
	s.ADDQ(operand.U8(r.bytes), s.x)
}
