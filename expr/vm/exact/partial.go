package exact

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// Partial runs f as far as it is rational. It returns the outputs as Run does,
// but nil for those that depend on an op without exact evaluation or on a fault,
// such as a division by zero, at this point. An error means input that does not
// fit f.
func Partial(f *expr.Func, in ...[]*big.Rat) ([][]*big.Rat, error) {
	if err := fits(f, in); err != nil {
		return nil, err
	}
	order := f.Order()
	value := make([][]*big.Rat, order.Len())
	for k, i := range numbers(order, append(f.In(), f.Slots()...)) {
		if i >= 0 {
			value[i] = in[k]
		}
	}
	last := lastUses(f)
	for i := range value {
		n := order.Node(i)
		args := numbers(order, n.Args())
		if !n.IsInput() && ready(args, value) {
			value[i] = attempt(order, n, value)
		}
		for _, a := range args {
			if last[a] == i {
				value[a] = nil
			}
		}
	}
	out := make([][]*big.Rat, 0, len(f.Out()))
	for _, i := range numbers(order, f.Out()) {
		out = append(out, value[i])
	}
	return out, nil
}

// ready reports whether all operands have values.
func ready(args []int, value [][]*big.Rat) bool {
	return !slices.ContainsFunc(args, func(a int) bool { return value[a] == nil })
}

// attempt returns the value of a node, nil if it has none.
func attempt(order *expr.Order, n expr.Node, value [][]*big.Rat) []*big.Rat {
	if !rational(n) {
		return nil
	}
	var fault expr.Fault
	s, work := newStep(order, n)
	if out := s.evaluate(value, make([]int, work), &fault); !fault.Set {
		return out
	}
	return nil
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
