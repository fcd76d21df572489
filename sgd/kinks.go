package sgd

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// withKinkCounts adds to a gradient with open slots one output for each slot:
// how many kinks are active there, decided by keys that are exactly 0. It returns the slots'
// names.
func withKinkCounts(g *expr.Func) (*expr.Func, []string, error) {
	var names []string
	var counts []expr.Node
	for _, n := range g.Slots() {
		s, _ := n.Slot()
		names = append(names, s.String())
		counts = append(counts, activeKinks(s))
	}
	f, err := g.Graph().Func(expr.In(g.In()...), expr.Out(g.Out()...), expr.Out(counts...))
	return f, names, err
}

// activeKinks counts the active kinks of one slot: for a Step the entries whose
// switch is 0; for a Rank the ties between an entry inside the ranks and one
// outside; for a Permutation the neighbours in sorted order that tie; for a
// Direction the zero vectors.
func activeKinks(s *expr.Slot) expr.Node {
	key := s.Keys()[0]
	count := key.Graph().Const(0)
	add := func(switching expr.Node) { count = expr.Add(count, expr.Sum(expr.Tied(switching))) }
	switch s.Kind {
	case expr.StepSlot:
		add(key)
	case expr.DirectionSlot:
		add(expr.Norm2(key))
	case expr.RankSlot:
		n := key.Shape().Dim(-1)
		for _, rank := range []int{s.From, s.To} {
			if rank > 0 && rank < n {
				add(gaps(key, n-rank, n-rank+1))
			}
		}
	case expr.PermutationSlot:
		if n := key.Shape().Dim(-1); n > 1 {
			add(gaps(key, 1, n))
		}
	}
	return count
}

// gaps returns the differences of entries lo ≤ i < hi of the sorted last axis to
// the ones before them.
func gaps(key expr.Node, lo, hi int) expr.Node {
	sorted := expr.Sort(key)
	return expr.Sub(expr.Slice(sorted, lo, hi), expr.Slice(sorted, lo-1, hi-1))
}

// kinks returns the number of active kinks of the last run.
func (p *program) kinks() int {
	n := 0
	for i := range p.slots {
		n += p.kinksAt(i)
	}
	return n
}

func (p *program) kinksAt(slot int) int { return int(p.ws.Out(1 + len(p.own) + slot)[0]) }

// KinkCount is the number of active kinks of one slot, such as "relu#7.s".
type KinkCount struct {
	Slot   string
	Active int
}

// String returns slot and count, as in "relu#3.s: 2".
func (k KinkCount) String() string { return fmt.Sprintf("%s: %d", k.Slot, k.Active) }
