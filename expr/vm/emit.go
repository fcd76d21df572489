package vm

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// kernelKey names a scalar kernel: an op with so many operands and attributes.
type kernelKey struct {
	op       *expr.Op
	args, at int
	a, b     float64
}

// emitter turns values into instructions.
type emitter struct {
	p       *Program
	m       *memory
	kernels map[kernelKey]int32
	pairs   map[[2]uint64]int32
	in      []span // a buffer: the places of operands
}

// reserve makes room for a tape of all scalars, which growing would copy over and over.
func (e *emitter) reserve() {
	p, scalars := e.p, 0
	for _, i := range e.m.list {
		if e.m.span[i].size == p.tapeWidth() {
			scalars++
		}
	}
	p.tape, p.tapeNode = make([]simd.Entry, 0, scalars), make([]int32, 0, scalars)
}

// emit adds the instruction of value i; views need none.
func (e *emitter) emit(i int32) {
	p, m := e.p, e.m
	e.in = e.in[:0]
	for _, a := range m.v.operands(i) {
		e.in = append(e.in, m.span[a])
	}
	out := m.span[i]
	if m.skip[i] >= 0 || m.v.region[i] == laned && e.onTape(i, out, e.in) {
		return
	}
	op, in := m.v.op(i), slices.Clone(e.in)
	c := instruction{op: op, node: m.v.id(i), out: out, in: in, shape: m.v.shape(i), shapes: m.v.shapes(i), attr: m.v.attr(i)}
	if op.Index != nil {
		c.index = op.Index(c.shapes, c.shape, c.attr)
	}
	if m.group != nil && m.group[i] > 0 && !m.isLong(i) { // it needs no more than it keeps
		e.join(c, i)
		e.enter(i)
		return
	}
	if op.Work != nil {
		p.work = max(p.work, op.Work(c.shapes))
	}
	if op.Scratch != nil {
		p.scratch = max(p.scratch, op.Scratch(c.shapes, c.attr))
	}
	longest := int32(expr.MaxSize)
	if m.group != nil && m.group[i] > 0 {
		longest = m.entries
		e.join(c, i)
	} else {
		p.code = append(p.code, c)
	}
	if p.options.Precision != Float64 && op.Eval32 == nil {
		wide := int(min(out.size, longest))
		for _, s := range in {
			wide += int(min(s.size, longest))
		}
		p.wide = max(p.wide, wide)
	}
	e.enter(i)
}

// enter counts the last instruction to the region of value i.
func (e *emitter) enter(i int32) {
	switch p := e.p; e.m.v.region[i] {
	case constants:
		p.constants, p.common = len(p.code), len(p.code)
	case shared:
		p.common = len(p.code)
	}
}

// join adds an operation to its group, which is the last instruction if it has begun.
func (e *emitter) join(c instruction, i int32) {
	p, m := e.p, e.m
	last := len(p.code) - 1
	if last < 0 || p.code[last].group != m.group[i] {
		p.code = append(p.code, instruction{group: m.group[i], entries: m.size(i), node: c.node, out: c.out})
		last++
	}
	mb := member{instruction: c, ends: m.isEnd[i], begins: c.op.ByBlocks != nil, whole: -1}
	if mb.begins {
		mb.whole = c.op.ByBlocks.Whole
	}
	for _, a := range m.v.operands(i) {
		mb.advance = append(mb.advance, !m.short[m.home[a]])
	}
	mb.advance = append(mb.advance, !m.short[i])
	p.code[last].members = append(p.code[last].members, mb)
}

// onTape adds the value to the tape if it is a scalar, of one lane or of as many as the
// tape runs at once, and depends on inputs.
func (e *emitter) onTape(i int32, out span, in []span) bool {
	p, op := e.p, e.m.v.op(i)
	width := p.tapeWidth()
	if out.size != width || len(in) > 3 {
		return false
	}
	for _, s := range in {
		if s.size != width {
			return false
		}
	}
	c, code := simd.Entry{Out: out.at}, simd.NoCode
	if len(in) == op.MinArgs {
		code = op.Code
	}
	switch at := e.m.v.attr(i); code {
	case simd.CodeAffine:
		c.Extra = e.pair(at[0].Float(), at[1].Float())
	case simd.CodeGateStep:
		a, b := at[0].Float(), at[1].Float()
		code, c.Extra = simd.GateStepOf(a, b), e.pair(a, b)
	case simd.NoCode:
		if p.options.Precision != Float64 && width > 1 { // a kernel for all lanes takes less time
			return false
		}
		if c.Extra = e.kernel(op, at, len(in)); c.Extra < 0 {
			return false
		}
	}
	for k, s := range in {
		c.In[k] = s.at
	}
	held := 0
	if last := len(p.tape) - 1; last >= 0 && code != simd.NoCode {
		held = 1 + slices.Index(c.In[:len(in)], p.tape[last].Out)
	}
	c.Variant = code.Of(held)
	p.tape, p.tapeNode = append(p.tape, c), append(p.tapeNode, int32(e.m.v.id(i)))
	if last := len(p.code) - 1; last >= 0 && p.code[last].op == nil && p.code[last].group == 0 {
		p.code[last].hi = len(p.tape)
	} else {
		p.code = append(p.code, instruction{lo: len(p.tape) - 1, hi: len(p.tape), out: out})
	}
	return true
}

// pair returns the number of a pair of constants.
func (e *emitter) pair(a, b float64) int32 {
	key := [2]uint64{math.Float64bits(a), math.Float64bits(b)} // −0 is not 0
	k, ok := e.pairs[key]
	if !ok {
		k = int32(len(e.p.pairs))
		e.p.pairs, e.pairs[key] = append(e.p.pairs, [2]float64{a, b}), k
	}
	return k
}

// kernel returns the number of an op's scalar kernel, −1 if it has none.
func (e *emitter) kernel(op *expr.Op, at expr.Attr, args int) int32 {
	key := kernelKey{op: op, args: args, at: len(at)}
	if len(at) > 0 {
		key.a = at[0].Float()
	}
	if len(at) > 1 {
		key.b = at[1].Float()
	}
	if k, ok := e.kernels[key]; ok && len(at) <= 2 {
		return k
	}
	if op.Scalar == nil {
		return -1
	}
	k := op.Scalar(at, args)
	if k == nil {
		return -1
	}
	e.p.kernels = append(e.p.kernels, k)
	e.kernels[key] = int32(len(e.p.kernels) - 1)
	return e.kernels[key]
}
