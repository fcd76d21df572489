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
	r := &rewriter{wiring: w, seen: map[expr.Node]bool{}}
	if err := r.prepare(f); err != nil {
		return nil, err
	}
	if err := r.checkNames(); err != nil {
		return nil, err
	}
	for i := range r.order.Len() {
		if err := r.rewrite(r.order.Node(i)); err != nil {
			return nil, err
		}
	}
	out := f.Out()
	for i, n := range out {
		out[i] = r.result(n)
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
	wiring    Wiring
	selectors []wiredSelector
	seen      map[expr.Node]bool // selectors of the list, when it gets longer
	passes    []*tangent         // one for each direction

	order *expr.Order // everything that takes part
	to    []expr.Node // rewritten nodes, by number
	which []int32     // the selector of that number, from 1

	stack, args []expr.Node // buffers
}

// wiredSelector is a selector to be wired.
type wiredSelector struct {
	node  expr.Node
	slot  *expr.Slot
	extra []expr.Node // further keys, not yet rewritten
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
	r.order = f.Order()
	all := f.Out()
	for fresh := r.unseen(r.order); len(fresh) > 0; {
		r.extendPasses(fresh)
		var extra []expr.Node
		for i := range fresh {
			fresh[i].extra = r.furtherKeys(&fresh[i])
			extra = append(extra, fresh[i].extra...)
		}
		if len(extra) == 0 {
			break // keys are operands, so that they are in order already
		}
		all = append(all, extra...)
		r.order = expr.NewOrder(all...)
		fresh = r.unseen(expr.NewOrder(extra...))
	}
	r.to, r.which = make([]expr.Node, r.order.Len()), make([]int32, r.order.Len())
	for i := range r.selectors {
		r.which[r.order.Index(r.selectors[i].node)] = int32(i + 1)
	}
	r.keepRest()
	return nil
}

// extendPasses takes the tangents of the keys of selectors.
func (r *rewriter) extendPasses(fresh []wiredSelector) {
	if len(r.passes) == 0 {
		return
	}
	var keys []expr.Node
	for i := range fresh {
		keys = append(keys, keysOf(fresh[i].node)...)
	}
	order := expr.NewOrder(keys...)
	for _, p := range r.passes {
		p.extend(order)
	}
}

// keepRest leaves every node as it is that needs no selector.
func (r *rewriter) keepRest() {
	changes := make([]bool, r.order.Len())
	for i := range changes {
		n := r.order.Node(i)
		changes[i] = r.which[i] > 0
		for _, a := range n.ArgIDs() {
			changes[i] = changes[i] || changes[r.order.Index(n.At(int(a)))]
		}
		if !changes[i] {
			r.to[i] = n
		}
	}
}

// keysOf returns the keys of a selector; the last operand is the slot.
func keysOf(selector expr.Node) []expr.Node {
	args := selector.Args()
	return args[:len(args)-1]
}

// furtherKeys returns the tangents of a selector's switching value, then what
// the wiring adds.
func (r *rewriter) furtherKeys(s *wiredSelector) []expr.Node {
	var extra []expr.Node
	for _, p := range r.passes {
		if t := p.at(keysOf(s.node)[0]); t.Valid() {
			extra = append(extra, t)
		}
	}
	if r.wiring.extra != nil {
		extra = append(extra, r.wiring.extra(s.slot)...)
	}
	return extra
}

// unseen lists the open selectors in order that are not yet prepared.
func (r *rewriter) unseen(order *expr.Order) []wiredSelector {
	before := len(r.selectors)
	for _, s := range r.selectors[len(r.seen):] { // an order has every node once
		r.seen[s.node] = true
	}
	for i := range order.Len() {
		n := order.Node(i)
		if s, ok := n.SelectorSlot(); ok && !r.seen[n] {
			r.selectors = append(r.selectors, wiredSelector{node: n, slot: s})
		}
	}
	return r.selectors[before:]
}

// result returns what a node was rewritten to, the zero Node if it was not yet.
func (r *rewriter) result(n expr.Node) expr.Node { return r.to[r.order.Index(n)] }

func (r *rewriter) done(n expr.Node) bool { return r.result(n) != expr.Node{} }

// rewrite computes the result of root, without recursion. In order, operands are there
// already, but further keys may come later.
func (r *rewriter) rewrite(root expr.Node) error {
	r.stack = append(r.stack[:0], root)
	for len(r.stack) > 0 {
		pending := len(r.stack)
		n := r.stack[pending-1]
		if r.done(n) {
			r.stack = r.stack[:pending-1]
			continue
		}
		needs := r.needs(n)
		for _, m := range needs {
			if !r.done(m) {
				r.stack = append(r.stack, m)
			}
		}
		if len(r.stack) > pending {
			continue
		}
		m, err := r.rebuild(n, needs)
		if err != nil {
			return err
		}
		r.to[r.order.Index(n)] = m
	}
	return nil
}

// selector returns the selector to be wired that n is, or nil.
func (r *rewriter) selector(n expr.Node) *wiredSelector {
	if i := r.which[r.order.Index(n)]; i > 0 {
		return &r.selectors[i-1]
	}
	return nil
}

// needs returns the nodes that have to be rewritten before n: the operands, or the keys of a
// selector to be wired. They are in a buffer, for this node only.
func (r *rewriter) needs(n expr.Node) []expr.Node {
	ids := n.ArgIDs()
	s := r.selector(n)
	if s != nil {
		ids = ids[:len(ids)-1] // without the slot
	}
	r.args = r.args[:0]
	for _, id := range ids {
		r.args = append(r.args, n.At(int(id)))
	}
	if s != nil {
		r.args = append(r.args, s.extra...)
	}
	return r.args
}

func (r *rewriter) rebuild(n expr.Node, args []expr.Node) (expr.Node, error) {
	for i, a := range args {
		args[i] = r.result(a)
	}
	if s := r.selector(n); s != nil {
		return r.wire(n, s.slot, args)
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
