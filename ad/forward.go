package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Forward returns the program of f and its derivative along a direction, with
// open slots. Its inputs are those of f, then one tangent for each input of
// f.Wrt(); its outputs are those of f, then their tangents. The tangent of an
// input x is named "dx".
func Forward(f *expr.Func) (*expr.Func, error) { return Rules{}.Forward(f) }

// Forward is [Forward] by these rules. A defective rule is a *RuleError.
func (r Rules) Forward(f *expr.Func) (*expr.Func, error) {
	wrt, one := f.Wrt(), &rules{own: r.own}
	dx := companions(f, wrt, "d")
	dy := one.tangents(f.Out(), wrt, dx)
	if one.err != nil {
		return nil, one.err
	}
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
func (r *rules) tangents(roots, sources, dx []expr.Node) []expr.Node {
	t := newTangent(sources, dx)
	t.rules = r
	t.extend(expr.NewOrder(roots...))
	out := make([]expr.Node, len(roots))
	for i, r := range roots {
		out[i] = t.at(r)
	}
	return out
}

// tangent is a forward pass that can be extended to further roots.
type tangent struct {
	rules   *rules
	sources []expr.Node
	dx      map[expr.Node]expr.Node // of the sources
	orders  []*expr.Order           // extensions, each with what it found
	of      [][]expr.Node
}

func newTangent(sources, dx []expr.Node) *tangent {
	t := &tangent{rules: &rules{}, sources: sources, dx: make(map[expr.Node]expr.Node, len(sources))}
	for i, s := range sources {
		t.dx[s] = dx[i]
	}
	return t
}

// at returns the tangent of a node, invalid if it is 0.
func (t *tangent) at(n expr.Node) expr.Node {
	d, _ := t.find(n)
	return d
}

// find also reports whether the pass has come by the node.
func (t *tangent) find(n expr.Node) (d expr.Node, known bool) {
	if d, ok := t.dx[n]; ok {
		return d, true
	}
	for k, o := range t.orders {
		if i := o.Index(n); i >= 0 {
			return t.of[k][i], true
		}
	}
	return expr.Node{}, false
}

// extend computes the tangents of everything in order.
func (t *tangent) extend(order *expr.Order) {
	depends := order.Depends(t.sources)
	of := make([]expr.Node, order.Len())
	var dx []expr.Node
	for i := range of {
		n := order.Node(i)
		if d, known := t.find(n); known || !depends[i] {
			of[i] = d
			continue
		}
		dx = dx[:0]
		for _, a := range n.Args() {
			dx = append(dx, of[order.Index(a)])
		}
		of[i] = t.rules.pushforward(n, dx)
	}
	t.orders, t.of = append(t.orders, order), append(t.of, of)
}
