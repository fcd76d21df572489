package exact

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// Partial runs f as far as it is rational. It returns the outputs as Run does,
// but nil for those that depend on an op without exact evaluation or on a fault,
// such as a division by zero, at this point. An error means input that does not
// fit f.
func Partial(f *expr.Func, in ...[]*big.Rat) ([][]*big.Rat, error) {
	p := &Program{f: f, nodes: f.Nodes()}
	value, err := p.bind(in)
	if err != nil {
		return nil, err
	}
	last := lastUses(f)
	for i, n := range p.nodes {
		if !n.IsInput() && ready(n, value) {
			if out, ok := attempt(n, value); ok {
				value[n] = out
			}
		}
		for _, a := range n.Args() {
			if last[f.Order().Index(a)] == i {
				delete(value, a)
			}
		}
	}
	out := make([][]*big.Rat, 0, len(f.Out()))
	for _, n := range f.Out() {
		out = append(out, value[n])
	}
	return out, nil
}

// ready reports whether all operands of a node have values.
func ready(n expr.Node, value map[expr.Node][]*big.Rat) bool {
	for _, a := range n.Args() {
		if value[a] == nil {
			return false
		}
	}
	return true
}

// attempt returns the value of a node if it has one.
func attempt(n expr.Node, value map[expr.Node][]*big.Rat) (out []*big.Rat, ok bool) {
	if !rational(n) {
		return nil, false
	}
	var fault expr.Fault
	index, work := tables(n)
	out = evaluate(n, value, index, make([]int, work), &fault)
	return out, !fault.Set
}

// lastUses returns, by number in the order, the node that is the last to read
// each node. Nothing is the last to read an output: values of big numbers are
// dropped as soon as they can be.
func lastUses(f *expr.Func) []int {
	order := f.Order()
	last := make([]int, order.Len())
	for i := range last {
		for _, a := range order.Node(i).Args() {
			last[order.Index(a)] = i
		}
	}
	for _, n := range f.Out() {
		last[order.Index(n)] = -1
	}
	return last
}
