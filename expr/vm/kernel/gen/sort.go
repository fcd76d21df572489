package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// sorts writes the kernels for rows of two entries, which get a number of vectors, each of some whole rows, and the
// one for short rows.
func sorts(m *machine) {
	m.sortPairs()
	m.orderPairs()
	m.permutePairs()
	m.ranks()
}

// sortPairs exchanges the entries of a pair if the second is below the first.
func (m *machine) sortPairs() {
	m.function("sortPairs", "(dst, x *"+m.element()+", vectors int) (isNaN bool)")
	dst, x := m.load("dst"), m.load("x")
	seen := m.noMask()
	m.repeat(m.load("vectors"), func() {
		v := m.loaded(operand.Mem{Base: x})
		m.join(m.compare(v, unordered, v), seen)
		swapped := m.compare(m.seconds(v), below, m.firsts(v))
		m.do("VMOVU", m.pick(swapped, m.exchanged(v), v), operand.Mem{Base: dst})
		m.ADDQ(operand.U32(m.bits/8), x)
		m.ADDQ(operand.U32(m.bits/8), dst)
	})
	m.Store(m.any(seen), m.ReturnIndex(0))
	m.leave()
}

// orderPairs writes for each pair its order, 0 1 or 1 0, and the first positions of ties, 0 1 or 0 0.
func (m *machine) orderPairs() {
	m.function("orderPairs", "(dst, x *"+m.element()+", vectors int) (isNaN bool)")
	dst, x := m.load("dst"), m.load("x")
	seen, upwards, downwards := m.noMask(), m.loaded(m.alternating(0, 1)), m.loaded(m.alternating(1, 0))
	m.repeat(m.load("vectors"), func() {
		v := m.loaded(operand.Mem{Base: x})
		m.join(m.compare(v, unordered, v), seen)
		first, second := m.firsts(v), m.seconds(v)
		order := m.pick(m.compare(second, below, first), downwards, upwards)
		tied := m.keep(m.compare(second, unequal, first), upwards)
		for i, y := range m.merge(order, tied) {
			m.do("VMOVU", y, operand.Mem{Base: dst, Disp: i * m.bits / 8})
		}
		m.ADDQ(operand.U32(m.bits/8), x)
		m.ADDQ(operand.U32(2*m.bits/8), dst)
	})
	m.Store(m.any(seen), m.ReturnIndex(0))
	m.leave()
}

// permutePairs exchanges the entries of a pair if its order is 1 0. Exactly one entry of an order is 0 and exactly one
// is 1, or it is wrong.
func (m *machine) permutePairs() {
	m.function("permutePairs", "(dst, order, x *"+m.element()+", vectors int) (wrong bool)")
	dst, order, x := m.load("dst"), m.load("order"), m.load("x")
	seen, upwards := m.noMask(), m.loaded(m.alternating(0, 1))
	m.repeat(m.load("vectors"), func() {
		p := m.split(m.loaded(operand.Mem{Base: order}), m.loaded(operand.Mem{Base: order, Disp: m.bits / 8}))
		moved, isExchange := m.compare(p, unequal, upwards), m.compare(m.exchanged(p), equal, upwards)
		m.join(m.difference(moved, isExchange), seen)
		v := m.loaded(operand.Mem{Base: x})
		m.do("VMOVU", m.pick(moved, m.exchanged(v), v), operand.Mem{Base: dst})
		m.ADDQ(operand.U32(m.bits/8), x)
		m.ADDQ(operand.U32(m.bits/8), dst)
		m.ADDQ(operand.U32(2*m.bits/8), order)
	})
	m.Store(m.any(seen), m.ReturnIndex(0))
	m.leave()
}

// ranks counts for each entry those before it in the sorted row, the entries of a vector at a time: of the earlier
// vectors those that are not larger, of the later ones those that are smaller. The ranks are integers as long as
// entries.
func (m *machine) ranks() {
	m.function("ranks", "(rank *int, x *"+m.element()+", n int) (isNaN bool)")
	rank, x, left := m.load("rank"), m.load("x"), m.load("n")
	end, own, count := m.GP64(), m.GP64(), m.GP64()
	m.LEAQ(operand.Mem{Base: x, Index: left, Scale: uint8(m.size)}, end)
	m.MOVQ(x, own)
	seen, one, lanes := m.noMask(), m.loaded(m.pattern(1)), m.GP64()
	m.MOVQ(operand.U32(m.lanes()), lanes)
	next := m.label("next")
	m.Label(next)
	m.MOVQ(left, count)
	m.CMPQ(lanes, count)
	m.CMOVQLT(lanes, count)
	mask := m.first(count)
	v := m.loadMasked(operand.Mem{Base: own}, mask)
	m.join(m.compare(v, unordered, v), seen)
	at, stop, ranks := m.GP64(), m.GP64(), m.zero()
	m.MOVQ(x, at)
	m.until(at, own, func(u operand.Op) { m.increase(ranks, m.compare(u, atMost, v), one) })
	m.LEAQ(operand.Mem{Base: own, Index: count, Scale: uint8(m.size)}, stop)
	later := m.laterLanes(one)
	m.until(at, stop, func(u operand.Op) {
		m.increase(ranks, m.either(later(), m.compare(u, atMost, v), m.compare(u, below, v)), one)
	})
	m.until(at, end, func(u operand.Op) { m.increase(ranks, m.compare(u, below, v), one) })
	m.storeMasked(ranks, mask, operand.Mem{Base: rank})
	m.ADDQ(operand.U32(m.bits/8), own)
	m.ADDQ(operand.U32(m.bits/8), rank)
	m.SUBQ(lanes, left)
	m.JG(operand.LabelRef(next))
	m.Store(m.any(seen), m.ReturnIndex(0))
	m.leave()
}

// until runs a body for the entries before stop, each in all places of a vector.
func (m *machine) until(at, stop reg.Register, body func(u operand.Op)) {
	loop, done, u := m.label("loop"), m.label("done"), m.vector()
	m.Label(loop)
	m.CMPQ(at, stop)
	m.JGE(operand.LabelRef(done))
	if m.size == 4 {
		m.VBROADCASTSS(operand.Mem{Base: at}, u)
	} else {
		m.VBROADCASTSD(operand.Mem{Base: at}, u)
	}
	m.ADDQ(operand.U32(m.size), at)
	body(u)
	m.JMP(operand.LabelRef(loop))
	m.Label(done)
}

// increase adds one, as an integer, to the entries of a mask.
func (m *machine) increase(x, mask, one operand.Op) {
	if m.bits == 512 {
		m.integers("VPADD", one, x, mask, x)
	} else {
		m.integers("VPSUB", mask, x, x) // a mask is −1
	}
}

// integers is do for instructions on integers as long as entries.
func (m *machine) integers(name string, ops ...operand.Op) {
	if m.size == 4 {
		m.emit(name+"D", ops...)
	} else {
		m.emit(name+"Q", ops...)
	}
}

// laterLanes returns a function that makes instructions for a mask: the lanes after the first, and each time that they
// run those after one lane more.
func (m *machine) laterLanes(one operand.Op) func() operand.Op {
	if m.bits == 512 {
		bits, mask := m.GP64(), m.K()
		m.MOVQ(operand.I32(-1), bits)
		return func() operand.Op {
			m.ADDQ(bits, bits)
			m.KMOVW(bits.As32(), mask)
			return mask
		}
	}
	at := m.zero()
	return func() operand.Op {
		mask := m.vector()
		m.integers("VPCMPGT", at, m.loaded(m.numbered()), mask)
		m.integers("VPADD", one, at, at)
		return mask
	}
}

// numbered is a vector of the numbers of its lanes, as integers.
func (m *machine) numbered() operand.Mem {
	at := make([]uint64, 8)
	for i := range at {
		at[i] = uint64(i)
		if m.size == 4 {
			at[i] = uint64(2*i+1)<<32 | uint64(2*i)
		}
	}
	return m.words("lanes", at)
}

// either takes the entries of yes in a mask, and those of no elsewhere; all are masks, and no is part of yes.
func (m *machine) either(mask, yes, no operand.Op) operand.Op {
	both := m.both(mask, yes)
	m.join(both, no)
	return no
}

// firsts and seconds put one entry of each pair in the place of both.
func (m *machine) firsts(v operand.Op) operand.Op {
	out := m.vector()
	if m.size == 4 {
		m.VMOVSLDUP(v, out)
	} else {
		m.VMOVDDUP(v, out)
	}
	return out
}

func (m *machine) seconds(v operand.Op) operand.Op {
	if m.size == 8 {
		return m.apply("VUNPCKH", v, v)
	}
	out := m.vector()
	m.VMOVSHDUP(v, out)
	return out
}

func (m *machine) exchanged(v operand.Op) operand.Op {
	if m.size == 4 {
		return m.apply("VPERMIL", operand.U8(0xB1), v)
	}
	return m.apply("VPERMIL", operand.U8(0x55), v)
}

// difference is the entries that are in one mask only.
func (m *machine) difference(a, b operand.Op) operand.Op {
	if m.bits == 256 {
		return m.xor(a, b)
	}
	k := m.K()
	m.KXORW(a, b, k)
	return k
}

// merge returns the pairs of a and b in turn, in two vectors.
func (m *machine) merge(a, b operand.Op) [2]operand.Op {
	switch {
	case m.bits == 512 && m.size == 4:
		return [2]operand.Op{m.select2(a, b, 0, 8, 1, 9, 2, 10, 3, 11), m.select2(a, b, 4, 12, 5, 13, 6, 14, 7, 15)}
	case m.bits == 512:
		return [2]operand.Op{m.select2(a, b, 0, 1, 8, 9, 2, 3, 10, 11), m.select2(a, b, 4, 5, 12, 13, 6, 7, 14, 15)}
	case m.size == 4:
		lower, upper := m.vector(), m.vector()
		m.VUNPCKLPD(b, a, lower)
		m.VUNPCKHPD(b, a, upper)
		a, b = lower, upper
	}
	lower, upper := m.vector(), m.vector()
	m.VPERM2F128(operand.U8(0x20), b, a, lower)
	m.VPERM2F128(operand.U8(0x31), b, a, upper)
	return [2]operand.Op{lower, upper}
}

// split returns every other pair of two vectors, from the first on.
func (m *machine) split(a, b operand.Op) operand.Op {
	switch {
	case m.bits == 512 && m.size == 4:
		return m.select2(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
	case m.bits == 512:
		return m.select2(a, b, 0, 1, 4, 5, 8, 9, 12, 13)
	}
	out := m.vector()
	if m.size == 4 {
		m.VUNPCKLPD(b, a, out)
		m.VPERMPD(operand.U8(0xD8), out, out) // the halves of a before those of b
	} else {
		m.VPERM2F128(operand.U8(0x20), b, a, out)
	}
	return out
}

// select2 picks eight words of 64 bits from two vectors.
func (m *machine) select2(a, b operand.Op, at ...uint64) operand.Op {
	out := m.loaded(a)
	m.VPERMT2PD(b, m.loaded(m.words("select", at)), out)
	return out
}

// alternating is a vector of equal pairs.
func (m *machine) alternating(first, second float64) operand.Mem {
	at := make([]uint64, 8)
	for i := range at {
		switch {
		case m.size == 4:
			at[i] = uint64(math.Float32bits(float32(second)))<<32 | uint64(math.Float32bits(float32(first)))
		case i%2 == 0:
			at[i] = math.Float64bits(first)
		default:
			at[i] = math.Float64bits(second)
		}
	}
	return m.words("pair", at)
}

// words is a vector of eight words of 64 bits in memory.
func (m *machine) words(name string, words []uint64) operand.Mem {
	for _, w := range words {
		name += fmt.Sprintf("_%x", w)
	}
	if mem, ok := m.constants[name]; ok {
		return mem
	}
	mem := m.StaticGlobal(name)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, w := range words {
		m.AddDatum(8*i, operand.U64(w))
	}
	m.constants[name] = mem
	return mem
}
