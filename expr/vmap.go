package expr

import "fmt"

// Vmap returns the program that runs f at lanes points at once. Inputs and
// open slots get a leading axis of that extent, except the shared ones, which
// all lanes read. The new program lives in a graph of its own; its inputs are
// those of f, with their roles, followed by its slots as data, and origin gives,
// for every node of the new graph, the id of the node of f that it stems from.
//
// It needs no rule for any op: ops act on trailing axes.
func Vmap(f *Func, lanes int, shared []Node) (mapped *Func, origin []int, err error) {
	if lanes < 1 || lanes > MaxSize {
		return nil, nil, fmt.Errorf("expr: %d lanes asked; there must be at least 1", lanes)
	}
	g := NewGraph()
	g.laned = true
	v := &vmapper{g: g, lanes: lanes, to: make(map[int32]Node, len(f.live)), shared: map[Node]bool{}}
	for _, n := range shared {
		v.shared[n] = true
	}
	in := f.inputs()
	for _, n := range in {
		v.leaf(n)
	}
	for _, n := range f.Nodes() {
		v.node(n)
		for len(v.origin) < int(v.g.count) {
			v.origin = append(v.origin, n.ID())
		}
	}
	out := make([]Node, len(f.out))
	for i, n := range f.out {
		out[i] = v.lift(v.to[n.id], n)
	}
	for i, n := range in {
		in[i] = v.to[n.id]
	}
	mapped, err = v.g.Func(In(in...), Out(out...))
	for len(v.origin) < int(v.g.count) {
		v.origin = append(v.origin, -1)
	}
	return mapped, v.origin, err
}

type vmapper struct {
	g      *Graph
	lanes  int
	to     map[int32]Node
	shared map[Node]bool
	origin []int
}

// inputs returns all that executors supply: inputs, then open slots.
func (f *Func) inputs() []Node { return append(f.In(), f.slots...) }

func (v *vmapper) leaf(n Node) {
	s := n.Shape()
	if !v.shared[n] {
		s = v.laned(s)
	}
	in := Input{Role: Datum}
	if slot, ok := n.Slot(); ok {
		in.Name = slot.String()
	} else {
		in = *n.memo().input
	}
	v.to[n.id] = v.g.addInput(in, s)
	v.origin = append(v.origin, n.ID())
}

// laned puts the lane axis in front; the storage of Shape has room for it.
func (v *vmapper) laned(s Shape) Shape {
	out := Shape{rank: s.rank + 1}
	out.dims[0] = int32(v.lanes)
	copy(out.dims[1:], s.dims[:s.rank])
	return out
}

func (v *vmapper) node(n Node) {
	if _, done := v.to[n.id]; done {
		return
	}
	op := n.Op()
	if op == opConst {
		v.to[n.id] = v.g.add(opConst, n.Attr(), n.Shape(), nil)
		return
	}
	args := n.Args()
	mapped := make([]Node, len(args))
	laned := false
	for i, a := range args {
		mapped[i] = v.to[a.id]
		laned = laned || mapped[i].Shape() != a.Shape()
	}
	switch {
	case !laned || op.Elementwise:
	case op.Shares != nil:
		v.share(n, mapped)
	default:
		for i, a := range args {
			mapped[i] = v.lift(mapped[i], a)
		}
	}
	v.to[n.id] = op.Apply(n.Attr(), mapped...)
}

// share lets operands without leading axes stay shared, and gives the others
// the leading axes that they are to have in common: the lanes, then n's own.
func (v *vmapper) share(n Node, mapped []Node) {
	shapes := shapesOfNodes(n.Args())
	lead, _ := commonLead(shapes, n.Op().Shares...) // n has been built
	for i, a := range n.Args() {
		own := n.Op().Shares[i]
		isLaned := mapped[i].Shape() != a.Shape()
		switch bare := a.Shape().Rank() == own; {
		case isLaned && bare && lead.Rank() > 0:
			full, _ := lead.Join(a.Shape())
			mapped[i] = opBroadcast.Apply(append(Ints(own), Ints(full.Dims()...)...), mapped[i])
		case !isLaned && !bare:
			mapped[i] = v.lift(mapped[i], a)
		}
	}
}

// lift repeats a value that all lanes share along the lane axis.
func (v *vmapper) lift(m, n Node) Node {
	s := n.Shape()
	if m.Shape() != s {
		return m
	}
	return opBroadcast.Apply(append(Ints(s.Rank()), Ints(v.laned(s).Dims()...)...), m)
}
