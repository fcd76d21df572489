package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemm writes the products of matrices: each entry is one chain of fused multiply-adds in the order of the summed
// index, so that blocks of entries in registers have the bits of the Go function.
func gemm(m *machine) {
	shapes := []tile{{name: "narrow", vectors: 1, rows: 12}, {name: "square", vectors: 2, rows: 6}, {name: "wide", vectors: 4, rows: 3}}
	if m.bits == 512 { // twice as many registers
		shapes[1].rows, shapes[2].vectors = 12, 8
	}
	for _, t := range shapes {
		t.machine = m
		t.write()
	}
	m.pack()
	m.packBand()
	m.transpose()
	for _, vectors := range []int{1, 2, 4} {
		m.upright(vectors)
	}
	m.scale()
}

// bandRows is the number of rows of A that package kernel packs together.
const bandRows = 12

// pack copies rows of two vectors, the width of a square tile, so that they follow each other.
func (m *machine) pack() {
	m.copyRows("pack", m.vector(), m.vector())
}

// packBand copies columns of a band of A likewise.
func (m *machine) packBand() {
	var through []reg.VecVirtual
	for left := bandRows * m.size; left > 0; left -= int(through[len(through)-1].Size()) {
		if left >= 32 {
			through = append(through, m.YMM())
		} else {
			through = append(through, m.XMM())
		}
	}
	m.copyRows("packBand", through...)
}

// copyRows writes a kernel that copies rows, each through these registers, so that they follow each other.
func (m *machine) copyRows(name string, through ...reg.VecVirtual) {
	m.function(name, fmt.Sprintf("(dst *%s, src *%s, rowS, rows int)", m.element(), m.element()))
	row := m.stride("rowS")
	src, dst, left := m.load("src"), m.load("dst"), m.load("rows")
	loop, done := m.label("rows"), m.label("done")
	m.Label(loop)
	m.DECQ(left)
	m.JLT(operand.LabelRef(done))
	at := 0
	for _, x := range through {
		m.do("VMOVU", operand.Mem{Base: src, Disp: at}, x)
		m.do("VMOVU", x, operand.Mem{Base: dst, Disp: at})
		at += int(x.Size())
	}
	m.ADDQ(row, src)
	m.ADDQ(operand.U8(at), dst)
	m.JMP(operand.LabelRef(loop))
	m.Label(done)
	m.leave()
}

// scale is a row of an outer product.
func (m *machine) scale() {
	m.function("Scale", "(dst, x []"+m.element()+", a "+m.element()+")")
	a := m.broadcast("a", m.size)
	m.over(unroll, "dst", "x").each(func(x []operand.Op, _ int) operand.Op { return m.mul(x[0], a) })
	m.leave()
}

// tile is a kernel that computes a panel of C, of so many vectors in width, by blocks of so many rows.
type tile struct {
	*machine
	name             string
	vectors, rows    int
	rowA, colA, rowB reg.GPVirtual // strides in bytes
	mask             operand.Op    // of the last vector
}

// What the mode of a tile asks for.
const (
	continued = 1 << iota // chains begin with C instead of 0
	rectified             // relu of the result
)

func (t *tile) write() {
	e := t.element()
	t.function(t.name, fmt.Sprintf("(m, k int, a *%s, rowA, colA int, b *%s, rowB int, c *%s, rowC, columns, mode int, bias *%s)", e, e, e, e))
	t.rowA, t.colA, t.rowB = t.stride("rowA"), t.stride("colA"), t.stride("rowB")
	t.Store(t.stride("rowC"), t.Param("rowC"))
	if t.bits == 512 || t.vectors == 1 {
		last := t.load("columns")
		t.SUBQ(operand.U8((t.vectors-1)*t.lanes()), last)
		t.mask = t.first(last)
	}
	loop, rest, done := t.label("rows"), t.label("rest"), t.label("done")
	t.Label(loop)
	t.CMPQ(t.slot("m"), operand.U8(t.rows))
	t.JLT(operand.LabelRef(rest))
	t.block(t.rows)
	t.SUBQ(operand.U8(t.rows), t.slot("m"))
	t.JMP(operand.LabelRef(loop))
	t.Label(rest)
	left := t.load("m")
	for rows := t.rows - 1; rows > 0; rows-- {
		next := t.label("next")
		t.CMPQ(left, operand.U8(rows))
		t.JNE(operand.LabelRef(next))
		t.block(rows)
		t.JMP(operand.LabelRef(done))
		t.Label(next)
	}
	t.Label(done)
	t.leave()
}

// slot is where an argument lies; between blocks what changes is kept there, since registers are few.
func (m *machine) slot(name string) operand.Mem {
	b, err := m.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

func (m *machine) load(name string) reg.GPVirtual {
	return m.Load(m.Param(name), m.GP64()).(reg.GPVirtual)
}

// stride is an argument that counts entries, in bytes.
func (m *machine) stride(name string) reg.GPVirtual {
	s := m.load(name)
	m.SHLQ(operand.U8(m.shift()), s)
	return s
}

// block computes the next rows of the panel.
func (t *tile) block(rows int) {
	acc := make([][]reg.VecVirtual, rows)
	for i := range acc {
		for range t.vectors {
			acc[i] = append(acc[i], t.vector())
		}
	}
	t.begin(acc)
	t.chains(acc)
	t.finish(acc)
	c := t.load("c")
	rowC := t.load("rowC")
	for _, row := range acc {
		t.across(c, func(v int, at operand.Mem, masked bool) {
			if masked {
				t.storeMasked(row[v], t.mask, at)
			} else {
				t.do("VMOVU", row[v], at)
			}
		})
		t.ADDQ(rowC, c)
	}
	if rows == t.rows {
		t.Store(c, t.Param("c"))
	}
}

// across calls f for the places of the vectors of a row.
func (t *tile) across(row reg.Register, f func(v int, at operand.Mem, masked bool)) {
	for v := range t.vectors {
		f(v, operand.Mem{Base: row, Disp: v * t.bits / 8}, t.mask != nil && v == t.vectors-1)
	}
}

// begin sets the accumulators to 0, or to C.
func (t *tile) begin(acc [][]reg.VecVirtual) {
	fresh, done := t.label("fresh"), t.label("begun")
	t.TESTQ(operand.U32(continued), t.slot("mode"))
	t.JE(operand.LabelRef(fresh))
	c, rowC := t.load("c"), t.load("rowC")
	for _, row := range acc {
		t.across(c, func(v int, at operand.Mem, masked bool) { t.fill(at, masked, row[v]) })
		t.ADDQ(rowC, c)
	}
	t.JMP(operand.LabelRef(done))
	t.Label(fresh)
	for _, row := range acc {
		for _, a := range row {
			t.do("VXOR", a, a, a)
		}
	}
	t.Label(done)
}

// fill loads a vector, under the mask if asked, into a register.
func (t *tile) fill(at operand.Mem, masked bool, to operand.Op) {
	switch {
	case !masked:
		t.do("VMOVU", at, to)
	case t.bits == 512:
		t.masked("VMOVU", at, t.mask, to)
	default:
		t.do("VMASKMOV", at, t.mask, to)
	}
}

// chains runs over the summed index.
func (t *tile) chains(acc [][]reg.VecVirtual) {
	b, left := t.load("b"), t.load("k")
	a := t.everyThird(t.load("a"), t.rowA, len(acc))
	if len(acc) == t.rows {
		next := t.GP64()
		t.LEAQ(operand.Mem{Base: a[len(a)-1], Index: t.rowA, Scale: 2}, next)
		t.ADDQ(t.rowA, next)
		t.Store(next, t.Param("a"))
	}
	if len(acc) == t.rows {
		t.firstSteps(acc, a, b, left)
	}
	t.repeat(left, func() { t.step(acc, a, b) })
}

// repeat runs a body so many times.
func (m *machine) repeat(count reg.GPVirtual, body func()) {
	loop, done := m.label("loop"), m.label("done")
	m.TESTQ(count, count)
	m.JE(operand.LabelRef(done))
	m.Label(loop)
	body()
	m.DECQ(count)
	m.JNE(operand.LabelRef(loop))
	m.Label(done)
}

// firstSteps does as many steps as a block has rows. Each fetches a row of C that the next block needs, so that the
// chains hide the time this takes, and few of the places where lines arrive are taken at once.
func (t *tile) firstSteps(acc [][]reg.VecVirtual, a []reg.GPVirtual, b, left reg.GPVirtual) {
	c, rowC, count := t.GP64(), t.load("rowC"), t.GP64()
	t.IMUL3Q(operand.U8(t.rows), rowC, c)
	t.ADDQ(t.slot("c"), c)
	t.MOVQ(operand.I32(t.rows), count)
	t.CMPQ(left, count)
	t.CMOVQLT(left, count)
	t.SUBQ(count, left)
	t.repeat(count, func() {
		t.step(acc, a, b)
		for line := 0; line < t.vectors*t.bits/8; line += lineBytes {
			t.PREFETCHT0(operand.Mem{Base: c, Disp: line})
		}
		t.ADDQ(rowC, c)
	})
}

// step continues all chains by one term. What is smaller, a column of A or a row of B, stays in registers.
func (t *tile) step(acc [][]reg.VecVirtual, a []reg.GPVirtual, b reg.GPVirtual) {
	spread := func(i int) operand.Op {
		v := t.vector()
		t.emit("VBROADCASTS"+t.letter(), third(a, t.rowA, i), v)
		return v
	}
	if len(acc) < t.vectors {
		var column []operand.Op
		for i := range acc {
			column = append(column, spread(i))
		}
		t.across(b, func(v int, at operand.Mem, masked bool) {
			x := t.vector()
			t.fill(at, masked, x)
			for i := range acc {
				t.do("VFMADD231", x, column[i], acc[i][v])
			}
		})
	} else {
		row := make([]reg.VecVirtual, t.vectors)
		t.across(b, func(v int, at operand.Mem, masked bool) {
			row[v] = t.vector()
			t.fill(at, masked, row[v])
		})
		for i := range acc {
			x := spread(i)
			for v := range row {
				t.do("VFMADD231", row[v], x, acc[i][v])
			}
		}
	}
	t.ADDQ(t.rowB, b)
	for _, p := range a {
		t.ADDQ(t.colA, p)
	}
}

// letter ends the names of instructions on single numbers.
func (m *machine) letter() string { return map[int]string{8: "D", 4: "S"}[m.size] }

// everyThird returns pointers to every third of some rows, from which addresses reach all.
func (m *machine) everyThird(p, row reg.GPVirtual, rows int) []reg.GPVirtual {
	out := []reg.GPVirtual{p}
	for i := 3; i < rows; i += 3 {
		next := m.GP64()
		m.LEAQ(operand.Mem{Base: out[len(out)-1], Index: row, Scale: 2}, next)
		m.ADDQ(row, next)
		out = append(out, next)
	}
	return out
}

// third is row i of everyThird.
func third(p []reg.GPVirtual, row reg.Register, i int) operand.Mem {
	at := operand.Mem{Base: p[i/3]}
	if i%3 > 0 {
		at.Index, at.Scale = row, uint8(i%3)
	}
	return at
}

// finish adds the bias and takes the relu, if asked.
func (t *tile) finish(acc [][]reg.VecVirtual) {
	noBias, done := t.label("nobias"), t.label("finished")
	bias := t.load("bias")
	t.TESTQ(bias, bias)
	t.JE(operand.LabelRef(noBias))
	t.across(bias, func(v int, at operand.Mem, masked bool) {
		x := t.vector()
		t.fill(at, masked, x)
		for i := range acc {
			t.do("VADD", x, acc[i][v], acc[i][v])
		}
	})
	t.Label(noBias)
	t.TESTQ(operand.U32(rectified), t.slot("mode"))
	t.JE(operand.LabelRef(done))
	zero := t.zero()
	for _, row := range acc {
		for _, a := range row {
			t.do("VMAX", a, zero, a) // the accumulator where it is NaN or −0, as ReLU
		}
	}
	t.Label(done)
}

// transpose writes the transposed of a matrix of which rows and columns are multiples of the entries of 256 bits.
// Halves of two rows are loaded into one register, so that half of the work of moving entries is done by loads.
func (m *machine) transpose() {
	m.function("transpose", fmt.Sprintf("(dst *%s, rowD int, src *%s, rowS int, rows, columns int)", m.element(), m.element()))
	side := 32 / m.size
	rowD, rowS := m.stride("rowD"), m.stride("rowS")
	src, dst := m.load("src"), m.load("dst")
	rows, left := m.load("rows"), m.GP64()
	down, right, next, done := m.label("down"), m.label("right"), m.label("next"), m.label("done")
	m.Label(down)
	m.SUBQ(operand.U8(side), rows)
	m.JLT(operand.LabelRef(done))
	m.Load(m.Param("columns"), left)
	s, d := m.GP64(), m.GP64()
	m.MOVQ(src, s)
	m.MOVQ(dst, d)
	from := m.everyThird(s, rowS, side)
	m.Label(right)
	m.SUBQ(operand.U8(side), left)
	m.JLT(operand.LabelRef(next))
	for half := range 2 {
		r := m.halves(half, func(i int) operand.Mem { return third(from, rowS, i) }, side)
		m.turned(r, func(_ int, column reg.VecVirtual) {
			m.do("VMOVU", column, operand.Mem{Base: d})
			m.ADDQ(rowD, d)
		})
	}
	for _, p := range from {
		m.ADDQ(operand.U8(32), p)
	}
	m.JMP(operand.LabelRef(right))
	m.Label(next)
	m.ADDQ(operand.U8(32), dst)
	for range side {
		m.ADDQ(rowS, src)
	}
	m.JMP(operand.LabelRef(down))
	m.Label(done)
	m.leave()
}
