package ad

import "github.com/tamegrad/tamegrad/expr"

// Directional returns the program of f and its one-sided directional
// derivatives f′(x; d), exact at kinks. A where takes the branch that its
// comparison picks at x, so the answer is not f′(x; d) if its switch is 0 there:
// ask ClassAt first. Inputs are those of f, then one
// direction for each input of f.Wrt(); outputs those of f, then f′(x; d).
func Directional(f *expr.Func) (*expr.Func, error) {
	forward, err := Forward(f)
	if err != nil {
		return nil, err
	}
	n := len(f.In())
	return Wire(forward, Along(forward.In()[n:]))
}

// ElementAlong returns the program of f and the gradient of the branch that f
// takes when x moves along a direction: for a direction in general position, in
// exact arithmetic and without where, an element of the limiting gradients
// ∂_B f(x) (Kakade and Lee 2018). Inputs are those of f, then one direction for
// each input of f.Wrt(); outputs f, then a gradient for each of them.
func ElementAlong(f *expr.Func) (*expr.Func, error) {
	g, err := Gradient(f)
	if err != nil {
		return nil, err
	}
	return wireElement(f, g)
}

// JacobianElementAlong is ElementAlong for programs of any outputs: it returns
// f and Jᵀȳ for the limiting Jacobian J of the branch taken. Inputs are those of
// f, the cotangents ȳ of its outputs, then the directions.
func JacobianElementAlong(f *expr.Func) (*expr.Func, error) {
	g, err := Backward(f)
	if err != nil {
		return nil, err
	}
	return wireElement(f, g)
}

func wireElement(f, g *expr.Func) (*expr.Func, error) {
	d := companions(g, f.Wrt(), "d")
	w, err := Wire(g, Along(d))
	if err != nil {
		return nil, err
	}
	return f.Graph().Func(expr.In(g.In()...), expr.In(d...), expr.Out(w.Out()...))
}
