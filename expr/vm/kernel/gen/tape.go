package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/ir"
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
	codeGateAbove
	codeGateBelow
	codeGateSign
	codeGateAdd

	entryVariant, entryExtra, entryOut, entryIn, entryBytes = 0, 4, 8, 12, 24
	heldBit                                                 = 6   // of a variant, from which on it tells the operand that is held
	wideBytes                                               = 128 // a value of the tape of wide values
)

// codes are the names of codes and how many operands their operations have.
var codes = [...]struct {
	name     string
	operands int
}{
	codeAdd: {"Add", 2}, codeSub: {"Sub", 2}, codeMul: {"Mul", 2}, codeDiv: {"Div", 2}, codeNeg: {"Neg", 1},
	codeAffine: {"Affine", 1}, codeAbs: {"Abs", 1}, codeReLU: {"ReLU", 1}, codeGate: {"Gate", 2}, codeStep: {"Step", 2},
	codeMax: {"Max", 2}, codeMin: {"Min", 2}, codeGateStep: {"GateStep", 3}, codeGateAbove: {"GateAbove", 3},
	codeGateBelow: {"GateBelow", 3}, codeGateSign: {"GateSign", 3}, codeGateAdd: {"GateAdd", 3},
}

// tapes are loops for wide values and for those of one entry, which fills a register of 128 bits, the same on all paths.
func tapes(m *machine) {
	m.tape("tape", wideBytes)
	one := *m
	one.bits = 128
	if m.bits == 256 {
		one.tape("tapeOfOne", m.size)
		last := &(*m.fields)[len(*m.fields)-1]
		last.bits = m.bits
		return
	}
	*m.fields = append(*m.fields, field{name: "tapeOfOne", bits: m.bits, size: m.size, value: one.nameOf("tapeOfOne")})
}

// tapeLoop is a threaded interpreter: each variant of an operation is a function that ends with a jump to that of the next
// entry, found in a table. What they share is in registers that no other value takes.
type tapeLoop struct {
	*machine
	name                            string
	bytes                           int // of a value
	entry, end, arena, pairs, table reg.GPPhysical
	held                            []operand.Op // the result of the entry before
}

const tapeSignature = "(entries *uint8, bytes int, arena *%s, pairs *float64) (done int)"

// tape runs entries of a tape until one with another code, or whose switch is NaN, and returns how many bytes of entries it
// has run. The result of an entry stays in registers for the next.
func (m *machine) tape(name string, bytes int) {
	t := &tapeLoop{machine: m, name: m.nameOf(name), bytes: bytes, entry: reg.RSI, end: reg.RDI, arena: reg.RDX, pairs: reg.RCX, table: reg.RBX}
	for _, v := range []reg.VecPhysical{reg.X0, reg.X1, reg.X2, reg.X3}[:max(1, 8*bytes/m.bits)] {
		t.held = append(t.held, m.sized(v))
	}
	functions := map[int]string{}
	m.function(name, fmt.Sprintf(tapeSignature, m.element()))
	m.Load(m.Param("entries"), t.entry)
	m.Load(m.Param("bytes"), t.end)
	m.Load(m.Param("arena"), t.arena)
	m.Load(m.Param("pairs"), t.pairs)
	m.ADDQ(t.entry, t.end)
	table := operand.NewDataAddr(operand.NewStaticSymbol(t.name+"Of"), 0)
	m.LEAQ(table, t.table)
	first := m.GP32()
	m.MOVBLZX(operand.Mem{Base: t.entry, Disp: entryVariant}, first)
	m.ANDL(operand.U8(1<<heldBit-1), first) // it reads all its operands
	t.jump(first.As64())
	for code := codeAdd; code < len(codes); code++ {
		for held := range codes[code].operands + 1 {
			variant := held<<heldBit | code
			functions[variant] = t.variant(variant)
			t.operation(code, held)
			t.goOn()
		}
	}
	stop := t.variant(0)
	done := m.GP64()
	m.MOVQ(t.entry, done)
	m.SUBQ(m.Load(m.Param("entries"), m.GP64()), done)
	m.Store(done, m.ReturnIndex(0))
	m.leave()
	m.StaticGlobal(table.Symbol.Name)
	m.DataAttributes(attr.RODATA | attr.NOPTR)
	for variant := range 1 << 8 {
		f, ok := functions[variant]
		if !ok {
			f = stop
		}
		m.AddDatum(8*variant, address{function: f})
	}
}

// address is that of a static function.
type address struct {
	operand.Constant
	function string
}

func (a address) Asm() string { return "$·" + a.function + "(SB)" }
func (a address) Bytes() int  { return 8 }

// variant begins the function of a variant of a code: of those that stop the loop if it is 0.
func (t *tapeLoop) variant(variant int) (name string) {
	code, held := variant&(1<<heldBit-1), variant>>heldBit
	switch name = t.name + codes[code].name; {
	case code == 0:
		name += "Stop"
	case held > 0:
		name += fmt.Sprint(held)
	}
	name += "<>"
	t.Function(name)
	t.Attributes(attr.NOSPLIT)
	t.SignatureExpr("func" + fmt.Sprintf(tapeSignature, t.element()))
	return name
}

// goOn jumps to the operation of the next entry, and stops after the last.
func (t *tapeLoop) goOn() {
	next, end := t.GP64(), t.label("end")
	t.ADDQ(operand.U8(entryBytes), t.entry)
	t.CMPQ(t.entry, t.end)
	t.JE(operand.LabelRef(end))
	t.MOVBLZX(operand.Mem{Base: t.entry, Disp: entryVariant}, next.As32())
	t.jump(next)
	t.Label(end)
	t.jumpTo(0)
}

// jump goes to the operation of a variant in a register, jumpTo to that of a known one.
func (t *tapeLoop) jump(variant reg.Register) {
	t.leaveTo(operand.Mem{Base: t.table, Index: variant, Scale: 8})
}

func (t *tapeLoop) jumpTo(variant int) { t.leaveTo(operand.Mem{Base: t.table, Disp: 8 * variant}) }

// leaveTo jumps out of a function, which leaves what they share as it is.
func (t *tapeLoop) leaveTo(at operand.Mem) {
	in := append([]operand.Op{at, t.entry, t.end, t.arena, t.pairs, t.table}, t.held...)
	t.Instruction(&ir.Instruction{Opcode: "JMP", Operands: []operand.Op{at}, Inputs: in, IsTerminal: true})
}

// place is the number of the first entry of a value, which a field of the entry of the tape names.
func (t *tapeLoop) place(field int) reg.GPVirtual {
	at := t.GP64()
	t.MOVL(operand.Mem{Base: t.entry, Disp: field}, at.As32())
	return at
}

// operation computes the entry in whole vectors, and stores nothing if a switch is NaN.
func (t *tapeLoop) operation(code, held int) {
	x := values{tapeLoop: t, held: held - 1}
	var result func(v int) operand.Op
	var isNaN func() reg.Register
	switch code {
	case codeAdd:
		result = func(v int) operand.Op { return t.add(x.at(0, v), x.source(1, v)) }
	case codeSub:
		result = func(v int) operand.Op { return t.sub(x.at(0, v), x.source(1, v)) }
	case codeMul:
		result = func(v int) operand.Op { return t.mul(x.at(0, v), x.source(1, v)) }
	case codeDiv:
		result = func(v int) operand.Op { return t.div(x.at(0, v), x.source(1, v)) }
	case codeNeg:
		signs := t.loaded(t.signs())
		result = func(v int) operand.Op { return t.xor(signs, x.source(0, v)) }
	case codeAffine:
		affine := t.affineOf()
		result = func(v int) operand.Op { return affine(x.at(0, v)) }
	case codeAbs:
		magnitudes := t.loaded(t.magnitudes())
		result = func(v int) operand.Op { return t.and(magnitudes, x.source(0, v)) }
	case codeReLU:
		zero := t.zero()
		result = func(v int) operand.Op { return t.larger(zero, x.source(0, v)) }
	case codeGate:
		zero := t.zero()
		result = func(v int) operand.Op { return t.gated(x.at(0, v), x.source(1, v), zero) }
	case codeStep:
		var step func(z, slot operand.Op) operand.Op
		step, isNaN = t.stepper()
		result = func(v int) operand.Op { return step(x.at(0, v), x.at(1, v)) }
	case codeMax:
		result = func(v int) operand.Op { return t.maximum(x.at(0, v), x.at(1, v)) }
	case codeMin:
		result = func(v int) operand.Op { return t.minimum(x.at(0, v), x.at(1, v)) }
	case codeGateStep:
		var step func(z, slot operand.Op) operand.Op
		step, isNaN = t.stepper()
		affine, zero := t.affineOf(), t.zero()
		result = func(v int) operand.Op {
			return t.gated(affine(step(x.at(0, v), x.at(1, v))), x.source(2, v), zero)
		}
	case codeGateAbove, codeGateBelow, codeGateSign:
		result = x.gateOfSwitches(code, held<<heldBit|codeGateStep)
	case codeGateAdd:
		zero := t.zero()
		result = func(v int) operand.Op {
			return t.add(t.gated(x.at(0, v), x.source(1, v), zero), x.source(2, v))
		}
	}
	for v, to := range t.held {
		t.do("VMOVU", result(v), to)
	}
	if isNaN != nil {
		t.unless(isNaN(), 0)
	}
	out := t.place(entryOut)
	for v, r := range t.held {
		t.stored(r, t.vectorAt(out, v))
	}
}

// unless leaves the entry to another variant if something was found.
func (t *tapeLoop) unless(found reg.Register, variant int) {
	none := t.label("none")
	t.TESTB(found, found)
	t.JE(operand.LabelRef(none))
	t.jumpTo(variant)
	t.Label(none)
}

// values are the operands of an entry.
type values struct {
	*tapeLoop
	held   int // which of them is that of the loop; −1 for none
	places [3]reg.GPVirtual
}

// vector is vector v of an operand in the arena.
func (x *values) vector(i, v int) operand.Mem {
	if x.places[i] == nil {
		x.places[i] = x.place(entryIn + 4*i)
	}
	return x.vectorAt(x.places[i], v)
}

// at returns a register with vector v of an operand.
func (x *values) at(i, v int) operand.Op {
	if i == x.held {
		return x.tapeLoop.held[v]
	}
	return x.fetched(x.vector(i, v))
}

// source is what an instruction may read for vector v of an operand: memory if that is whole there.
func (x *values) source(i, v int) operand.Op {
	if i == x.held || x.isOne() {
		return x.at(i, v)
	}
	return x.vector(i, v)
}

// gateOfSwitches is codeGateStep for pairs of constants with which the steps of numbers but 0 are −1, 0 or 1: the product is
// the operand, with another sign, or 0. If a switch is 0 or NaN, another variant does all.
func (x *values) gateOfSwitches(code, otherwise int) func(v int) operand.Op {
	zero, odd := x.zero(), x.noMask()
	var z []operand.Op
	for v := range x.tapeLoop.held {
		z = append(z, x.at(0, v))
		x.join(x.compare(z[v], equalOrUnordered, zero), odd)
	}
	x.unless(x.any(odd), otherwise)
	choose := x.chooser(code, zero)
	return func(v int) operand.Op { return choose(z[v], x.source(2, v)) }
}

// isOne reports whether values have one entry.
func (t *tapeLoop) isOne() bool { return t.bytes == t.size }

// vectorAt is vector v of a value in the arena.
func (t *tapeLoop) vectorAt(place reg.GPVirtual, v int) operand.Mem {
	return operand.Mem{Base: t.arena, Index: place, Scale: uint8(t.size), Disp: v * t.bits / 8}
}

// fetched loads a vector; a value of one entry fills all lanes, so that none of them holds what could be NaN alone.
func (t *tapeLoop) fetched(from operand.Mem) operand.Op {
	if t.isOne() {
		return t.filled(from)
	}
	return t.loaded(from)
}

func (t *tapeLoop) stored(x operand.Op, to operand.Mem) {
	switch {
	case !t.isOne():
		t.do("VMOVU", x, to)
	case t.size == 4:
		t.VMOVSS(x, to)
	default:
		t.VMOVSD(x, to)
	}
}

// affineOf loads the pair of constants of an entry.
func (t *tapeLoop) affineOf() func(x operand.Op) operand.Op {
	pair, d := t.place(entryExtra), t.doubled()
	t.SHLQ(operand.U8(4), pair)
	at := operand.Mem{Base: t.pairs, Index: pair, Scale: 1}
	a, b := d.filled(at), d.filled(at.Offset(8))
	return func(x operand.Op) operand.Op {
		return t.double(x, func(d *machine, x operand.Op) operand.Op { return d.add(d.mul(x, a), b) })
	}
}
