package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Forward returns the program of f and its derivative along a direction, with
// open slots. Its inputs are those of f, then one tangent for each input of
// f.Wrt(); its outputs are those of f, then their tangents. The tangent of an
// input x is named "dx".
func Forward(f *expr.Func) (*expr.Func, error) {
	wrt := f.Wrt()
	dx := companions(f, wrt, "d")
	dy := tangents(f.Out(), wrt, dx)
	for i, y := range f.Out() {
		if !dy[i].Valid() {
			dy[i] = zeros(y)
		}
	}
	return f.Graph().Func(expr.In(f.In()...), expr.In(dx...), expr.Out(f.Out()...), expr.Out(dy...))
}

// companions adds a data input of the shape of each node, named after it with a
// prefix; names that f has already get the prefix once more.
func companions(f *expr.Func, nodes []expr.Node, prefix string) []expr.Node {
	taken := map[string]bool{}
	for _, m := range f.In() {
		taken[m.String()] = true
	}
	out := make([]expr.Node, len(nodes))
	for i, n := range nodes {
		name := fmt.Sprintf("%sy%d", prefix, i)
		if _, ok := n.Input(); ok {
			name = prefix + n.String()
		}
		for taken[name] {
			name = prefix + name
		}
		taken[name] = true
		out[i] = f.Graph().Data(name, n.Shape().Dims()...)
	}
	return out
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
