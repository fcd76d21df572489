package ad

import "github.com/tamegrad/tamegrad/expr"

// SlotGradient returns the program of ⟨g(x, λ), d⟩ and its gradient with respect
// to the slots λ, where g is the gradient of a scalar f with open slots. Inputs
// are those of f, then one direction for each input of f.Wrt(), named "dx" for x;
// outputs are ⟨g, d⟩, then one array for each open slot of g, in the order and
// the shapes of Gradient(f).Slots(). The slots stay open, and are all there: the
// derivative with respect to one depends on the others.
//
// g is affine in each slot, and multi-affine in all: so ⟨g(x, λ), d⟩ is
//
//	⟨g(x, μ), d⟩ + ⟨∂/∂λᵢ ⟨g(x, μ), d⟩, λᵢ − μᵢ⟩
//
// exactly if λ and μ differ in slot i only. The entries at which no kink is active
// are 0. This is the oracle of support functions, max over λ of ⟨g(x, λ), d⟩, and
// says which kink is to blame: an entry is the tangent of the switch along d
// times the adjoint that arrives at the kink.
func SlotGradient(f *expr.Func) (*expr.Func, error) {
	g, err := Gradient(f)
	if err != nil {
		return nil, err
	}
	wrt, graph := f.Wrt(), f.Graph()
	dx := companions(f, wrt, "d")
	products := make([]expr.Node, len(wrt))
	for i, d := range dx {
		products[i] = expr.Sum(expr.Gate(d, g.Out()[1+i]))
	}
	along := sumOf(graph, products)
	slots := cotangents([]expr.Node{along}, []expr.Node{graph.Const(1)}, g.Slots())
	return graph.Func(expr.In(f.In()...), expr.In(dx...), expr.Out(along), expr.Out(slots...))
}
