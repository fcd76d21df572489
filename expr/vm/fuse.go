package vm

import (
	"container/heap"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

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

// canEnd reports whether a value can be taken from blocks of the operands as the group that runs computes them. Blocks
// come in order, so workers do not share such a group.
func (s *scheduler) canEnd(i int32) bool {
	op := s.v.op(i)
	if s.running == 0 || op.InBlocks == nil || s.entries%expr.BlockScratch != 0 || s.isCut(s.running) {
		return false
	}
	computed := false
	for _, a := range s.v.operands(i) {
		if s.size(a) != s.running {
			return false
		}
		computed = computed || s.group[s.home[a]] == s.count
	}
	return computed && op.InBlocks.Fits(s.v.shapes(i), s.v.shape(i), s.v.attr(i))
}

// manyBlocks is how many blocks a value has that is worth a look at its operands: a shorter one, and what goes on with
// it, are in the first-level cache anyway.
const manyBlocks = 8

// canBegin reports whether a value can be computed block by block once its operands are there.
func (s *scheduler) canBegin(i int32) bool {
	by := s.v.op(i).ByBlocks
	if by == nil || s.size(i) <= manyBlocks*int(s.entries) {
		return false
	}
	for _, a := range s.v.operands(i) {
		if s.size(a) != s.size(i) || s.isUniform(s.home[a]) {
			return false
		}
	}
	return by.Fits(s.v.shapes(i), s.v.attr(i))
}

// waitsForGroup reports whether an operand is computed by the group that runs.
func (s *scheduler) waitsForGroup(i int32) bool {
	return s.running > 0 && slices.ContainsFunc(s.v.operands(i), func(a int32) bool { return s.group[s.home[a]] == s.count })
}

// isCut reports whether operations of that size may have enough to do for several workers.
func (s *scheduler) isCut(size int) bool {
	return s.workers > 1 && size*s.long[size] >= 2*longGroup
}

// isUniform reports whether a value repeats one entry, more often than a block is long.
func (m *memory) isUniform(i int32) bool {
	return m.skip[i] < 0 && m.v.op(i).Name == "broadcast" && m.size(i) > int(m.entries) && m.size(m.v.operands(i)[0]) == 1
}

// isWhole reports whether a value is another one in a different shape.
func (m *memory) isWhole(i int32) bool {
	return m.skip[i] == 0 && m.size(i) == m.size(m.home[i])
}

func (m *memory) size(i int32) int { return m.v.shape(i).Size() }

// schedule orders the list, region by region: an operation that belongs to no group comes as soon as it can, and
// when there is none the group of the first operation that can run, as long as it gets.
func (m *memory) schedule() {
	s := &scheduler{
		memory: m, waits: make([]int32, len(m.home)), readers: make([][]int32, len(m.home)),
		groups: map[int]*queue{}, long: map[int]int{},
	}
	for _, i := range m.list {
		if m.isLong(i) {
			s.long[m.size(i)]++
		}
		for _, a := range m.v.operands(i) {
			if m.v.region[a] == m.v.region[i] && !m.v.order.Node(int(a)).IsInput() {
				s.waits[i]++
				s.readers[a] = append(s.readers[a], i)
			}
		}
	}
	list := m.list
	m.list = make([]int32, 0, len(list))
	for len(list) > 0 {
		n := 1
		for n < len(list) && m.v.region[list[n]] == m.v.region[list[0]] {
			n++
		}
		s.run(list[:n])
		list = list[n:]
	}
}

// scheduler orders the operations of a region; those that can run stand in queues.
type scheduler struct {
	*memory
	waits   []int32 // operands that have not run
	readers [][]int32
	single  queue          // operations that belong to no group
	groups  map[int]*queue // the others, by size
	long    map[int]int    // how many of them there are
	count   int32
	running int     // the size of the group that is being made
	later   []int32 // what can run in the next
}

func (s *scheduler) run(list []int32) {
	var start []int32
	for _, i := range list {
		if s.waits[i] == 0 {
			start = append(start, i)
		}
	}
	for _, i := range start {
		s.ready(i)
	}
	for {
		for s.single.Len() > 0 {
			s.done(heap.Pop(&s.single).(int32))
		}
		q := s.first()
		if q == nil {
			return
		}
		s.makeGroup(q)
	}
}

func (s *scheduler) makeGroup(q *queue) {
	s.count++
	s.running = s.size((*q)[0])
	for q.Len() > 0 {
		i := heap.Pop(q).(int32)
		s.group[i] = s.count
		s.done(i)
	}
	s.running = 0
	for _, i := range s.ends[s.count] {
		s.release(i)
	}
	later := s.later
	s.later = nil
	for _, i := range later {
		s.ready(i)
	}
}

// first returns the queue with the first operation.
func (s *scheduler) first() (first *queue) {
	for _, q := range s.groups {
		if q.Len() > 0 && (first == nil || (*q)[0] < (*first)[0]) {
			first = q
		}
	}
	return first
}

func (s *scheduler) ready(i int32) {
	switch {
	case s.skip[i] >= 0: // it shows another value, and nothing runs
		s.done(i)
	case s.canEnd(i):
		s.group[i], s.isEnd[i] = s.count, true
		s.list = append(s.list, i)
		s.ends[s.count] = append(s.ends[s.count], i)
	case s.canBegin(i) && s.waitsForGroup(i):
		s.later = append(s.later, i)
	case s.isLong(i) || s.canBegin(i):
		q := s.groups[s.size(i)]
		if q == nil {
			q = new(queue)
			s.groups[s.size(i)] = q
		}
		heap.Push(q, i)
	default:
		heap.Push(&s.single, i)
	}
}

func (s *scheduler) done(i int32) {
	s.list = append(s.list, i)
	if s.isWhole(i) {
		s.group[i] = s.group[s.home[i]]
	}
	s.release(i)
}

// release lets the readers of a value run.
func (s *scheduler) release(i int32) {
	for _, r := range s.readers[i] {
		if s.waits[r]--; s.waits[r] == 0 {
			s.ready(r)
		}
	}
}

// queue is a heap of values, the first of the program at the top.
type queue []int32

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, k int) bool { return q[i] < q[k] }
func (q queue) Swap(i, k int)      { q[i], q[k] = q[k], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(int32)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

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
