package vm

import "github.com/tamegrad/tamegrad/expr"

// machine runs the instructions of a program on an arena of its own.
type machine[T expr.Real] struct {
	p       *Program
	arena   []T
	kernels []kernel[T]
	calls   []expr.Call[T]
	fault   expr.Fault
}

// newMachine returns a machine whose constants are folded if they are known.
func newMachine[T expr.Real](p *Program) *machine[T] {
	m := &machine[T]{
		p: p, arena: make([]T, p.base[regions]),
		kernels: make([]kernel[T], len(p.code)), calls: make([]expr.Call[T], len(p.code)),
	}
	if known, ok := p.folded.([]T); ok {
		copy(m.arena, known)
	}
	work, scratch, wide := make([]int, p.work), make([]T, p.scratch), make([]float64, p.wide)
	for i := range p.code {
		if in := &p.code[i]; in.op != nil {
			m.bind(i, in, work, scratch, wide)
		}
	}
	return m
}

func (m *machine[T]) view(s span) []T {
	return m.arena[s.at : s.at+s.size : s.at+s.size]
}

func (m *machine[T]) bind(i int, in *instruction, work []int, scratch []T, wide []float64) {
	c := &m.calls[i]
	*c = expr.Call[T]{
		Out: m.view(in.out), Shape: in.shape, Shapes: in.shapes, Attr: in.attr,
		Index: in.index, Work: work, Scratch: scratch, Fault: &m.fault, Node: in.node,
	}
	for _, s := range in.in {
		c.In = append(c.In, m.view(s))
	}
	if m.kernels[i] = kernelOf[T](in.op); m.kernels[i] == nil {
		m.kernels[i] = widened(in.op, c, wide)
	}
}

// run executes the instructions lo to hi.
func (m *machine[T]) run(lo, hi int) {
	for i := lo; i < hi; i++ {
		if k := m.kernels[i]; k != nil {
			k(&m.calls[i])
		} else {
			m.runTape(m.p.code[i].lo, m.p.code[i].hi)
		}
	}
}

func (m *machine[T]) runTape(lo, hi int) {
	arena, kernels := m.arena, m.p.kernels
	for i, s := range m.p.tape[lo:hi] {
		x, y, z := arena[s.in[0]], arena[s.in[1]], arena[s.in[2]]
		arena[s.out] = T(kernels[s.kernel](&m.fault, float64(x), float64(y), float64(z)))
		if m.fault.Set && m.fault.Node == expr.Unplaced {
			m.fault.Node = int(m.p.tapeNode[lo+i])
		}
	}
}

// fold computes the constants once and for all, in the precision of the program,
// and drops their instructions.
func (p *Program) fold() {
	if p.options.Precision == Float32 {
		p.folded, p.fault = folded[float32](p)
	} else {
		p.folded, p.fault = folded[float64](p)
	}
	p.code, p.common, p.constants = p.code[p.constants:], p.common-p.constants, 0
}

func folded[T expr.Real](p *Program) ([]T, expr.Fault) {
	if p.constants == 0 {
		return nil, expr.Fault{}
	}
	m := newMachine[T](p)
	m.run(0, p.constants)
	return m.arena[:p.base[constants+1]:p.base[constants+1]], m.fault
}
