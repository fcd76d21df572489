package vm

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
)

// scalar is an operation of the tape: one entry of an elementwise op.
type scalar struct {
	code  code
	extra int32 // the number of a kernel, or of a pair of constants
	out   int32
	in    [3]int32
}

// code is an operation that the tape runs without a call: those that scalar programs and
// their derivatives consist of. They compute what Eval of their ops does, bit for bit.
type code int32

const (
	call code = iota // of a kernel
	add
	sub
	mul
	div
	neg
	affine
	abs
	relu
	gate
	step // with a single key
)

// codes are the codes by the names of ops, with the number of operands.
var codes = map[string]struct {
	code code
	args int
}{
	"add": {add, 2}, "sub": {sub, 2}, "mul": {mul, 2}, "div": {div, 2}, "neg": {neg, 1}, "affine": {affine, 1},
	"abs": {abs, 1}, "relu": {relu, 1}, "gate": {gate, 2}, "step": {step, 2},
}

// codeOf returns the code of an application, call if it has none.
func codeOf(op *expr.Op, args int) code {
	if c, ok := codes[op.Name]; ok && c.args == args && !op.IsCustom() {
		return c.code
	}
	return call
}

// runTape runs a part of the tape, which there is in float64 only.
func (m *machine[T]) runTape(lo, hi int) {
	arena := any(m.arena).([]float64)
	tape := m.p.tape[lo:hi]
	for i := range tape {
		s := &tape[i]
		x, y := arena[s.in[0]], arena[s.in[1]]
		switch s.code {
		case add:
			x += y
		case sub:
			x -= y
		case mul:
			x *= y
		case div:
			x /= y
		case neg:
			x = -x
		case affine:
			c := &m.p.pairs[s.extra]
			x = float64(c[0]*x) + c[1]
		case abs:
			x = math.Abs(x)
		case relu:
			if x < 0 {
				x = 0
			}
		case gate:
			if x != 0 {
				x *= y
			} else {
				x = 0 // not −0
			}
		case step:
			switch {
			case x > 0:
				x = 1
			case x < 0:
				x = 0
			case x == 0:
				x = y
			default:
				m.fault.Keep(expr.Fault{Set: true, Node: int(m.p.tapeNode[lo+i]), Why: expr.FaultNaN})
				x = y
			}
		default:
			x = m.p.kernels[s.extra](&m.met, x, y, arena[s.in[2]])
			if m.met.Set {
				m.met.Node = int(m.p.tapeNode[lo+i])
				m.fault.Keep(m.met)
				m.met.Set = false
			}
		}
		arena[s.out] = x
	}
}
