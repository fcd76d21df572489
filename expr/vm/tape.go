package vm

import (
	"slices"

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

// runTape runs a part of the tape.
func (m *machine[T]) runTape(lo, hi int) {
	for lo < hi {
		lo += m.tape(m.p.tape[lo:hi], m.arena, m.p.pairs)
		if lo < hi {
			m.runEntry(lo)
			lo++
		}
	}
}

// runEntry runs an entry at which the loop stops: one without a code, or whose switch is NaN.
func (m *machine[T]) runEntry(at int) {
	s, width := &m.p.tape[at], m.p.tapeWidth()
	if s.Variant.Code() == simd.NoCode && width == 1 {
		m.arena[s.Out] = m.call(at, 0, m.arena[s.In[0]], m.arena[s.In[1]], m.arena[s.In[2]])
		return
	}
	m.runAlong(at, width)
}

// call calls the kernel of an entry of the tape for one lane.
func (m *machine[T]) call(at, lane int, x, y, z T) T {
	out := T(m.p.kernels[m.p.tape[at].Extra](&m.met, float64(x), float64(y), float64(z)))
	if m.met.Set {
		m.met.Node, m.met.Entry = int(m.p.tapeNode[at]), lane
		m.fault.Keep(m.met)
		m.met.Set = false
	}
	return out
}

// runAlong runs an entry of the tape along the kernels on vectors, in so many lanes.
func (m *machine[T]) runAlong(at int, width int32) {
	k, s := &m.vectors, &m.p.tape[at]
	lanes := func(at int32) []T { return m.arena[at : at+width : at+width] }
	out, x, y, z := lanes(s.Out), lanes(s.In[0]), lanes(s.In[1]), lanes(s.In[2])
	isNaN := false
	switch s.Variant.Code() {
	case simd.CodeAdd:
		k.Add(out, x, y)
	case simd.CodeSub:
		k.Sub(out, x, y)
	case simd.CodeMul:
		k.Mul(out, x, y)
	case simd.CodeDiv:
		k.Div(out, x, y)
	case simd.CodeNeg:
		k.Neg(out, x)
	case simd.CodeAffine:
		c := &m.p.pairs[s.Extra]
		k.Affine(out, x, c[0], c[1])
	case simd.CodeAbs:
		k.Abs(out, x)
	case simd.CodeReLU:
		k.ReLU(out, x)
	case simd.CodeMax:
		k.Max(out, x, y)
	case simd.CodeMin:
		k.Min(out, x, y)
	case simd.CodeGate:
		k.Gate(out, x, y)
	case simd.CodeGateAdd:
		k.GateAdd(out, x, y, z)
	case simd.CodeStep:
		isNaN = k.Step(out, x, y)
	case simd.CodeGateStep, simd.CodeGateAbove, simd.CodeGateBelow, simd.CodeGateSign:
		c := &m.p.pairs[s.Extra]
		isNaN = k.GateStep(out, x, y, z, c[0], c[1])
	default:
		for i := range out {
			out[i] = m.call(at, i, x[i], y[i], z[i])
		}
	}
	if isNaN {
		entry := slices.IndexFunc(x, func(v T) bool { return v != v })
		m.fault.Keep(expr.Fault{Set: true, Node: int(m.p.tapeNode[at]), Entry: entry, Why: expr.FaultNaN})
	}
}
