package vm

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// group is operations that run together on one block of entries after the other, or on
// the blocks of each part, if it is so long that parts run side by side.
type group[T expr.Real] struct {
	entries int
	parts   []groupPart[T]
	run     func(part int)
}

// groupPart has a range of the entries, and room of its own for what is passed on within
// a block.
type groupPart[T expr.Real] struct {
	from, to   int
	operations []bound[T]  // of the first block, with windows that move on
	still      []*bound[T] // instead, if there are few blocks: those of all, one after the other
	fault      expr.Fault
}

// bound is an operation of a group on this machine's arena.
type bound[T expr.Real] struct {
	kernel kernel[T]
	call   expr.Call[T]
	slices []window[T]
}

// window is a slice of a call that shows a block.
type window[T expr.Real] struct {
	slice   *[]T
	of      []T
	at      int32 // of the first block
	advance bool
}

// longGroup is how many operations on entries a part of a group has at least.
const longGroup = 1 << 19

// bindGroup binds the operations of an instruction.
func (m *machine[T]) bindGroup(in *instruction, workers int) *group[T] {
	g := &group[T]{entries: in.entries}
	block := int(m.p.entries)
	if in.entries < longGroup && m.p.wide == 0 && in.passesNothingOn() {
		block = in.entries
	}
	blocks := (in.entries + block - 1) / block
	parts := max(1, min(workers, blocks, in.entries*len(in.members)/longGroup))
	if slices.ContainsFunc(in.members, func(mb member) bool { return mb.ends }) {
		parts = 1
	}
	g.parts = make([]groupPart[T], parts)
	kept := make([][]T, len(in.members))
	for i := range in.members {
		if in.members[i].ends {
			kept[i] = make([]T, expr.BlockScratch)
		}
	}
	for k := range g.parts {
		part := &g.parts[k]
		part.from, part.to = blocks*k/parts*block, min(blocks*(k+1)/parts*block, in.entries)
		m.bindPart(part, in.members, kept, k, block)
	}
	g.run = func(part int) { g.parts[part].runBlocks(block) }
	return g
}

// passesNothingOn reports whether a group is one operation on whole values.
func (in *instruction) passesNothingOn() bool {
	return len(in.members) == 1 && !slices.Contains(in.members[0].advance, false)
}

// fewBlocks is how many blocks are each bound for themselves: moving windows takes as long as some hundred entries of an
// operation. Bound operations, which take as much memory as boundNumbers numbers, take no more than those of the program.
const (
	fewBlocks    = 8
	boundNumbers = 64
)

// bindPart binds operations to the first block, and the windows make the others, or to each block. Some operations keep
// numbers.
func (m *machine[T]) bindPart(part *groupPart[T], members []member, kept [][]T, number, block int) {
	room := map[int32][]T{} // of values that live within a block, by their place in the arena
	wide := make([]float64, m.p.wide)
	blocks := (part.to - part.from + block - 1) / block
	if m.bound += blocks * len(members); blocks > fewBlocks || blocks > 1 && m.bound*boundNumbers > len(m.arena) {
		part.operations = m.bindBlock(part, members, kept, number, room, wide)
		return
	}
	for at := part.from; at < part.to; at += block {
		operations := m.bindBlock(part, members, kept, number, room, wide)
		for i := range operations {
			operations[i].show(at, min(block, part.to-at))
			part.still = append(part.still, &operations[i])
		}
	}
}

func (m *machine[T]) bindBlock(part *groupPart[T], members []member, kept [][]T, number int, room map[int32][]T, wide []float64) []bound[T] {
	operations := make([]bound[T], len(members))
	windowOf := func(slice *[]T, at int32, advance bool) window[T] {
		if own := room[at]; own != nil && !advance {
			return window[T]{slice, own, 0, false}
		}
		return window[T]{slice, m.arena, at, advance}
	}
	for i := range operations {
		b, mb := &operations[i], &members[i]
		first := mb.instruction
		first.in = slices.Clone(mb.in)
		for k := range first.in {
			if k != mb.whole {
				first.in[k].size = m.p.entries
			}
		}
		if !mb.ends {
			first.out.size = m.p.entries
		}
		m.makeCall(&b.call, &first, nil, kept[i], &part.fault)
		switch {
		case mb.ends:
			b.kernel = inBlocks[T](first.op.InBlocks)
		case mb.begins:
			b.kernel = byBlocks[T](first.op.ByBlocks)
		default:
			b.kernel = kernelFor(&b.call, first.op, wide)
		}
		for k := range b.call.In {
			if k == mb.whole {
				continue
			}
			b.slices = append(b.slices, windowOf(&b.call.In[k], first.in[k].at, mb.advance[k]))
		}
		if mb.ends {
			continue
		}
		advance := mb.advance[len(first.in)]
		if !advance && number > 0 && room[first.out.at] == nil {
			room[first.out.at] = make([]T, m.p.entries)
		}
		b.slices = append(b.slices, windowOf(&b.call.Out, first.out.at, advance))
	}
	return operations
}

// runGroup runs a group and keeps its first fault.
func (m *machine[T]) runGroup(g *group[T]) {
	if len(g.parts) == 1 {
		g.run(0)
	} else {
		m.team.Do(len(g.parts), g.run)
	}
	for k := range g.parts {
		if part := &g.parts[k]; part.fault.Set {
			m.fault.Keep(part.fault)
			part.fault = expr.Fault{}
		}
	}
}

// runBlocks runs the operations block by block.
func (p *groupPart[T]) runBlocks(block int) {
	for _, b := range p.still {
		b.kernel(&b.call)
	}
	if p.operations == nil {
		return
	}
	for at := p.from; at < p.to; at += block {
		size := min(block, p.to-at)
		for i := range p.operations {
			b := &p.operations[i]
			b.show(at, size)
			b.kernel(&b.call)
		}
	}
}

// show moves the windows to the entries of a block.
func (b *bound[T]) show(at, size int) {
	for i := range b.slices {
		w := &b.slices[i] // a copy would go through memory
		first := int(w.at)
		if w.advance {
			first += at
		}
		*w.slice = w.of[first : first+size : first+size]
	}
	b.call.From = at
}
