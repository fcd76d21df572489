package vm

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// wide returns how many lanes of a long program of scalars the tape runs at once: a
// vector of the widest registers.
func (p Precision) wide() int32 {
	if p == Float32 {
		return int32(simd.Wide[float32]())
	}
	return int32(simd.Wide[float64]())
}

// tapeWidth returns how many entries a value of the tape has.
func (p *Program) tapeWidth() int32 {
	if wide := p.options.Precision.wide(); int32(p.block) == wide {
		return wide
	}
	return 1
}

// runTape runs a part of the tape for one lane.
func (m *machine[T]) runTape(lo, hi int) {
	arena, tape := m.arena, m.p.tape[lo:hi]
	for i := range tape {
		s := &tape[i]
		x, y := arena[s.In[0]], arena[s.In[1]]
		switch s.Code {
		case simd.CodeAdd:
			x += y
		case simd.CodeSub:
			x -= y
		case simd.CodeMul:
			x *= y
		case simd.CodeDiv:
			x /= y
		case simd.CodeNeg:
			x = -x
		case simd.CodeAffine:
			c := &m.p.pairs[s.Extra]
			x = T(float64(c[0]*float64(x)) + c[1])
		case simd.CodeAbs:
			x = T(math.Abs(float64(x)))
		case simd.CodeReLU:
			if x < 0 {
				x = 0
			}
		case simd.CodeGate:
			if x != 0 {
				x *= y
			} else {
				x = 0 // not −0
			}
		case simd.CodeStep:
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
		case simd.CodeMax:
			x = max(x, y)
		case simd.CodeMin:
			x = min(x, y)
		case simd.CodeGateStep:
			if x > 0 {
				y = 1
			} else if x < 0 {
				y = 0
			} else if x != x {
				m.fault.Keep(expr.Fault{Set: true, Node: int(m.p.tapeNode[lo+i]), Why: expr.FaultNaN})
			}
			c := &m.p.pairs[s.Extra]
			if y = T(float64(c[0]*float64(y)) + c[1]); y != 0 {
				x = y * arena[s.In[2]]
			} else {
				x = 0
			}
		case simd.CodeGateAdd:
			if x != 0 {
				x = arena[s.In[2]] + T(x*y)
			} else {
				x = arena[s.In[2]] + 0 // not −0
			}
		default:
			x = T(m.p.kernels[s.Extra](&m.met, float64(x), float64(y), float64(arena[s.In[2]])))
			if m.met.Set {
				m.met.Node = int(m.p.tapeNode[lo+i])
				m.fault.Keep(m.met)
				m.met.Set = false
			}
		}
		arena[s.Out] = x
	}
}
