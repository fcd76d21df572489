package expr

import (
	"fmt"
	"slices"
)

// SlotKind says which selector a slot belongs to, and so in which set its
// value may be chosen where all keys tie.
type SlotKind int8

// The four selectors. Their slots live in: the interval [0,1] for each entry;
// the simplex (hypersimplex for several ranks) over the entries of a tied
// block; the doubly stochastic matrices over the tied blocks; the unit ball.
const (
	StepSlot SlotKind = iota
	RankSlot
	PermutationSlot
	DirectionSlot
)

// String returns the selector's name.
func (k SlotKind) String() string {
	return [...]string{"step", "rank", "permutation", "direction"}[k]
}

// Slot is an open choice at a kink: an input of a derivative that counts only
// where all keys of its selector tie. It belongs to one occurrence of an op,
// and all derivatives of that occurrence share it.
type Slot struct {
	Kind     SlotKind
	Owner    Node   // the nonsmooth node
	Name     string // which of the owner's choices
	From, To int    // ranks selected, for RankSlot: From ≤ rank < To, largest first
	Node     Node   // the input that stands for the choice
	Selector Node   // the selector node, with operands keys…, slot
}

// String returns the name that presets and kinks go by, as in "relu#3.s".
func (s *Slot) String() string { return fmt.Sprintf("%v.%s", s.Owner, s.Name) }

// Keys returns the keys of the selector; the first is the switching value.
func (s *Slot) Keys() []Node {
	args := s.Selector.Args()
	return args[:len(args)-1]
}

// Slot returns the description of a slot node; ok is false for other nodes.
func (n Node) Slot() (s *Slot, ok bool) {
	s = n.memo().slot
	return s, s != nil
}

// SelectorSlot returns the open slot of a selector node: its last operand. ok
// is false for other nodes and for selectors that are wired.
func (n Node) SelectorSlot() (s *Slot, ok bool) {
	switch n.Op() {
	case opStep, opRank, opPermutation, opDirection:
		args := n.ArgIDs()
		return n.At(int(args[len(args)-1])).Slot()
	}
	return nil, false
}

// Rule is what a derivative rule sees: one node of the program, from whose
// operands it builds slopes, weights, tangents or cotangents. An invalid Node
// stands for a structural zero, both as argument and as result.
type Rule struct{ node Node }

// NewRule returns the rule context of a node.
func NewRule(n Node) *Rule { return &Rule{n} }

// In returns operand i.
func (r *Rule) In(i int) Node { return Node{r.node.g, r.node.ArgIDs()[i]} }

// Args returns all operands.
func (r *Rule) Args() []Node { return r.node.Args() }

// Out returns the node itself.
func (r *Rule) Out() Node { return r.node }

// Attr returns the node's attributes.
func (r *Rule) Attr() Attr { return r.node.Attr() }

// Const returns a constant.
func (r *Rule) Const(v float64) Node { return r.node.g.unit(Num(v)) }

// Step selects by the sign of key: 1 if positive, 0 if negative, and the slot
// of that name where key is 0.
func (r *Rule) Step(name string, key Node) Node {
	return r.choose(Slot{Kind: StepSlot, Name: name}, opStep, nil, key, key.Shape())
}

// Rank selects the entries of key's last axis whose rank, counted from the
// largest, lies in [from, to): weight 1 on each. A block of tied entries that
// is only partly in the range takes its weights from the slot.
func (r *Rule) Rank(name string, key Node, from, to int) Node {
	s := Slot{Kind: RankSlot, Name: name, From: from, To: to}
	return r.choose(s, opRank, Ints(from, to), key, key.Shape())
}

// Permutation selects the ascending order of key's last axis, for Permute and
// Unpermute. Tied blocks are mixed by the slot, a matrix.
func (r *Rule) Permutation(name string, key Node) Node {
	s, err := key.Shape().Append(key.Shape().Dim(-1))
	if err != nil {
		return r.node.g.fail("permutation", []Node{key}, err)
	}
	return r.choose(Slot{Kind: PermutationSlot, Name: name}, opPermutation, nil, key, s)
}

// Direction selects key/‖key‖ along the last axis, and the slot where key is 0.
func (r *Rule) Direction(name string, key Node) Node {
	return r.choose(Slot{Kind: DirectionSlot, Name: name}, opDirection, nil, key, key.Shape())
}

// choose returns the owner's selector of that name, made at the first request.
func (r *Rule) choose(s Slot, op *Op, at Attr, key Node, shape Shape) Node {
	g := r.node.g
	if !key.Valid() {
		return key
	}
	if sel, ok := r.node.chosen(s.Name); ok {
		return r.again(s.Name, sel, key)
	}
	s.Owner = r.node
	s.Node = g.add(opSlot, nil, shape, nil)
	s.Selector = op.Apply(at, key, s.Node)
	g.note(s.Node, func(m *memo) { m.slot = &s })
	sel := s.Selector
	g.note(r.node, func(m *memo) {
		for _, c := range m.choices {
			if c.name == s.Name { // another goroutine was faster
				sel = c.selector
				return
			}
		}
		m.choices = append(slices.Clone(m.choices), choice{s.Name, sel})
	})
	return sel
}

// again returns a selector that was made before, if it was for the same key.
func (r *Rule) again(name string, sel, key Node) Node {
	first := sel.Args()[0]
	if first == key || first.Op() == key.Op() && slices.Equal(first.ArgIDs(), key.ArgIDs()) && first.Attr().Equal(key.Attr()) {
		return sel
	}
	return r.node.g.fail("slot", []Node{key}, fmt.Errorf("%v has a slot %q with another key; give this one a name of its own", r.node, name))
}

// chosen returns the selector that the node owns under that name.
func (n Node) chosen(name string) (Node, bool) {
	for _, c := range n.memo().choices {
		if c.name == name {
			return c.selector, true
		}
	}
	return Node{}, false
}

// Slopes returns the slopes of an elementwise node, or the weights of a
// reduction as a single entry. They are made once for each node, so forward
// and backward mode share their selectors.
func Slopes(n Node) []Node {
	if s := n.memo().slopes; s != nil {
		return s
	}
	var s []Node
	if op := n.Op(); op.Weights != nil {
		s = []Node{op.Weights(NewRule(n))}
	} else {
		s = op.Slopes(NewRule(n))
	}
	n.g.note(n, func(m *memo) { m.slopes = s })
	return s
}
