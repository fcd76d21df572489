package main

import (
	"fmt"
	"math/bits"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// upright is the state of a kernel that multiplies a matrix, whose rows lie together, by one or some vectors. Squares of
// the matrix are transposed in registers, so that each column of them takes a step of the chains of its rows.
type upright struct {
	*machine
	side, vectors int
	row           [8]reg.GPVirtual // odd multiples of the stride of rows
	rowX          reg.GPVirtual
}

// upright writes the kernel for so many vectors, which are rows of X, as the results are rows of Y. The number of rows is
// a multiple of the side of a square, and the summed index is not shorter. Some squares at a time hide that the steps
// of one wait for each other.
func (m *machine) upright(vectors int) {
	e := m.element()
	name := map[int]string{1: "uprightOne", 2: "uprightTwo", 4: "uprightFour"}[vectors]
	m.function(name, fmt.Sprintf("(rows, k int, a *%s, rowA int, x *%s, rowX int, y *%s, rowY int)", e, e, e))
	s := &upright{machine: m, side: 32 / m.size, vectors: vectors}
	s.row[1], s.rowX = m.stride("rowA"), m.stride("rowX")
	for i := 3; i < s.side; i += 2 {
		s.row[i] = m.GP64()
		m.LEAQ(operand.Mem{Base: s.row[i-2], Index: s.row[1], Scale: 2}, s.row[i])
	}
	for _, squares := range []int{max(2, 4/vectors), 1} {
		loop, end := m.label("rows"), m.label("end")
		m.Label(loop)
		m.CMPQ(m.slot("rows"), operand.U8(squares*s.side))
		m.JLT(operand.LabelRef(end))
		s.group(squares)
		m.SUBQ(operand.U8(squares*s.side), m.slot("rows"))
		m.JMP(operand.LabelRef(loop))
		m.Label(end)
	}
	m.leave()
}

// at is entry 0 of row i after p.
func (s *upright) at(p reg.Register, i int) operand.Mem {
	mem := operand.Mem{Base: p}
	if i > 0 {
		odd := i >> bits.TrailingZeros(uint(i))
		mem.Index, mem.Scale = s.row[odd], uint8(i/odd)
	}
	return mem
}

// after returns a pointer to the square below that at p.
func (s *upright) after(p reg.Register) reg.GPVirtual {
	next := s.GP64()
	s.LEAQ(s.at(p, s.side/2), next)
	s.LEAQ(s.at(next, s.side/2), next)
	return next
}

// group computes the entries of the results that some squares of rows give.
func (s *upright) group(squares int) {
	acc := make([][]reg.VecVirtual, squares)
	p := []reg.GPVirtual{s.load("a")}
	for i := range acc {
		for range s.vectors {
			y := s.YMM()
			s.do("VXOR", y, y, y)
			acc[i] = append(acc[i], y)
		}
		p = append(p, s.after(p[i]))
	}
	s.Store(p[squares], s.Param("a"))
	p = p[:squares]
	x := s.everyThird(s.load("x"), s.rowX, s.vectors)
	left := s.load("k")
	s.SUBQ(operand.U8(s.side), left)
	loop, done := s.label("chain"), s.label("summed")
	s.Label(loop)
	s.squares(acc, p, x, func(_ int, step func()) { step() })
	s.advance(operand.U8(32), p, x)
	s.SUBQ(operand.U8(s.side), left)
	s.JGE(operand.LabelRef(loop))
	s.ADDQ(operand.U8(s.side), left)
	s.JE(operand.LabelRef(done))
	s.rest(acc, p, x, left)
	s.Label(done)
	to, rowY := s.load("y"), s.stride("rowY")
	next := s.GP64()
	s.LEAQ(operand.Mem{Base: to, Disp: 32 * squares}, next)
	s.Store(next, s.Param("y"))
	for v := range s.vectors {
		for i := range acc {
			s.do("VMOVU", acc[i][v], operand.Mem{Base: to, Disp: 32 * i})
		}
		s.ADDQ(rowY, to)
	}
}

// rest takes the steps that are left, fewer than a square has columns: the last ones of the squares that end where the
// rows do, so that no memory outside of the rows is touched.
func (s *upright) rest(acc [][]reg.VecVirtual, p, x []reg.GPVirtual, left reg.GPVirtual) {
	back := s.GP64()
	s.LEAQ(operand.Mem{Base: left, Disp: -s.side}, back)
	s.SHLQ(operand.U8(s.shift()), back)
	s.advance(back, p, x)
	s.squares(acc, p, x, func(c int, step func()) {
		skip := s.label("skip")
		s.CMPQ(left, operand.U8(s.side-c))
		s.JLT(operand.LabelRef(skip))
		step()
		s.Label(skip)
	})
}

func (s *upright) advance(by operand.Op, p, x []reg.GPVirtual) {
	for _, q := range append(p[:len(p):len(p)], x...) {
		s.ADDQ(by, q)
	}
}

// squares takes the steps of all columns of squares. What guards one gets its number.
func (s *upright) squares(acc [][]reg.VecVirtual, p, x []reg.GPVirtual, guard func(c int, step func())) {
	for i, rows := range acc {
		for half := range 2 {
			r := s.halves(half, func(j int) operand.Mem { return s.at(p[i], j) }, s.side)
			s.turned(r, func(c int, column reg.VecVirtual) {
				c += half * s.side / 2
				guard(c, func() {
					for v, y := range rows {
						at := third(x, s.rowX, v)
						at.Disp = c * s.size
						if s.bits == 512 {
							s.emit("VFMADD231P"+s.letter()+"_BCST", at, column, y)
							continue
						}
						spread := s.YMM()
						s.emit("VBROADCASTS"+s.letter(), at, spread)
						s.do("VFMADD231", spread, column, y)
					}
				})
			})
		}
	}
}

// halves loads halves of the rows of a square, i and i + side/2 into one register.
func (m *machine) halves(half int, row func(i int) operand.Mem, side int) (r []reg.VecVirtual) {
	for i := range side / 2 {
		y := m.YMM()
		low, high := row(i), row(i+side/2)
		low.Disp, high.Disp = 16*half, 16*half
		m.VBROADCASTF128(low, y) // a load that defines the whole register
		m.VINSERTF128(operand.U8(1), high, y, y)
		r = append(r, y)
	}
	return r
}

// turned transposes blocks of 2 × 2 numbers of 64 bits, or 4 × 4 of 32, in both halves of registers, and calls use for
// each column in turn.
func (m *machine) turned(r []reg.VecVirtual, use func(c int, column reg.VecVirtual)) {
	pair := func(name string, a, b reg.VecVirtual) reg.VecVirtual {
		y := m.YMM()
		m.emit(name, b, a, y)
		return y
	}
	if m.size == 8 {
		use(0, pair("VPUNPCKLQDQ", r[0], r[1]))
		use(1, pair("VPUNPCKHQDQ", r[0], r[1]))
		return
	}
	for i, name := range []string{"VPUNPCKLDQ", "VPUNPCKHDQ"} {
		a, b := pair(name, r[0], r[1]), pair(name, r[2], r[3])
		use(2*i, pair("VPUNPCKLQDQ", a, b))
		use(2*i+1, pair("VPUNPCKHQDQ", a, b))
	}
}
