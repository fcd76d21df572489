package expr

import "fmt"

// CopyTo adds the program to another graph, occurrence by occurrence, and returns its
// outputs there. Nodes that to has already, which may be inner ones, stand for
// themselves; inputs and open slots must be among them, or the graph keeps an error. All
// others are put into to.
func (f *Func) CopyTo(g *Graph, to map[Node]Node) (out []Node) {
	for _, n := range f.Nodes() {
		if _, done := to[n]; !done {
			to[n] = n.copyTo(g, to)
		}
	}
	for _, n := range f.out {
		out = append(out, to[n])
	}
	return out
}

func (n Node) copyTo(g *Graph, to map[Node]Node) Node {
	switch {
	case n.IsInput():
		return g.fail(n.String(), nil, fmt.Errorf("it is copied without a node that stands for it"))
	case n.Op() == opConst:
		return g.add(opConst, n.Attr(), n.Shape(), nil)
	}
	args := n.Args()
	for i, a := range args {
		args[i] = to[a]
	}
	return n.Op().Apply(n.Attr(), args...)
}

// Sever returns the program, in a graph of its own, in which the given nodes are data
// inputs, in that order: its inputs and open slots, which must be among them, and inner
// nodes that are computed elsewhere.
func (f *Func) Sever(nodes ...Node) (*Func, error) {
	g, to := NewGraph(), make(map[Node]Node, len(f.live))
	in := make([]Node, len(nodes))
	for i, n := range nodes {
		in[i] = g.Data(fmt.Sprint(i), n.Shape().Dims()...)
		to[n] = in[i]
	}
	return g.Func(In(in...), Out(f.CopyTo(g, to)...))
}
