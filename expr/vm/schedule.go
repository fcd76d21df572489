package vm

import (
	"container/heap"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// repeatedEntries is how many entries of repeated values wait for their readers before the next value is
// repeated when it is needed only: as many float64 as a block of lanes may have, so that they stay in the
// second-level cache.
const repeatedEntries = blockBytes / 8

// schedule orders the list, region by region: an operation that belongs to no group comes as soon as it can, and
// when there is none the group of the first operation that can run, as long as it gets. Values that repeat others
// come late once there are many, since each takes much memory until its reader runs: in forward mode the slopes
// of every layer are known before the first tangent.
func (m *memory) schedule() {
	s := &scheduler{
		memory: m, room: repeatedEntries, waits: make([]int32, len(m.home)), readers: make([][]int32, len(m.home)),
		groups: map[int]*queue{}, long: map[int]int{},
	}
	for _, i := range m.list {
		if m.isLong(i) {
			s.long[m.size(i)]++
		}
		for _, a := range m.v.operands(i) {
			if m.v.region[a] == m.v.region[i] && !m.v.node(a).IsInput() {
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
		switch {
		case q == nil && s.late.Len() == 0:
			return
		case q == nil:
			s.done(heap.Pop(&s.late).(int32))
			continue
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
	for k, a := range s.v.operands(i) {
		if k != by.Whole && s.isUniform(s.home[a]) {
			return false
		}
	}
	return true
}

// waitsForGroup reports whether an operand is computed by the group that runs.
func (s *scheduler) waitsForGroup(i int32) bool {
	return s.running > 0 && slices.ContainsFunc(s.v.operands(i), func(a int32) bool { return s.group[s.home[a]] == s.count })
}

// isCut reports whether operations of that size may have enough to do for several workers.
func (s *scheduler) isCut(size int) bool {
	return s.workers > 1 && size*s.long[size] >= 2*longGroup
}
