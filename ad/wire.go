package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Wiring says how slots are closed. Make one with a preset, AtKink, AtSlot,
// Random, Along or Wirings.
type Wiring struct {
	// along lists directions: each has one tangent for every input of f.Wrt().
	// The tangents of a key along them become further keys.
	along [][]expr.Node
	// extra returns further keys of a slot's selector.
	extra func(s *expr.Slot) []expr.Node
	// choose returns the slot's value, given all keys; an invalid node without
	// an error leaves the slot open.
	choose func(s *expr.Slot, keys []expr.Node) (expr.Node, error)
}

// Wire returns f with its slots closed. Keys may be extended by tangents, whose
// own slots are closed in the same way first. Inputs that the wiring brings in
// follow those of f.
func Wire(f *expr.Func, w Wiring) (*expr.Func, error) {
	if len(f.Slots()) == 0 {
		return f, nil
	}
	r := &rewriter{wiring: w, to: map[expr.Node]expr.Node{}, extra: map[expr.Node][]expr.Node{}, selector: map[expr.Node]*expr.Slot{}}
	if err := r.prepare(f); err != nil {
		return nil, err
	}
	out := f.Out()
	for i, n := range out {
		if err := r.rewrite(n); err != nil {
			return nil, err
		}
		out[i] = r.to[n]
	}
	return closeFunc(f, out)
}

// closeFunc makes a Func of f's inputs, those that the outputs need besides,
// and the outputs.
func closeFunc(f *expr.Func, out []expr.Node) (*expr.Func, error) {
	in := f.In()
	listed := map[expr.Node]bool{}
	for _, n := range in {
		listed[n] = true
	}
	for _, n := range expr.Reach(out...) {
		if _, isInput := n.Input(); isInput && !listed[n] {
			in = append(in, n)
		}
	}
	return f.Graph().Func(expr.In(in...), expr.Out(out...))
}

// rewriter replaces selectors by wired ones.
type rewriter struct {
	wiring   Wiring
	to       map[expr.Node]expr.Node   // rewritten nodes
	selector map[expr.Node]*expr.Slot  // the selectors to be wired
	extra    map[expr.Node][]expr.Node // by selector: further keys, not yet rewritten
}

// prepare finds every slot that the wired program involves and the further
// keys of its selector. Tangents of keys bring in slots of earlier kinks, so
// this is a closure.
func (r *rewriter) prepare(f *expr.Func) error {
	passes := make([]*tangent, len(r.wiring.along))
	for i, d := range r.wiring.along {
		if len(d) != len(f.Wrt()) {
			return fmt.Errorf("ad: direction %d has %d tangents; the program has %d inputs to differentiate", i, len(d), len(f.Wrt()))
		}
		passes[i] = newTangent(f.Wrt(), d)
	}
	for fresh := f.Slots(); len(fresh) > 0; {
		var slots []*expr.Slot
		var keys, roots []expr.Node
		for _, n := range fresh {
			s, _ := n.Slot()
			slots = append(slots, s)
			keys = append(keys, s.Keys()...)
			r.selector[s.Selector] = s
		}
		roots = append(roots, keys...)
		for _, p := range passes {
			p.extend(keys)
		}
		for _, s := range slots {
			r.extra[s.Selector] = r.keysOf(s, passes)
			roots = append(roots, r.extra[s.Selector]...)
		}
		fresh = r.unseen(roots)
	}
	return nil
}

// keysOf returns the further keys of a slot's selector.
func (r *rewriter) keysOf(s *expr.Slot, passes []*tangent) []expr.Node {
	var extra []expr.Node
	key := s.Keys()[0]
	for _, p := range passes {
		if t := p.of[key]; t.Valid() {
			extra = append(extra, t)
		}
	}
	if r.wiring.extra != nil {
		extra = append(extra, r.wiring.extra(s)...)
	}
	return extra
}

// unseen returns the slots that the roots need and that are not yet prepared.
func (r *rewriter) unseen(roots []expr.Node) []expr.Node {
	var out []expr.Node
	for _, n := range expr.Reach(roots...) {
		if s, ok := n.Slot(); ok && r.selector[s.Selector] == nil {
			out = append(out, n)
		}
	}
	return out
}

// rewrite computes to[n], children first, without recursion.
func (r *rewriter) rewrite(root expr.Node) error {
	stack := []expr.Node{root}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		if _, done := r.to[n]; done {
			stack = stack[:len(stack)-1]
			continue
		}
		pending := len(stack)
		for _, m := range r.needs(n) {
			if _, done := r.to[m]; !done {
				stack = append(stack, m)
			}
		}
		if len(stack) > pending {
			continue
		}
		m, err := r.rebuild(n)
		if err != nil {
			return err
		}
		r.to[n] = m
		stack = stack[:pending-1]
	}
	return nil
}

// needs returns the nodes that have to be rewritten before n.
func (r *rewriter) needs(n expr.Node) []expr.Node {
	s := r.selector[n]
	if s == nil {
		return n.Args()
	}
	return append(s.Keys(), r.extra[n]...)
}

func (r *rewriter) rebuild(n expr.Node) (expr.Node, error) {
	args := r.needs(n)
	changed := false
	for i, a := range args {
		args[i] = r.to[a]
		changed = changed || args[i] != a
	}
	if s := r.selector[n]; s != nil {
		return r.wire(s, args)
	}
	if !changed {
		return n, nil
	}
	return n.Op().Apply(n.Attr(), args...), nil
}

func (r *rewriter) wire(s *expr.Slot, keys []expr.Node) (expr.Node, error) {
	v, err := r.wiring.choose(s, keys)
	if err != nil {
		return v, err
	}
	if !v.Valid() {
		v = s.Node
	}
	return s.Selector.Op().Apply(s.Selector.Attr(), append(keys, v)...), nil
}
