package clarke

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// search enumerates the cells of a germ depth first: the choices at the kinks
// that some open cone of directions makes. It goes through the blocks in
// topological order and carries a direction of the cone so far, which certifies
// every choice (Kubota 2018 enumerates limiting subgradients so from the
// abs-normal form; here Gordan's alternative replaces linear programs, and all
// selectors take part).
//
//	Step         the row a = ∇z under the choices so far: one child without a
//	             constraint if a = 0, else ⟨a, d⟩ > 0 and ⟨a, d⟩ < 0
//	Rank         a child for each choice of the classes of equal rows that are
//	             selected, and of those above; see selection for the last block
//	Permutation  a child for each order of the classes
//
// Every leaf is a limiting gradient: along its direction all switches that move
// take the sides that were chosen, and the others multiply 0.
type search struct {
	g    *germ
	ctx  context.Context
	most int // leaves
	leaf func(v Vector, c *Cone) error
	// sought, if given, says what is still asked about a derivative: whether it is new, and
	// whether f decreases in some cell that has it.
	sought func(v Vector) (isNew, falls bool)

	cone    *Cone
	through passing
	leaves  int
	looks   int    // for cells of a selection
	stopped string // why the search ended early
	err     error
}

// run reports whether all cells were seen.
func (s *search) run() (complete bool, err error) {
	if s.cone, err = NewCone(s.ctx, s.g.size); err != nil {
		return false, err
	}
	s.through = s.g.start()
	s.descend(0)
	return s.stopped == "" && s.err == nil, s.err
}

// over reports whether the search is to end.
func (s *search) over() bool {
	if s.stopped == "" && s.err == nil && s.ctx.Err() != nil {
		s.stopped = fmt.Sprintf("the search ended after %d cells: %v", s.leaves, context.Cause(s.ctx))
	}
	return s.stopped != "" || s.err != nil
}

// descend chooses for the live blocks from number i on.
func (s *search) descend(i int) {
	switch {
	case s.over():
		return
	case i == len(s.g.live):
		s.arrive()
		return
	}
	b := s.g.live[i]
	rows := s.g.members(b, s.through)
	switch s.g.kink(b).Slot.Kind {
	case expr.StepSlot:
		s.step(i, b, rows[0], Vector{})
		return
	case expr.DirectionSlot: // of one entry, which is its sign
		s.step(i, b, rows[0], negated(rows[0]))
		return
	}
	class := s.g.classes(b, rows, s.through)
	if s.g.kink(b).Slot.Kind == expr.RankSlot {
		r := ranking{s: s, i: i, block: b, rows: rows, class: class}
		if q, ok := r.selection(); ok {
			q.choose(0, Vector{})
			return
		}
		r.cut(0, indices(len(class)), Vector{})
		return
	}
	o := ordering{s: s, i: i, block: b, rows: rows, class: class}
	o.place(0, indices(len(class)))
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// The looks for cells of selections are bounded by some for each leaf that may be seen, and
// by as many for all as make a small budget one of leaves alone.
const (
	looksPerLeaf = 4
	freeLooks    = 1 << 12
)

// tired counts a look for a cell and reports whether the search is to end.
func (s *search) tired() bool {
	if s.looks++; (s.looks-freeLooks)/looksPerLeaf > s.most {
		s.spend()
	}
	return s.over()
}

func (s *search) spend() { s.stopped = fmt.Sprintf("the budget of %d cells is used up", s.most) }

func (s *search) arrive() {
	if s.leaves == s.most {
		s.spend()
		return
	}
	s.leaves++
	if s.cone.in.float == nil {
		s.cone.in = s.anywhere()
	}
	if err := s.leaf(s.g.derivative(s.through), s.cone); !s.over() {
		s.err = err
	}
}

// anywhere is a direction of the whole space.
func (s *search) anywhere() heading {
	d := make([]float64, s.g.size)
	d[0] = 1
	if s.g.exact {
		return rounded(d, 1)
	}
	return heading{float: d}
}

// within runs then, if the cone with further rows has a direction. Rows are not
// made when the search is over.
func (s *search) within(rows func() []Vector, then func()) {
	if s.over() {
		return
	}
	err := s.cone.Within(rows(), func() error {
		if !s.over() {
			then()
		}
		return s.err
	})
	if !s.over() { // the context may have ended in the middle of the question
		s.err = err
	}
}

// step branches at a Step of row a, which passes a, or below.
func (s *search) step(i, b int, a, below Vector) {
	lo, _ := s.g.lin.Throughs(b)
	take := func(v Vector) func() {
		return func() { s.through[lo] = v; s.descend(i + 1) }
	}
	if s.still(b, a) {
		take(Vector{})()
		return
	}
	s.within(func() []Vector { return []Vector{negated(a)} }, take(below))
	s.within(func() []Vector { return []Vector{a} }, take(a))
}

// still reports whether the row of a Step is 0.
func (s *search) still(b int, a Vector) bool {
	lo, _ := s.g.lin.Members(b)
	return s.g.vanishes(a, s.g.magnitude(&s.g.lin.Switch[lo], s.through))
}
