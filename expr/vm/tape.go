package vm

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
)

// scalar is an operation of the tape: one entry of an elementwise op.
type scalar struct {
	code  expr.Code // NoCode is the call of a kernel
	extra int32     // the number of a kernel, or of a pair of constants
	out   int32
	in    [3]int32
}

// wide is how many lanes of a long program of scalars the tape runs at once: a vector of
// the widest registers in float64.
const wide = 8

// tapeWidth returns how many entries a value of the tape has.
func (p *Program) tapeWidth() int32 {
	if p.block == wide {
		return wide
	}
	return 1
}

// runTape runs a part of the tape for one lane, which there is in float64 only.
func (m *machine[T]) runTape(lo, hi int) {
	arena := any(m.arena).([]float64)
	tape := m.p.tape[lo:hi]
	for i := range tape {
		s := &tape[i]
		x, y := arena[s.in[0]], arena[s.in[1]]
		switch s.code {
		case expr.CodeAdd:
			x += y
		case expr.CodeSub:
			x -= y
		case expr.CodeMul:
			x *= y
		case expr.CodeDiv:
			x /= y
		case expr.CodeNeg:
			x = -x
		case expr.CodeAffine:
			c := &m.p.pairs[s.extra]
			x = float64(c[0]*x) + c[1]
		case expr.CodeAbs:
			x = math.Abs(x)
		case expr.CodeReLU:
			if x < 0 {
				x = 0
			}
		case expr.CodeGate:
			if x != 0 {
				x *= y
			} else {
				x = 0 // not −0
			}
		case expr.CodeStep:
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
		case expr.CodeMax:
			x = max(x, y)
		case expr.CodeMin:
			x = min(x, y)
		case expr.CodeGateStep:
			if x > 0 {
				y = 1
			} else if x < 0 {
				y = 0
			} else if x != x {
				m.fault.Keep(expr.Fault{Set: true, Node: int(m.p.tapeNode[lo+i]), Why: expr.FaultNaN})
			}
			c := &m.p.pairs[s.extra]
			if y = float64(c[0]*y) + c[1]; y != 0 {
				x = y * arena[s.in[2]]
			} else {
				x = 0
			}
		case expr.CodeGateAdd:
			if x != 0 {
				x = arena[s.in[2]] + float64(x*y)
			} else {
				x = arena[s.in[2]] + 0 // not −0
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
