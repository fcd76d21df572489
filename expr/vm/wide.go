package vm

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// runWide runs a part of the tape for several lanes, along the kernels.
func (m *machine[T]) runWide(lo, hi int) {
	k := &m.vectors
	for at := lo; at < hi; at++ {
		s := &m.p.tape[at]
		out, x, y, z := m.lanes(s.out), m.lanes(s.in[0]), m.lanes(s.in[1]), m.lanes(s.in[2])
		isNaN := false
		switch s.code {
		case expr.CodeAdd:
			k.Add(out, x, y)
		case expr.CodeSub:
			k.Sub(out, x, y)
		case expr.CodeMul:
			k.Mul(out, x, y)
		case expr.CodeDiv:
			k.Div(out, x, y)
		case expr.CodeNeg:
			k.Neg(out, x)
		case expr.CodeAffine:
			c := &m.p.pairs[s.extra]
			k.Affine(out, x, c[0], c[1])
		case expr.CodeAbs:
			k.Abs(out, x)
		case expr.CodeReLU:
			k.ReLU(out, x)
		case expr.CodeMax:
			k.Max(out, x, y)
		case expr.CodeMin:
			k.Min(out, x, y)
		case expr.CodeGate:
			k.Gate(out, x, y)
		case expr.CodeGateAdd:
			k.GateAdd(out, x, y, z)
		case expr.CodeStep:
			isNaN = k.Step(out, x, y)
		case expr.CodeGateStep:
			c := &m.p.pairs[s.extra]
			isNaN = k.GateStep(out, x, y, z, c[0], c[1])
		default:
			m.callLanes(at, out, x, y, z)
		}
		if isNaN {
			entry := slices.IndexFunc(x, func(v T) bool { return v != v })
			m.fault.Keep(expr.Fault{Set: true, Node: int(m.p.tapeNode[at]), Entry: entry, Why: expr.FaultNaN})
		}
	}
}

// lanes are a value of the tape in all lanes that run at once.
func (m *machine[T]) lanes(at int32) []T { return m.arena[at : at+wide : at+wide] }

// callLanes calls the kernel of an entry of the tape lane by lane.
func (m *machine[T]) callLanes(at int, out, x, y, z []T) {
	f := m.p.kernels[m.p.tape[at].extra]
	for i := range out {
		out[i] = T(f(&m.met, float64(x[i]), float64(y[i]), float64(z[i])))
		if m.met.Set {
			m.met.Node, m.met.Entry = int(m.p.tapeNode[at]), i
			m.fault.Keep(m.met)
			m.met.Set = false
		}
	}
}
