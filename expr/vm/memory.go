package vm

import "github.com/tamegrad/tamegrad/expr"

// memory plans the arena: every value gets a span, and a span is used again
// when nobody needs its value any more. Inputs, outputs and values that depend
// on no input keep theirs.
type memory struct {
	spans []span  // by node id of a distinct value
	home  []int32 // the value whose span a view shares
	last  []int   // by home: the last instruction that reads it
	free  map[int][]int
	top   int
}

const forever = int(^uint(0) >> 1)

// place assigns spans to all instructions, inputs and outputs.
func (p *Program) place(v *values) {
	m := &memory{
		spans: make([]span, len(v.same)), home: make([]int32, len(v.same)),
		last: make([]int, len(v.same)), free: map[int][]int{},
	}
	p.lifetimes(m, v)
	inputs := append(p.f.In(), p.f.Slots()...)
	for _, n := range inputs {
		m.spans[n.ID()] = m.take(n.Shape().Size())
		p.inputs = append(p.inputs, m.spans[n.ID()])
	}
	for i := range p.code {
		p.placeOne(m, v, i)
	}
	for _, n := range p.f.Out() {
		p.outputs = append(p.outputs, m.spans[v.value(n).ID()])
	}
	p.arena = m.top
}

// lifetimes finds the last reader of every value.
func (p *Program) lifetimes(m *memory, v *values) {
	for id := range m.home {
		m.home[id] = int32(id)
	}
	for i, c := range p.code {
		n := p.f.Out()[0].At(c.node)
		for k, a := range v.args(n) {
			h := m.home[a.ID()]
			if c.op.View && k == 0 {
				m.home[c.node] = h
			}
			m.last[h] = max(m.last[h], i)
		}
		if i < p.static {
			m.last[m.home[c.node]] = forever
		}
	}
	for _, n := range append(append(p.f.In(), p.f.Slots()...), p.f.Out()...) {
		m.last[m.home[v.value(n).ID()]] = forever
	}
}

func (p *Program) placeOne(m *memory, v *values, i int) {
	c := &p.code[i]
	args := v.args(p.f.Out()[0].At(c.node))
	for _, a := range args {
		c.in = append(c.in, m.spans[a.ID()])
	}
	home := m.home[c.node]
	switch {
	case c.op.View:
		c.out = m.spans[args[0].ID()]
	case c.op.Elementwise && m.reuse(c, args, i):
	default:
		c.out = m.take(c.shape.Size())
	}
	m.spans[c.node] = c.out
	if c.op.Work != nil {
		p.work = max(p.work, c.op.Work(c.in0))
	}
	m.release(args, home, i)
}

// reuse writes an elementwise result over an operand that dies here.
func (m *memory) reuse(c *instruction, args []expr.Node, i int) bool {
	for k, a := range args {
		if m.last[m.home[a.ID()]] == i && c.in0[k] == c.shape {
			c.out = c.in[k]
			m.last[m.home[a.ID()]] = forever // the span has a new owner
			return true
		}
	}
	return false
}

// release frees the spans of operands that nobody reads any more.
func (m *memory) release(args []expr.Node, own int32, i int) {
	for _, a := range args {
		h := m.home[a.ID()]
		if m.last[h] == i && h != own {
			s := m.spans[h]
			m.free[s.size] = append(m.free[s.size], s.at)
			m.last[h] = forever
		}
	}
}

func (m *memory) take(size int) span {
	if list := m.free[size]; len(list) > 0 {
		m.free[size] = list[:len(list)-1]
		return span{list[len(list)-1], size}
	}
	const line = 8 // float64s of a cache line
	at := m.top
	m.top += (size + line - 1) / line * line
	return span{at, size}
}
