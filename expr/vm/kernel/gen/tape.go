package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The codes of package kernel that the tape runs, and where an entry has its fields.
const (
	codeAdd = 1 + iota
	codeSub
	codeMul
	codeDiv
	codeNeg
	codeAffine
	codeAbs
	codeReLU
	codeGate
	codeStep
	codeMax
	codeMin
	codeGateStep
	codeGateAdd

	entryCode, entryExtra, entryOut, entryIn, entryBytes = 0, 4, 8, 12, 24
	valueBytes                                           = 128 // a value of the tape
)

// tape runs entries of a tape until one with another code, or whose switch is NaN, and returns how many it has run.
func tape(m *machine) {
	m.function("tape", "(entries *int32, n int, arena *"+m.element()+", pairs *float64) (done int)")
	t := &tapeLoop{machine: m, entry: m.load("entries"), arena: m.load("arena"), pairs: m.load("pairs")}
	left, done := m.load("n"), m.GP64()
	loop := m.label("loop")
	t.next, t.stop = m.label("next"), m.label("stop")
	m.XORQ(done, done)
	m.Label(loop)
	m.CMPQ(done, left)
	m.JE(operand.LabelRef(t.stop))
	for i := range t.in {
		t.in[i] = t.value(entryIn + 4*i)
	}
	t.out = t.value(entryOut)
	code := m.GP32()
	m.MOVL(operand.Mem{Base: t.entry, Disp: entryCode}, code)
	t.dispatch(code, codeAdd, codeGateAdd)
	m.Label(t.next)
	m.ADDQ(operand.U8(entryBytes), t.entry)
	m.INCQ(done)
	m.JMP(operand.LabelRef(loop))
	m.Label(t.stop)
	m.Store(done, m.ReturnIndex(0))
	m.leave()
}

type tapeLoop struct {
	*machine
	entry, arena, pairs reg.GPVirtual
	in                  [3]reg.GPVirtual
	out                 reg.GPVirtual
	next, stop          string
}

// value is the address of the value that a field of the entry names.
func (t *tapeLoop) value(field int) reg.GPVirtual {
	at := t.GP64()
	t.MOVLQSX(operand.Mem{Base: t.entry, Disp: field}, at)
	t.LEAQ(operand.Mem{Base: t.arena, Index: at, Scale: uint8(t.size)}, at)
	return at
}

// dispatch goes to the code's operation by halving the codes from lo to hi; others stop the loop.
func (t *tapeLoop) dispatch(code reg.Register, lo, hi int) {
	if lo == hi {
		t.CMPL(code, operand.U8(lo))
		t.JNE(operand.LabelRef(t.stop))
		t.operation(lo)
		t.JMP(operand.LabelRef(t.next))
		return
	}
	mid, upper := (lo+hi)/2, t.label("above")
	t.CMPL(code, operand.U8(mid))
	t.JG(operand.LabelRef(upper))
	t.dispatch(code, lo, mid)
	t.Label(upper)
	t.dispatch(code, mid+1, hi)
}

// operation computes the entry in whole vectors, and stores nothing if a switch is NaN.
func (t *tapeLoop) operation(code int) {
	var step func(z, slot operand.Op) operand.Op
	var isNaN func() reg.Register
	if code == codeStep || code == codeGateStep {
		step, isNaN = t.stepper()
	}
	a, b := t.affineOf(code)
	var results []operand.Op
	for at := 0; at < valueBytes; at += t.bits / 8 {
		in := func(i int) operand.Op { return t.loaded(operand.Mem{Base: t.in[i], Disp: at}) }
		affine := func(x operand.Op) operand.Op {
			return t.double(x, func(d *machine, x operand.Op) operand.Op { return d.add(d.mul(x, a), b) })
		}
		var r operand.Op
		switch code {
		case codeAdd:
			r = t.add(in(0), in(1))
		case codeSub:
			r = t.sub(in(0), in(1))
		case codeMul:
			r = t.mul(in(0), in(1))
		case codeDiv:
			r = t.div(in(0), in(1))
		case codeNeg:
			r = t.xor(in(0), t.signs())
		case codeAffine:
			r = affine(in(0))
		case codeAbs:
			r = t.and(in(0), t.magnitudes())
		case codeReLU:
			r = t.larger(t.zero(), in(0))
		case codeGate:
			r = t.gated(in(0), in(1), t.zero())
		case codeStep:
			r = step(in(0), in(1))
		case codeMax:
			r = t.maximum(in(0), in(1))
		case codeMin:
			r = t.minimum(in(0), in(1))
		case codeGateStep:
			r = t.gated(affine(step(in(0), in(1))), in(2), t.zero())
		case codeGateAdd:
			r = t.add(in(2), t.gated(in(0), in(1), t.zero()))
		}
		results = append(results, r)
	}
	if isNaN != nil {
		found := isNaN()
		t.TESTB(found, found)
		t.JNE(operand.LabelRef(t.stop))
	}
	for i, r := range results {
		t.do("VMOVU", r, operand.Mem{Base: t.out, Disp: i * t.bits / 8})
	}
}

// affineOf loads the pair of constants of an entry whose code has one.
func (t *tapeLoop) affineOf(code int) (a, b operand.Op) {
	if code != codeAffine && code != codeGateStep {
		return nil, nil
	}
	pair := t.GP64()
	t.MOVLQSX(operand.Mem{Base: t.entry, Disp: entryExtra}, pair)
	t.SHLQ(operand.U8(4), pair)
	var out [2]operand.Op
	for i := range out {
		v := t.vector()
		t.VBROADCASTSD(operand.Mem{Base: t.pairs, Index: pair, Scale: 1, Disp: 8 * i}, v)
		out[i] = v
	}
	return out[0], out[1]
}
