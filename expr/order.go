package expr

import "math/bits"

// Order is the set of nodes that some roots need, in topological order. It
// numbers them from 0, so that passes over a program keep what they know in
// slices of its length, however large the graph around it has grown.
type Order struct {
	g    *Graph
	ids  []int32
	set  []uint64 // bit i of word w: whether node 64w + i belongs
	rank []int32  // how many nodes belong to earlier words
}

// NewOrder returns the nodes that the roots, of one graph, need.
func NewOrder(roots ...Node) *Order {
	o := &Order{g: graphOf(roots)}
	top := int32(-1)
	for _, r := range roots {
		top = max(top, r.id)
	}
	o.set = make([]uint64, top/64+1)
	o.rank = make([]int32, len(o.set))
	for _, r := range roots {
		o.set[r.id/64] |= 1 << (r.id % 64)
	}
	o.close()
	return o
}

// close adds the operands of all that belongs, from the highest id down.
func (o *Order) close() {
	count := 0
	for w := len(o.set) - 1; w >= 0; w-- {
		for open := ^uint64(0); o.set[w]&open != 0; {
			top := bits.Len64(o.set[w]&open) - 1
			open = 1<<top - 1
			count++
			for _, a := range o.g.at(int32(64*w + top)).operands() {
				o.set[a/64] |= 1 << (a % 64)
			}
		}
	}
	o.ids = make([]int32, 0, count)
	for w, set := range o.set {
		o.rank[w] = int32(len(o.ids))
		for ; set != 0; set &= set - 1 {
			o.ids = append(o.ids, int32(64*w+bits.TrailingZeros64(set)))
		}
	}
}

// Len returns the number of nodes.
func (o *Order) Len() int { return len(o.ids) }

// Node returns the node of number i; operands have lower numbers.
func (o *Order) Node(i int) Node { return Node{o.g, o.ids[i]} }

// Index returns the number of a node, or −1 if it does not belong.
func (o *Order) Index(n Node) int { return o.index(n.id) }

func (o *Order) index(id int32) int {
	w := int(id / 64)
	if id < 0 || w >= len(o.set) {
		return -1
	}
	bit := uint64(1) << (id % 64)
	if o.set[w]&bit == 0 {
		return -1
	}
	return int(o.rank[w]) + bits.OnesCount64(o.set[w]&(bit-1))
}

// Depends marks, by number, the nodes that depend on one of the sources,
// sources excepted.
func (o *Order) Depends(sources []Node) []bool {
	dep := make([]bool, o.Len())
	isSource := make([]bool, o.Len())
	for _, s := range sources {
		if i := o.Index(s); i >= 0 {
			isSource[i] = true
		}
	}
	for i, id := range o.ids {
		for _, a := range o.g.at(id).operands() {
			k := o.index(a)
			dep[i] = dep[i] || dep[k] || isSource[k]
		}
	}
	return dep
}

// Reach returns every node that the roots need, in topological order.
func Reach(roots ...Node) []Node {
	if len(roots) == 0 {
		return nil
	}
	return NewOrder(roots...).nodes()
}

func (o *Order) nodes() []Node {
	out := make([]Node, len(o.ids))
	for i, id := range o.ids {
		out[i] = Node{o.g, id}
	}
	return out
}
