package vm

import (
	"container/heap"

	"github.com/tamegrad/tamegrad/expr"
)

// blockEntries is how many entries of long elementwise operations run at a time, so that what they pass to each
// other stays in the first-level cache: some ten vectors of them fit into the 48 KiB that current cores have, and
// the call of a kernel costs little beside the work of one.
const blockEntries = 512

// fuse groups elementwise operations on equally many entries, more than a block of them. A group runs block by block,
// all its operations on one block before the next. It changes the order of independent operations, so that groups
// are long, and marks the values that need room for one block only: those that nobody outside of the group reads,
// and entries that are all the same.
func (m *memory) fuse(f *expr.Func) {
	m.group, m.short = make([]int32, len(m.home)), make([]bool, len(m.home))
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

// repeatedEntries is how many entries of repeated values wait for their readers before the next value is
// repeated when it is needed only: as many float64 as a block of lanes may have, so that they stay in the
// second-level cache.
const repeatedEntries = blockBytes / 8

// schedule orders the list, region by region: an operation that belongs to no group comes as soon as it can, and
// when there is none the group of the first operation that can run, as long as it gets. Values that repeat others
// come late once there are many, since each takes much memory until its reader runs: in forward mode the slopes
// of every layer are known before the first tangent.
func (m *memory) schedule() {
	s := &scheduler{memory: m, room: repeatedEntries, waits: make([]int32, len(m.home)), readers: make([][]int32, len(m.home)), groups: map[int]*queue{}}
	for _, i := range m.list {
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
	late    queue          // those of them that repeat entries and found no room
	room    int            // entries that may still be repeated early
	groups  map[int]*queue // the others, by size
	count   int32
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
		switch {
		case q == nil && s.late.Len() == 0:
			return
		case q == nil:
			s.done(heap.Pop(&s.late).(int32))
			continue
		}
		s.count++
		for q.Len() > 0 {
			i := heap.Pop(q).(int32)
			s.group[i] = s.count
			s.done(i)
		}
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
	case s.isLong(i):
		q := s.groups[s.size(i)]
		if q == nil {
			q = new(queue)
			s.groups[s.size(i)] = q
		}
		heap.Push(q, i)
	case s.repeats(i):
		if s.room -= s.size(i); s.room < 0 {
			heap.Push(&s.late, i)
			return
		}
		fallthrough
	default:
		heap.Push(&s.single, i)
	}
}

func (s *scheduler) done(i int32) {
	s.list = append(s.list, i)
	if s.isWhole(i) {
		s.group[i] = s.group[s.home[i]]
	}
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
		m.short[i] = m.skip[i] < 0 && (m.group[i] > 0 || m.isUniform(i))
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
