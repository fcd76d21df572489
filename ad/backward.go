package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Backward returns the program of f and its adjoint, with open slots. Its
// inputs are those of f, then one cotangent for each output; its outputs are
// those of f, then the cotangents of the inputs f.Wrt(), Jᵀȳ summed over the
// outputs.
func Backward(f *expr.Func) (*expr.Func, error) { return Rules{}.Backward(f) }

// Backward is [Backward] by these rules. A defective rule is a *RuleError.
func (r Rules) Backward(f *expr.Func) (*expr.Func, error) {
	ct := companions(f, f.Out(), "bar")
	grads, err := (&rules{own: r.own}).cotangents(f.Out(), ct, f.Wrt())
	if err != nil {
		return nil, err
	}
	return f.Graph().Func(expr.In(f.In()...), expr.In(ct...), expr.Out(f.Out()...), expr.Out(grads...))
}

// Gradient returns the program of a scalar f and its gradient, with open slots:
// outputs f, then one gradient for each input of f.Wrt().
func Gradient(f *expr.Func) (*expr.Func, error) { return Rules{}.Gradient(f) }

// Gradient is [Gradient] by these rules. A defective rule is a *RuleError.
func (r Rules) Gradient(f *expr.Func) (*expr.Func, error) {
	out := f.Out()
	if len(out) != 1 || out[0].Shape().Rank() != 0 {
		return nil, fmt.Errorf("ad: a gradient needs one scalar output, got %d of shape %v; use Backward or Jacobian", len(out), out[0].Shape())
	}
	grads, err := (&rules{own: r.own}).cotangents(out, []expr.Node{f.Graph().Const(1)}, f.Wrt())
	if err != nil {
		return nil, err
	}
	return f.Graph().Func(expr.In(f.In()...), expr.Out(out[0]), expr.Out(grads...))
}

// adjoint is one backward pass.
type adjoint struct {
	rules  *rules
	order  *expr.Order // what the roots need; the slices below go by its numbers
	wanted []bool
	ct     []expr.Node
	picks  map[int]*picks
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
	out, _ := new(rules).cotangents(roots, ct, sources) // records do not fail
	return out
}

func (r *rules) cotangents(roots, ct, sources []expr.Node) ([]expr.Node, error) {
	order := expr.NewOrder(roots...)
	a := &adjoint{rules: r, order: order, wanted: order.Depends(sources), ct: make([]expr.Node, order.Len()), picks: map[int]*picks{}}
	for _, s := range sources {
		if i := order.Index(s); i >= 0 {
			a.wanted[i] = true
		}
	}
	for i, r := range roots {
		a.receive(order.Index(r), ct[i])
	}
	for i := order.Len() - 1; i >= 0; i-- {
		if a.wanted[i] {
			a.visit(i)
		}
	}
	out := make([]expr.Node, len(sources))
	for k, s := range sources {
		if i := order.Index(s); i >= 0 {
			out[k] = a.ct[i]
		}
		if !out[k].Valid() {
			out[k] = zeros(s)
		}
	}
	return out, r.err
}

// receive adds to the cotangent of a node.
func (a *adjoint) receive(i int, ct expr.Node) {
	if ct.Valid() && a.wanted[i] {
		a.ct[i] = add(a.ct[i], ct)
	}
}

// visit sends the cotangent of a node on to its operands.
func (a *adjoint) visit(i int) {
	n := a.order.Node(i)
	if p := a.picks[i]; p != nil {
		a.receive(i, expr.Assemble(n.Shape(), p.ct, p.index))
	}
	ct := a.ct[i]
	if !ct.Valid() || n.IsInput() {
		return
	}
	args := n.Args()
	_, own := a.rules.own[n.Op()]
	if op := n.Op(); op.Selects && op.Transpose == nil && !own {
		a.pick(n, args[0], ct)
		return
	}
	for k, d := range a.rules.pullback(n, ct) {
		a.receive(a.order.Index(args[k]), d)
	}
}

func (a *adjoint) pick(n, from, ct expr.Node) {
	i := a.order.Index(from)
	if !a.wanted[i] {
		return
	}
	p := a.picks[i]
	if p == nil {
		p = &picks{}
		a.picks[i] = p
	}
	p.ct = append(p.ct, ct)
	p.index = append(p.index, n.Op().Index([]expr.Shape{from.Shape()}, n.Shape(), n.Attr()))
}
