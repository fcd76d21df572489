package codegen

import "container/heap"

// step is what the code does next: a statement, or a loop with the values that it computes.
type step struct {
	values []*value
	size   int // of a loop, else 0
}

// scheduler orders the values: statements come as soon as they can, and when there are none the loop of the first
// value that can come, as long as it gets.
type scheduler struct {
	waits      map[*value]int
	statements queue
	loops      map[int]*queue // by size
	steps      []step
	later      []*value // wait for the end of the loop
}

func (p *program) schedule() []step {
	s := &scheduler{waits: map[*value]int{}, loops: map[int]*queue{}}
	for _, v := range p.values {
		for _, a := range v.args {
			if a.kind != parameter && a.kind != constant {
				s.waits[v]++
			}
		}
	}
	for _, v := range p.values {
		if s.waits[v] == 0 {
			s.ready(v)
		}
	}
	for {
		for s.statements.Len() > 0 {
			s.statement(heap.Pop(&s.statements).(*value))
		}
		q := s.first()
		if q == nil {
			return s.steps
		}
		s.loop(q)
	}
}

func (s *scheduler) ready(v *value) {
	if v.kind != loop && v.kind != sink {
		heap.Push(&s.statements, v)
		return
	}
	q := s.loops[v.size]
	if q == nil {
		q = new(queue)
		s.loops[v.size] = q
	}
	heap.Push(q, v)
}

func (s *scheduler) statement(v *value) {
	if v.kind != view {
		s.steps = append(s.steps, step{values: []*value{v}})
	}
	for _, r := range v.readers {
		s.arrive(r)
	}
}

// arrive notes that an operand of v is there.
func (s *scheduler) arrive(v *value) {
	if s.waits[v]--; s.waits[v] == 0 {
		s.ready(v)
	}
}

// first returns the queue with the first value.
func (s *scheduler) first() (first *queue) {
	for _, q := range s.loops {
		if q.Len() > 0 && (first == nil || (*q)[0].number < (*first)[0].number) {
			first = q
		}
	}
	return first
}

// loop takes values of one size as long as there are.
func (s *scheduler) loop(q *queue) {
	next := step{size: (*q)[0].size}
	number := len(s.steps) + 1
	for q.Len() > 0 {
		v := heap.Pop(q).(*value)
		v.group = number
		next.values = append(next.values, v)
		for _, r := range v.readers {
			if v.kind == loop && (r.kind == loop || r.kind == sink) && r.size == next.size {
				s.arrive(r)
			} else {
				s.later = append(s.later, r)
			}
		}
	}
	s.steps = append(s.steps, next)
	for _, r := range s.later {
		s.arrive(r)
	}
	s.later = s.later[:0]
}

// queue is a heap of values by number.
type queue []*value

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].number < q[j].number }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(v any)        { *q = append(*q, v.(*value)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	v := (*q)[last]
	*q = (*q)[:last]
	return v
}
