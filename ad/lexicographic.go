package ad

import "github.com/tamegrad/tamegrad/expr"

// Lexicographic returns the program of a scalar f and its lexicographic gradient
// with respect to the coordinate directions e₁, e₂, … in the order of f.Wrt()
// (Nesterov 2005): the gradient of the branch taken at x + t(e₁ + εe₂ + ε²e₃ + …)
// for small t ≫ ε. It is an element of Clarke's subdifferential of a scalar
// function. Outputs: f, then a gradient for each input of f.Wrt().
func Lexicographic(f *expr.Func) (*expr.Func, error) {
	g, err := Gradient(f)
	if err != nil {
		return nil, err
	}
	return Wire(g, Along(Coordinates(f)...))
}

// Coordinates returns the coordinate directions of the inputs f.Wrt(), for
// Along.
func Coordinates(f *expr.Func) [][]expr.Node {
	wrt := f.Wrt()
	var out [][]expr.Node
	for i, x := range wrt {
		size := x.Shape().Size()
		for j := range size {
			unit := make([]float64, size)
			unit[j] = 1
			d := make([]expr.Node, len(wrt))
			for k, y := range wrt {
				d[k] = zeros(y)
			}
			d[i] = f.Graph().Tensor(unit, x.Shape().Dims()...)
			out = append(out, d)
		}
	}
	return out
}
