package vm

import (
	"hash/maphash"

	"github.com/tamegrad/tamegrad/expr"
)

// values numbers the values of a program: equal operations on equal operands
// compute the same bits and run once. Selectors with different slots are
// different operations, so no choice at a kink is ever merged.
type values struct {
	same     []int32 // node id → id of the node that computes its value
	distinct []expr.Node
	moving   []bool // by node id: depends on an input
}

func number(f *expr.Func) *values {
	nodes := f.Nodes()
	top := nodes[len(nodes)-1].ID() + 1
	for _, n := range f.In() { // also those that nothing needs
		top = max(top, n.ID()+1)
	}
	v := &values{same: make([]int32, top), moving: make([]bool, top)}
	for id := range v.same {
		v.same[id] = int32(id)
	}
	seen := map[uint64][]expr.Node{}
	seed := maphash.MakeSeed()
	for _, n := range nodes {
		v.add(n, seen, seed)
	}
	return v
}

func (v *values) add(n expr.Node, seen map[uint64][]expr.Node, seed maphash.Seed) {
	id := n.ID()
	v.moving[id] = n.IsInput()
	if !n.IsInput() {
		for _, a := range n.ArgIDs() {
			v.moving[id] = v.moving[id] || v.moving[a]
		}
		key := v.hash(n, seed)
		for _, m := range seen[key] {
			if v.equal(n, m) {
				v.same[id] = int32(m.ID())
				return
			}
		}
		seen[key] = append(seen[key], n)
	}
	v.distinct = append(v.distinct, n)
}

func (v *values) hash(n expr.Node, seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	h.WriteString(n.Op().Name)
	for _, a := range n.ArgIDs() {
		maphash.WriteComparable(&h, v.same[a])
	}
	for _, a := range n.Attr() {
		maphash.WriteComparable(&h, a.Float())
	}
	return h.Sum64()
}

func (v *values) equal(n, m expr.Node) bool {
	a, b := n.ArgIDs(), m.ArgIDs()
	if n.Op() != m.Op() || len(a) != len(b) || n.Shape() != m.Shape() {
		return false
	}
	for i := range a {
		if v.same[a[i]] != v.same[b[i]] {
			return false
		}
	}
	return n.Attr().Equal(m.Attr())
}

// value returns the node that computes the value of n.
func (v *values) value(n expr.Node) expr.Node { return n.At(int(v.same[n.ID()])) }

// args returns the nodes that compute the operands of n.
func (v *values) args(n expr.Node) []expr.Node {
	out := n.Args()
	for i, a := range out {
		out[i] = v.value(a)
	}
	return out
}
