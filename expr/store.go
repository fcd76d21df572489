package expr

import (
	"math/bits"
	"sync/atomic"
)

// node is what a graph keeps of a node: one cache line. Nodes never change once
// they have an id, but for the memo.
type node struct {
	op    *Op
	more  *more // nil for nodes of at most two operands without attributes
	memo  atomic.Pointer[memo]
	shape Shape
	arity int32
	args  [2]int32
}

// more holds what few nodes have: attributes, and three operands or more.
type more struct {
	attr Attr
	args []int32
}

// memo is what is said of a node after it was made. It is replaced as a whole,
// under the graph's lock, and read without one.
type memo struct {
	input   *Input   // what an input node is
	slot    *Slot    // what a slot node is
	slopes  []Node   // slopes or weights, made once
	choices []choice // the selectors that the node owns
}

// choice is the selector of an owner's slot of that name.
type choice struct {
	name     string
	selector Node
}

func (n *node) operands() []int32 {
	if n.arity > int32(len(n.args)) {
		return n.more.args
	}
	return n.args[:n.arity:n.arity]
}

func (n *node) attributes() Attr {
	if n.more == nil {
		return nil
	}
	return n.more.attr
}

// store holds nodes by id in pages that never move: page p has room for
// firstPage·2^p of them. A node is therefore read without a lock by whoever was
// given its id, while the graph grows.
type store struct {
	pages [32 - firstBits][]node
	count int32
}

const firstBits = 6

func locate(id int32) (page int, at uint32) {
	u := uint32(id) + 1<<firstBits
	page = bits.Len32(u) - 1 - firstBits
	return page, u - 1<<(firstBits+page)
}

func (s *store) at(id int32) *node {
	page, at := locate(id)
	return &s.pages[page][at]
}

// next returns the place of the node that is added next, and its id.
func (s *store) next() (*node, int32) {
	page, at := locate(s.count)
	if at == 0 {
		s.pages[page] = make([]node, 1<<(firstBits+page))
	}
	s.count++
	return &s.pages[page][at], s.count - 1
}
