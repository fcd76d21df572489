package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Adjoints returns the program of what one backward pass of a scalar f does at the
// given nodes of it: for each node its adjoint, then what its rule sends to each
// operand. Inputs are those of f, and slots those of the gradient by these rules.
//
// With tangents ṅ of all nodes along a direction d, the error of the gradient v
// is a sum over the nodes n with operands a:
//
//	⟨v, d⟩ − f′(x; d) = Σₙ (Σₐ ⟨sent to a, ȧ⟩ − ⟨adjoint, ṅ⟩)
//
// since the adjoint of a node is the sum of what it was sent. The nodes at which
// the term is not 0 are the ones to blame.
func (r Rules) Adjoints(f *expr.Func, nodes ...expr.Node) (*expr.Func, error) {
	root := f.Out()
	if len(root) != 1 || root[0].Shape().Rank() != 0 {
		return nil, fmt.Errorf("ad: adjoints need one scalar output, got %d of shape %v", len(root), root[0].Shape())
	}
	one := &rules{own: r.own}
	adjoints, err := one.cotangents(root, []expr.Node{f.Graph().Const(1)}, nodes)
	if err != nil {
		return nil, err
	}
	var out []expr.Node
	for i, n := range nodes {
		out = append(out, adjoints[i])
		for k, d := range one.sent(n, adjoints[i]) {
			if !d.Valid() {
				d = zeros(n.Args()[k])
			}
			out = append(out, d)
		}
	}
	if one.err != nil {
		return nil, one.err
	}
	return f.Graph().Func(expr.In(f.In()...), expr.Out(out...))
}

// sent is pullback for all ops, also those that only pick entries.
func (r *rules) sent(n, ct expr.Node) []expr.Node {
	op := n.Op()
	if _, own := r.own[op]; own || !op.Selects || op.Transpose != nil {
		return r.pullback(n, ct)
	}
	from := n.Args()[0].Shape()
	index := op.Index([]expr.Shape{from}, n.Shape(), n.Attr())
	return []expr.Node{expr.Assemble(from, []expr.Node{ct}, [][]int32{index})}
}
