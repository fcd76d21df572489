package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Backward returns the program of f and its adjoint, with open slots. Its
// inputs are those of f, then one cotangent for each output; its outputs are
// those of f, then the cotangents of the inputs f.Wrt(), Jᵀȳ summed over the
// outputs.
func Backward(f *expr.Func) (*expr.Func, error) {
	ct := companions(f, f.Out(), "bar")
	grads := cotangents(f.Out(), ct, f.Wrt())
	return f.Graph().Func(expr.In(f.In()...), expr.In(ct...), expr.Out(f.Out()...), expr.Out(grads...))
}

// Gradient returns the program of a scalar f and its gradient, with open slots:
// outputs f, then one gradient for each input of f.Wrt().
func Gradient(f *expr.Func) (*expr.Func, error) {
	out := f.Out()
	if len(out) != 1 || out[0].Shape().Rank() != 0 {
		return nil, fmt.Errorf("ad: a gradient needs one scalar output, got %d of shape %v; use Backward or Jacobian", len(out), out[0].Shape())
	}
	grads := cotangents(out, []expr.Node{f.Graph().Const(1)}, f.Wrt())
	return f.Graph().Func(expr.In(f.In()...), expr.Out(out[0]), expr.Out(grads...))
}

// adjoint is one backward pass.
type adjoint struct {
	wanted []bool
	ct     map[expr.Node]expr.Node
	picks  map[expr.Node]*picks
}

// picks collects the cotangents of all slices, indices and gathers of one
// node, to be assembled at once: one by one would cost its size for each.
type picks struct {
	ct    []expr.Node
	index [][]int32
}

// cotangents propagates the cotangents ct of the roots to the sources; a source
// that no root depends on gets 0.
func cotangents(roots, ct, sources []expr.Node) []expr.Node {
	a := &adjoint{wanted: expr.Wants(roots, sources), ct: map[expr.Node]expr.Node{}, picks: map[expr.Node]*picks{}}
	for _, s := range sources {
		a.wanted[s.ID()] = true
	}
	for i, r := range roots {
		a.ct[r] = add(a.ct[r], ct[i])
	}
	nodes := expr.Reach(roots...)
	for i := len(nodes) - 1; i >= 0; i-- {
		a.visit(nodes[i])
	}
	out := make([]expr.Node, len(sources))
	for i, s := range sources {
		if out[i] = a.ct[s]; !out[i].Valid() {
			out[i] = zeros(s)
		}
	}
	return out
}

func (a *adjoint) visit(n expr.Node) {
	if !a.wanted[n.ID()] {
		return
	}
	if p := a.picks[n]; p != nil {
		a.ct[n] = add(a.ct[n], expr.Assemble(n.Shape(), p.ct, p.index))
	}
	ct := a.ct[n]
	if !ct.Valid() || n.IsInput() {
		return
	}
	args := n.Args()
	if op := n.Op(); op.Selects && op.Transpose == nil {
		a.pick(n, args[0], ct)
		return
	}
	for i, d := range pullback(n, ct) {
		if d.Valid() && a.wanted[args[i].ID()] {
			a.ct[args[i]] = add(a.ct[args[i]], d)
		}
	}
}

func (a *adjoint) pick(n, from, ct expr.Node) {
	if !a.wanted[from.ID()] {
		return
	}
	p := a.picks[from]
	if p == nil {
		p = &picks{}
		a.picks[from] = p
	}
	p.ct = append(p.ct, ct)
	p.index = append(p.index, n.Op().Index([]expr.Shape{from.Shape()}, n.Shape(), n.Attr()))
}
