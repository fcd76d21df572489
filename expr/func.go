package expr

import (
	"fmt"
	"slices"
)

// Func is an immutable program: the part of a graph that its outputs need,
// with inputs in a fixed order. A Func may have open slots: the free choices
// at the kinks of a derivative, see Slot.
type Func struct {
	g     *Graph
	in    []Node
	out   []Node
	live  []int32 // ids of all nodes that the outputs need, ascending
	order *Order  // the same
	slots []Node
}

// FuncOption names inputs or outputs of a Func.
type FuncOption func(*Func)

// In names the inputs, in order.
func In(nodes ...Node) FuncOption { return func(f *Func) { f.in = append(f.in, nodes...) } }

// Out names the outputs, in order.
func Out(nodes ...Node) FuncOption { return func(f *Func) { f.out = append(f.out, nodes...) } }

// Func returns the program with the given inputs and outputs, or the first
// mistake made in the graph. Every input that an output needs must be listed;
// inputs that nothing needs may be.
func (g *Graph) Func(opts ...FuncOption) (*Func, error) {
	f := &Func{g: g}
	for _, o := range opts {
		o(f)
	}
	if err := g.Err(); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return f, f.close()
}

func (f *Func) check() error {
	if len(f.out) == 0 {
		return fmt.Errorf("expr: a Func needs at least one output; name it with expr.Out")
	}
	for i, n := range f.out {
		if n.g != f.g || n.id < 0 {
			return fmt.Errorf("expr: output %d is not a node of this graph", i)
		}
	}
	names := map[string]bool{}
	for i, n := range f.in {
		if n.g != f.g || n.id < 0 {
			return fmt.Errorf("expr: input %d is not a node of this graph", i)
		}
		in, ok := n.Input()
		if !ok {
			return fmt.Errorf("expr: input %d is %v, which is computed; only inputs of the graph can be inputs of a Func", i, n)
		}
		if names[in.Name] {
			return fmt.Errorf("expr: two inputs are named %q; names must differ", in.Name)
		}
		names[in.Name] = true
	}
	return nil
}

// close finds the live nodes, the open slots and inputs that were forgotten.
func (f *Func) close() error {
	f.order = NewOrder(f.out...)
	f.live = f.order.ids
	listed := make(map[Node]bool, len(f.in))
	for _, n := range f.in {
		listed[n] = true
	}
	for _, id := range f.live {
		switch n := (Node{f.g, id}); n.Op() {
		case opInput:
			if !listed[n] {
				return fmt.Errorf("expr: the outputs need input %q, which is not listed in expr.In", n)
			}
		case opSlot:
			f.slots = append(f.slots, n)
		}
	}
	return nil
}

// Graph returns the graph that the program is part of.
func (f *Func) Graph() *Graph { return f.g }

// In returns the inputs in order.
func (f *Func) In() []Node { return slices.Clone(f.in) }

// Out returns the outputs in order.
func (f *Func) Out() []Node { return slices.Clone(f.out) }

// Slots returns the open slots, ordered by node. They are further inputs:
// programs compiled from f take their values after those of In.
func (f *Func) Slots() []Node { return slices.Clone(f.slots) }

// Nodes returns every node that the outputs need, in topological order.
func (f *Func) Nodes() []Node { return f.order.nodes() }

// Order returns the same nodes, numbered.
func (f *Func) Order() *Order { return f.order }

// Len returns the number of nodes that the outputs need.
func (f *Func) Len() int { return len(f.live) }

// Wrt returns the inputs with respect to which gradients are taken: the
// parameters if there are any, else the variables.
func (f *Func) Wrt() []Node {
	var params, vars []Node
	for _, n := range f.in {
		switch in, _ := n.Input(); in.Role {
		case Parameter:
			params = append(params, n)
		case Variable:
			vars = append(vars, n)
		}
	}
	if len(params) > 0 {
		return params
	}
	return vars
}
