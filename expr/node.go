package expr

import "fmt"

// Node is one value of a program: a small handle to a graph's node. A failed
// node stands for a mistake that Graph.Func reports.
type Node struct {
	g  *Graph
	id int32
}

// Valid reports whether the node stands for a value.
func (n Node) Valid() bool { return n.g != nil && n.id >= 0 }

// Graph returns the graph that the node belongs to.
func (n Node) Graph() *Graph { return n.g }

// ID returns the node's number in its graph; ids are a topological order. It
// is negative for a failed node.
func (n Node) ID() int {
	if n.g == nil {
		return -1
	}
	return int(n.id)
}

func (n Node) get() *node { return n.g.at(n.id) }

// memo returns what is said of the node; the zero memo if nothing is.
func (n Node) memo() memo {
	if m := n.get().memo.Load(); m != nil {
		return *m
	}
	return memo{}
}

// Op returns the primitive that makes the node.
func (n Node) Op() *Op { return n.get().op }

// Shape returns the node's shape; a failed node has that of a scalar.
func (n Node) Shape() Shape {
	if !n.Valid() {
		return Shape{}
	}
	return n.get().shape
}

// Attr returns the node's attributes; the caller must not change them.
func (n Node) Attr() Attr { return n.get().attributes() }

// Args returns the operands.
func (n Node) Args() []Node {
	ids := n.ArgIDs()
	out := make([]Node, len(ids))
	for i, id := range ids {
		out[i] = Node{n.g, id}
	}
	return out
}

// ArgIDs returns the ids of the operands; the caller must not change them.
func (n Node) ArgIDs() []int32 { return n.get().operands() }

// At returns the node of the same graph with the given id.
func (n Node) At(id int) Node { return Node{n.g, int32(id)} }

// Input returns the description of an input node; ok is false for others.
func (n Node) Input() (in Input, ok bool) {
	if d := n.memo().input; d != nil {
		return *d, true
	}
	return Input{}, false
}

// IsConst reports whether the node is a constant, and its values.
func (n Node) IsConst() ([]Number, bool) {
	d := n.get()
	if d.op != opConst {
		return nil, false
	}
	return d.attributes()[1+d.shape.Rank():], true
}

// Uniform returns the one value of a constant all of whose entries agree,
// looking through broadcasts; ok is false for other nodes.
func (n Node) Uniform() (Number, bool) {
	for n.Op() == opBroadcast {
		n = n.Args()[0]
	}
	v, ok := n.IsConst()
	if !ok {
		return Number{}, false
	}
	for _, x := range v[1:] {
		if !x.Equal(v[0]) {
			return Number{}, false
		}
	}
	return v[0], true
}

// String returns op and id, as in "relu#3", the name that kinks go by; inputs
// go by their own.
func (n Node) String() string {
	switch {
	case n.g == nil:
		return "zero node"
	case n.id < 0:
		return "failed node"
	}
	if in, ok := n.Input(); ok {
		return in.Name
	}
	return fmt.Sprintf("%s#%d", n.Op().Name, n.id)
}

func graphOf(args []Node) *Graph {
	for _, a := range args {
		if a.g != nil {
			return a.g
		}
	}
	return nil
}
