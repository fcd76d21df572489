package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Wiring says how slots are closed. Make one with a Preset, AtKink, AtSlot,
// Random or Along, and change single slots with Override. The zero value leaves
// all slots open.
type Wiring struct {
	// along lists directions: each has one tangent for every input of f.Wrt().
	// The tangents of a key along them become further keys.
	along [][]expr.Node
	// rekey replaces the switching value; nil keeps it.
	rekey func(s *expr.Slot, key expr.Node) expr.Node
	// extra returns further keys of a slot's selector.
	extra func(s *expr.Slot) []expr.Node
	// choose returns the slot's value, given all keys; nil, or an invalid node
	// without an error, leaves the slot open.
	choose func(s *expr.Slot, keys []expr.Node) (expr.Node, error)
	// named lists slots that must exist.
	named []string
}

// Wire returns f with its slots closed. Keys may be extended by tangents, whose
// own slots are closed in the same way first. Inputs that the wiring brings in
// follow those of f.
func Wire(f *expr.Func, w Wiring) (*expr.Func, error) {
	if len(f.Slots()) == 0 && len(w.named) == 0 {
		return f, nil
	}
	r := &rewriter{wiring: w, to: map[expr.Node]expr.Node{}, extra: map[expr.Node][]expr.Node{}, selector: map[expr.Node]*expr.Slot{}}
	if err := r.prepare(f); err != nil {
		return nil, err
	}
	if err := r.checkNames(); err != nil {
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
	passes   []*tangent                // one for each direction
}

// prepare finds every selector that the wired program involves, and its further
// keys. Tangents of keys bring in selectors of earlier kinks, so this is a
// closure.
func (r *rewriter) prepare(f *expr.Func) error {
	for i, d := range r.wiring.along {
		if len(d) != len(f.Wrt()) {
			return fmt.Errorf("ad: direction %d has %d tangents; the program has %d inputs to differentiate", i, len(d), len(f.Wrt()))
		}
		r.passes = append(r.passes, newTangent(f.Wrt(), d))
	}
	for fresh := r.unseen(f.Out()); len(fresh) > 0; {
		var roots []expr.Node
		for _, n := range fresh {
			roots = append(roots, keysOf(n)...)
		}
		for _, p := range r.passes {
			p.extend(roots)
		}
		for _, n := range fresh {
			r.extra[n] = r.furtherKeys(n)
			roots = append(roots, r.extra[n]...)
		}
		fresh = r.unseen(roots)
	}
	return nil
}

// keysOf returns the keys of a selector; the last operand is the slot.
func keysOf(selector expr.Node) []expr.Node {
	args := selector.Args()
	return args[:len(args)-1]
}

// furtherKeys returns the tangents of a selector's switching value, then what
// the wiring adds.
func (r *rewriter) furtherKeys(selector expr.Node) []expr.Node {
	var extra []expr.Node
	for _, p := range r.passes {
		if t := p.of[keysOf(selector)[0]]; t.Valid() {
			extra = append(extra, t)
		}
	}
	if r.wiring.extra != nil {
		extra = append(extra, r.wiring.extra(r.selector[selector])...)
	}
	return extra
}

// unseen returns the open selectors that the roots need and that are not yet
// prepared.
func (r *rewriter) unseen(roots []expr.Node) []expr.Node {
	var out []expr.Node
	for _, n := range expr.Reach(roots...) {
		if s, ok := n.SelectorSlot(); ok && r.selector[n] == nil {
			r.selector[n] = s
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
	if r.selector[n] == nil {
		return n.Args()
	}
	return append(keysOf(n), r.extra[n]...)
}

func (r *rewriter) rebuild(n expr.Node) (expr.Node, error) {
	args := r.needs(n)
	changed := false
	for i, a := range args {
		args[i] = r.to[a]
		changed = changed || args[i] != a
	}
	if s := r.selector[n]; s != nil {
		return r.wire(n, s, args)
	}
	if !changed {
		return n, nil
	}
	return n.Op().Apply(n.Attr(), args...), nil
}

func (r *rewriter) wire(n expr.Node, s *expr.Slot, keys []expr.Node) (expr.Node, error) {
	if r.wiring.rekey != nil {
		keys[0] = r.wiring.rekey(s, keys[0])
	}
	v := s.Node
	if r.wiring.choose != nil {
		chosen, err := r.wiring.choose(s, keys)
		if err != nil {
			return chosen, err
		}
		if chosen.Valid() {
			v = chosen
		}
	}
	return n.Op().Apply(n.Attr(), append(keys, v)...), nil
}
