package vm

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// runWide runs a part of the tape for several lanes.
func (m *machine[T]) runWide(lo, hi int) {
	for lo < hi {
		lo += simd.RunTape(m.p.tape[lo:hi], m.arena, m.p.pairs)
		if lo < hi {
			m.runWideEntry(lo)
			lo++
		}
	}
}

// runWideEntry runs an entry of the tape along the kernels.
func (m *machine[T]) runWideEntry(at int) {
	k, s := &m.vectors, &m.p.tape[at]
	out, x, y, z := m.lanes(s.Out), m.lanes(s.In[0]), m.lanes(s.In[1]), m.lanes(s.In[2])
	isNaN := false
	switch s.Code {
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
	case simd.CodeGateStep:
		c := &m.p.pairs[s.Extra]
		isNaN = k.GateStep(out, x, y, z, c[0], c[1])
	default:
		m.callLanes(at, out, x, y, z)
	}
	if isNaN {
		entry := slices.IndexFunc(x, func(v T) bool { return v != v })
		m.fault.Keep(expr.Fault{Set: true, Node: int(m.p.tapeNode[at]), Entry: entry, Why: expr.FaultNaN})
	}
}

// lanes are a value of the tape in all lanes that run at once.
func (m *machine[T]) lanes(at int32) []T {
	wide := int32(simd.Wide[T]())
	return m.arena[at : at+wide : at+wide]
}

// callLanes calls the kernel of an entry of the tape lane by lane.
func (m *machine[T]) callLanes(at int, out, x, y, z []T) {
	f := m.p.kernels[m.p.tape[at].Extra]
	for i := range out {
		out[i] = T(f(&m.met, float64(x[i]), float64(y[i]), float64(z[i])))
		if m.met.Set {
			m.met.Node, m.met.Entry = int(m.p.tapeNode[at]), i
			m.fault.Keep(m.met)
			m.met.Set = false
		}
	}
}
