package ad

import "github.com/tamegrad/tamegrad/expr"

// Forward returns the program of f and its derivative along a direction, with
// open slots. Its inputs are those of f, then one tangent for each input of
// f.Wrt(); its outputs are those of f, then their tangents. The tangent of an
// input x is named "dx".
func Forward(f *expr.Func) (*expr.Func, error) {
	wrt := f.Wrt()
	dx := make([]expr.Node, len(wrt))
	for i, x := range wrt {
		dx[i] = companion(f, x, "d")
	}
	dy := tangents(f.Out(), wrt, dx)
	for i, y := range f.Out() {
		if !dy[i].Valid() {
			dy[i] = zeros(y)
		}
	}
	return f.Graph().Func(expr.In(f.In()...), expr.In(dx...), expr.Out(f.Out()...), expr.Out(dy...))
}

// companion adds a data input of the shape of n, named after it.
func companion(f *expr.Func, n expr.Node, prefix string) expr.Node {
	name := prefix + "y"
	if in, ok := n.Input(); ok {
		name = prefix + in.Name
	}
	taken := map[string]bool{}
	for _, m := range f.In() {
		in, _ := m.Input()
		taken[in.Name] = true
	}
	for taken[name] {
		name = prefix + name
	}
	return f.Graph().Data(name, n.Shape().Dims()...)
}

// tangents propagates the tangents dx of the sources to the roots. Roots that
// do not depend on a source get an invalid node.
func tangents(roots, sources, dx []expr.Node) []expr.Node {
	t := newTangent(sources, dx)
	t.extend(roots)
	out := make([]expr.Node, len(roots))
	for i, r := range roots {
		out[i] = t.of[r]
	}
	return out
}

// tangent is a forward pass that can be extended to further roots.
type tangent struct {
	sources []expr.Node
	of      map[expr.Node]expr.Node
	done    map[expr.Node]bool
}

func newTangent(sources, dx []expr.Node) *tangent {
	t := &tangent{sources: sources, of: map[expr.Node]expr.Node{}, done: map[expr.Node]bool{}}
	for i, s := range sources {
		t.of[s], t.done[s] = dx[i], true
	}
	return t
}

// extend computes the tangents of everything that the roots need.
func (t *tangent) extend(roots []expr.Node) {
	wanted := expr.Wants(roots, t.sources)
	for _, n := range expr.Reach(roots...) {
		if t.done[n] || !wanted[n.ID()] {
			continue
		}
		t.done[n] = true
		args := n.Args()
		for i, a := range args {
			args[i] = t.of[a]
		}
		if d := pushforward(n, args); d.Valid() {
			t.of[n] = d
		}
	}
}
