package vm

import (
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// plan lists the instructions, those that depend on less first, and gives every
// value a place. A place is used again when nobody needs its value any more;
// inputs, outputs and the values of a region that later regions read keep
// theirs.
func (p *Program) plan() error {
	leaves := append(p.source.In(), p.source.Slots()...)
	mine := append(p.f.In(), p.f.Slots()...) // the same, with lanes
	isShared := map[expr.Node]bool{}
	for i, n := range leaves {
		if p.block > 0 && slices.Contains(p.options.Shared, n) {
			isShared[mine[i]] = true
		}
	}
	v := number(p.f, isShared)
	v.rewrite(p.f)
	m := newMemory(v, p.entries)
	m.workers = p.options.workers()
	m.fuse(p.f)
	m.lifetimes(p.f)
	inputs := make([]span, len(mine))
	for i, n := range mine {
		inputs[i] = m.input(n, isShared[n])
	}
	if p.block == 0 {
		p.together = m.placeOutputs(p.f)
	}
	for at, i := range m.list {
		m.placeEnds(m.group[i])
		m.place(i, int32(at))
	}
	if p.base = m.settle(); p.base[regions] > expr.MaxSize {
		return fmt.Errorf("vm: one run needs %d numbers at a time, above the limit of %d; run fewer lanes or cut the program up", p.base[regions], expr.MaxSize)
	}
	for i, n := range mine {
		if k := m.v.value(n); k >= 0 {
			inputs[i] = m.span[k]
		} else { // nothing needs it
			inputs[i].at += int32(p.base[m.inputRegion(isShared[n])])
		}
		p.inputs = append(p.inputs, leaf{inputs[i], p.block > 0 && !isShared[n]})
	}
	e := emitter{p: p, m: m, kernels: map[kernelKey]int32{}, pairs: map[[2]uint64]int32{}}
	e.reserve()
	for _, i := range m.list {
		e.emit(i)
	}
	for _, n := range p.f.Out() {
		p.outputs = append(p.outputs, leaf{m.span[m.v.value(n)], p.block > 0})
	}
	return nil
}

// memory plans the places of values; slices go by the numbers of values.
type memory struct {
	v    *values
	list []int32 // the values in the order of their instructions
	span []span
	home []int32 // the value whose place a view shares
	skip []int32 // of a view: where it begins in its operand; −1 for others
	last []int32 // by home: the place in list of the last reader

	entries int32             // of a block of long elementwise operations
	group   []int32           // what runs block by block, by number; 0 for others
	short   []bool            // values that need room for one block only
	isEnd   []bool            // values that are taken from the blocks of a group
	isSet   []bool            // values that have their place before they are computed
	ends    map[int32][]int32 // of each group
	workers int
	free    [regions]map[int32][]int32
	top     [regions]int
}

const forever = 1<<31 - 1

func newMemory(v *values, entries int32) *memory {
	n := len(v.same)
	m := &memory{v: v, entries: entries, span: make([]span, n), home: make([]int32, n), skip: make([]int32, n), last: make([]int32, n)}
	for r := range m.free {
		m.free[r] = map[int32][]int32{}
		for _, i := range v.distinct {
			if v.region[i] == region(r) {
				m.list = append(m.list, i)
			}
		}
	}
	for i := range m.home {
		m.home[i] = int32(i)
	}
	for _, i := range m.list {
		m.skip[i] = v.offset(i)
		if m.skip[i] >= 0 {
			m.home[i] = m.home[m.v.operands(i)[0]]
		}
	}
	return m
}

// lifetimes finds the last reader of every value.
func (m *memory) lifetimes(f *expr.Func) {
	for at, i := range m.list {
		for _, a := range m.v.operands(i) {
			m.keep(a, int32(at))
			if m.v.region[a] != m.v.region[i] || m.short[m.home[a]] && m.group[m.home[a]] == 0 {
				m.keep(a, forever) // each block reads it again
			}
		}
		if by := m.v.op(i).ByBlocks; by != nil {
			m.keep(m.v.operands(i)[by.Whole], forever) // likewise
		}
	}
	for i := range m.v.same {
		if m.v.node(int32(i)).IsInput() {
			m.keep(int32(i), forever)
		}
	}
	for _, n := range f.Out() {
		m.keep(m.v.value(n), forever)
	}
}

func (m *memory) keep(i, until int32) {
	h := m.home[i]
	m.last[h] = max(m.last[h], until)
}

// offset returns where a value begins in its operand if it only shows a range of
// the operand's entries in the same order, and −1 for other values.
func (v *values) offset(i int32) int32 {
	op := v.op(i)
	if op.View {
		return 0
	}
	if !op.Selects {
		return -1
	}
	in := v.shapes(i)
	if op.Transpose != nil && in[0].Size() != v.shape(i).Size() { // it repeats entries
		return -1
	}
	index := op.Index(in, v.shape(i), v.attr(i))
	if index == nil { // one entry
		return 0
	}
	for k, at := range index {
		if at != index[0]+int32(k) {
			return -1
		}
	}
	return index[0]
}

// input gives an input a place of its own.
func (m *memory) input(n expr.Node, isShared bool) span {
	s := m.take(m.inputRegion(isShared), int32(n.Shape().Size()))
	if i := m.v.value(n); i >= 0 {
		m.span[i] = s
	}
	return s
}

func (m *memory) inputRegion(isShared bool) region {
	if isShared {
		return shared
	}
	return laned
}

// fewOutputs is how many numbers all outputs may have to get places one after the other: more are passed over where they are
// computed, and their places are better used by others until then.
const fewOutputs = 8 * blockEntries

// placeOutputs gives outputs places one after the other, in their order, if each is a value of its own and they are short,
// and reports whether that is so: who reads them may take them for one vector.
func (m *memory) placeOutputs(f *expr.Func) bool {
	total, homes, isSet := 0, make([]int32, len(f.Out())), make([]bool, len(m.home))
	for k, n := range f.Out() {
		i := m.v.value(n)
		h := m.home[i]
		if total += m.size(h); total > fewOutputs || m.size(h) != m.size(i) || isSet[h] {
			return false
		}
		if m.v.region[h] != laned || m.v.node(h).IsInput() || m.isEnd[h] {
			return false
		}
		homes[k], isSet[h] = h, true
	}
	for _, h := range homes {
		m.span[h] = m.take(laned, int32(m.size(h)))
	}
	m.isSet = isSet
	return true
}

// placeEnds gives places to what ends a group, before its first value has one. They are written while operands are still
// read, at other entries, so that no value that dies in the group may leave its place to them.
func (m *memory) placeEnds(group int32) {
	for _, i := range m.ends[group] {
		m.span[i] = m.take(m.v.region[i], int32(m.size(i)))
	}
	delete(m.ends, group)
}

// place gives value i, computed at that place of the list, its span.
func (m *memory) place(i, at int32) {
	args := m.v.operands(i)
	s := span{0, int32(m.size(i))}
	if m.short[m.home[i]] {
		s.size = m.entries
	}
	switch {
	case m.isEnd[i] || m.isSet != nil && m.isSet[i]:
		s = m.span[i]
	case m.skip[i] >= 0:
		s.at = m.span[args[0]].at + m.skip[i]
	case !m.v.op(i).Elementwise || !m.reuse(&s, i, args, at):
		s = m.take(m.v.region[i], s.size)
	}
	m.span[i] = s
	m.release(args, m.home[i], at)
}

// reuse writes an elementwise result over an operand that dies here.
func (m *memory) reuse(s *span, i int32, args []int32, at int32) bool {
	if m.v.op(i).KeepsKeys {
		args = args[len(args)-1:]
	}
	for _, a := range args {
		if m.home[a] == a && m.last[a] == at && m.span[a].size == s.size && m.v.region[a] == m.v.region[i] {
			*s = m.span[a]
			m.last[a] = forever // the place has a new owner
			return true
		}
	}
	return false
}

// release frees the places of operands that nobody reads any more.
func (m *memory) release(args []int32, own, at int32) {
	for _, a := range args {
		h := m.home[a]
		if m.last[h] == at && h != own {
			free := m.free[m.v.region[h]]
			free[m.span[h].size] = append(free[m.span[h].size], m.span[h].at)
			m.last[h] = forever
		}
	}
}

func (m *memory) take(r region, size int32) span {
	if list := m.free[r][size]; len(list) > 0 {
		m.free[r][size] = list[:len(list)-1]
		return span{list[len(list)-1], size}
	}
	if size > 1 { // scalars stand close together
		line := 16 // entries of a cache line in float32
		if size <= 8 {
			line = 8 // in float64
		}
		m.top[r] = (m.top[r] + line - 1) / line * line
	}
	at := m.top[r]
	m.top[r] += int(size)
	return span{int32(at), size}
}

// settle puts the regions one after the other into the arena and returns where
// each begins; the last number is the size of the arena.
func (m *memory) settle() (base [regions + 1]int) {
	for r := range m.top {
		base[r+1] = (base[r] + m.top[r] + 15) / 16 * 16
	}
	for i := range m.span {
		if m.v.same[i] == int32(i) {
			m.span[i].at += int32(base[m.v.region[i]])
		}
	}
	return base
}
