package vm

import "github.com/tamegrad/tamegrad/expr"

// blockEntries is how many entries of long elementwise operations run at a time, so that what they pass to each
// other stays in the first-level cache: some ten vectors of them fit into the 48 KiB that current cores have, and
// the call of a kernel costs little beside the work of one.
const blockEntries = 512

// fuse groups elementwise operations on equally many entries, more than a block of them. A group runs block by block,
// all its operations on one block before the next. Sums of what a group computes, and what else can be taken block by
// block, end it. It changes the order of independent operations, so that groups are long, and marks the values that need
// room for one block only: those that nobody outside of the group reads, and entries that are all the same.
func (m *memory) fuse(f *expr.Func) {
	m.group, m.short, m.isEnd = make([]int32, len(m.home)), make([]bool, len(m.home)), make([]bool, len(m.home))
	m.ends = map[int32][]int32{}
	for _, i := range m.list {
		if m.isLong(i) {
			m.schedule()
			m.recompute(f)
			m.shorten(f)
			return
		}
	}
}

// isLong reports whether a value is computed entry by entry, from operands of its shape, and longer than a block.
func (m *memory) isLong(i int32) bool {
	op := m.v.op(i)
	if m.size(i) <= int(m.entries) || !op.Elementwise || m.v.instead(i) == nil && op.IsCustom() || op.Index != nil || op.Work != nil {
		return false
	}
	for _, a := range m.v.operands(i) {
		if m.v.shape(a) != m.v.shape(i) {
			return false
		}
	}
	return true
}

// isUniform reports whether a value repeats one entry, more often than a block is long.
func (m *memory) isUniform(i int32) bool {
	return m.skip[i] < 0 && m.v.op(i).Name == "broadcast" && m.size(i) > int(m.entries) && m.size(m.v.operands(i)[0]) == 1
}

// repeats reports whether a value repeats the entries of another one to more than a block.
func (m *memory) repeats(i int32) bool {
	return m.skip[i] < 0 && m.v.op(i).Name == "broadcast" && m.size(i) > int(m.entries) && m.size(i) > m.size(m.v.operands(i)[0]) && !m.isUniform(i)
}

// isWhole reports whether a value is another one in a different shape.
func (m *memory) isWhole(i int32) bool {
	return m.skip[i] == 0 && m.size(i) == m.size(m.home[i])
}

func (m *memory) size(i int32) int { return m.v.shape(i).Size() }

// shorten marks the values that need room for a block only.
func (m *memory) shorten(f *expr.Func) {
	for _, i := range m.list {
		m.short[i] = m.skip[i] < 0 && !m.isEnd[i] && (m.group[i] > 0 || m.isUniform(i))
	}
	for _, i := range m.list {
		for _, a := range m.v.operands(i) {
			h := m.home[a]
			inside := m.group[i] > 0 && (m.group[i] == m.group[h] || m.isUniform(h))
			if !inside && !(m.isWhole(i) && m.isUniform(h)) {
				m.short[h] = false
			}
		}
	}
	for _, n := range f.Out() {
		m.short[m.home[m.v.value(n)]] = false
	}
}
