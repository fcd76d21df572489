package vm

import (
	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// machine runs the instructions of a program on an arena of its own.
type machine[T expr.Real] struct {
	p       *Program
	arena   []T
	kernels []kernel[T] // nil for parts of the tape, and for groups
	calls   []expr.Call[T]
	groups  []*group[T] // by instruction
	bound   int         // operations of groups, one for each block that it is bound to
	tape    simd.Tape[T]
	vectors simd.Vectors[T] // for entries at which the tape stops
	team    expr.Team
	fault   expr.Fault
	met     expr.Fault // by an operation of the tape
}

// newMachine returns a machine whose constants are folded if they are known; with more
// than one worker these share large operations.
func newMachine[T expr.Real](p *Program, workers int) *machine[T] {
	m := &machine[T]{
		p: p, tape: simd.TapeOfOne[T](), vectors: simd.Of[T](), arena: make([]T, p.base[regions]),
		kernels: make([]kernel[T], len(p.code)), calls: make([]expr.Call[T], len(p.code)), groups: make([]*group[T], len(p.code)),
	}
	if p.tapeWidth() > 1 {
		m.tape = simd.TapeOfWide[T]()
	}
	if workers > 1 {
		m.team = newTeam(workers)
	}
	if known, ok := p.folded.([]T); ok {
		copy(m.arena, known)
	}
	work, scratch, wide := make([]int, p.work), make([]T, p.scratch), make([]float64, p.wide)
	for i := range p.code {
		in := &p.code[i]
		if in.op != nil {
			m.kernels[i] = m.bind(&m.calls[i], in, work, scratch, wide, &m.fault)
		}
		if len(in.members) > 0 {
			m.groups[i] = m.bindGroup(in, workers)
		}
	}
	return m
}

func (m *machine[T]) view(s span) []T {
	return m.arena[s.at : s.at+s.size : s.at+s.size]
}

// bind makes the call of an instruction and returns its kernel.
func (m *machine[T]) bind(c *expr.Call[T], in *instruction, work []int, scratch []T, wide []float64, fault *expr.Fault) kernel[T] {
	m.makeCall(c, in, work, scratch, fault)
	return kernelFor(c, in.op, wide)
}

// kernelFor returns the kernel of an op for a call.
func kernelFor[T expr.Real](c *expr.Call[T], op *expr.Op, wide []float64) kernel[T] {
	if k := kernelOf[T](op); k != nil {
		return k
	}
	return widened(op, c, wide)
}

func (m *machine[T]) makeCall(c *expr.Call[T], in *instruction, work []int, scratch []T, fault *expr.Fault) {
	*c = expr.Call[T]{
		Out: m.view(in.out), Shape: in.shape, Shapes: in.shapes, Attr: in.attr,
		Index: in.index, Work: work, Scratch: scratch, Fault: fault, Node: in.node, Team: m.team,
	}
	for _, s := range in.in {
		c.In = append(c.In, m.view(s))
	}
}

// run executes the instructions lo to hi.
func (m *machine[T]) run(lo, hi int) {
	for i := lo; i < hi; i++ {
		switch k := m.kernels[i]; {
		case k != nil:
			k(&m.calls[i])
		case m.groups[i] != nil:
			m.runGroup(m.groups[i])
		default:
			m.runTape(m.p.code[i].lo, m.p.code[i].hi)
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
	m := newMachine[T](p, 1)
	m.run(0, p.constants)
	return m.arena[:p.base[constants+1]:p.base[constants+1]], m.fault
}
