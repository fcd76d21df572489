package exact

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// Session runs a program again and again. A run computes only the nodes that depend on
// entries of inputs other than in the run before, and goes no further where these come
// out as before: combinations of choices at kinks differ in few of them, and a choice
// that is multiplied by 0 changes nothing. It keeps the values of all nodes, and is not
// safe for concurrent use.
type Session struct {
	p        *Program
	value    [][]*big.Rat // by number; nil before the first run and after a fault
	changed  []bool
	work     []int
	computed int
}

// Session returns one that has not run yet.
func (p *Program) Session() *Session {
	return &Session{p: p, changed: make([]bool, len(p.steps)), work: make([]int, p.work)}
}

// Computed returns how many numbers all runs have computed so far.
func (s *Session) Computed() int { return s.computed }

// Run returns what Program.Run does.
func (s *Session) Run(in ...[]*big.Rat) ([][]*big.Rat, error) {
	if err := fits(s.p.f, in); err != nil {
		return nil, err
	}
	first := s.value == nil
	if first {
		s.value = slices.Clone(s.p.constants())
	}
	s.bind(in, first)
	for i := range s.p.steps {
		if err := s.step(i, first); err != nil {
			s.value = nil
			return nil, err
		}
	}
	out := make([][]*big.Rat, len(s.p.outs))
	for k, i := range s.p.outs {
		out[k] = s.value[i]
	}
	return out, nil
}

// bind takes the inputs that have changed, copies whose entries stay as they are.
func (s *Session) bind(in [][]*big.Rat, first bool) {
	for k, i := range s.p.leaves {
		if i < 0 {
			continue
		}
		if s.changed[i] = first || !equal(s.value[i], in[k]); s.changed[i] {
			s.value[i] = slices.Clone(in[k])
		}
	}
}

// step computes a node if an operand has changed. Inputs have none, and constants are
// there unless they are too long.
func (s *Session) step(i int, first bool) error {
	t := &s.p.steps[i]
	if t.node.IsInput() || first && s.value[i] != nil {
		return nil
	}
	s.changed[i] = false
	if !first && !slices.ContainsFunc(t.args, func(a int) bool { return s.changed[a] }) {
		return nil
	}
	var fault expr.Fault
	out := t.evaluate(s.value, s.work, &fault)
	if fault.Set {
		return &FaultError{t.node, fault.Entry, fault.Why}
	}
	s.computed += len(out)
	if s.changed[i] = first || !equal(s.value[i], out); s.changed[i] {
		s.value[i] = out
	}
	return nil
}

func equal(a, b []*big.Rat) bool {
	return slices.EqualFunc(a, b, func(x, y *big.Rat) bool { return x == y || x.Cmp(y) == 0 })
}
