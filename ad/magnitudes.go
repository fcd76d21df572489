package ad

import "github.com/tamegrad/tamegrad/expr"

// Magnitudes returns a program of the inputs and slots of f, a derivative say, whose outputs are what those of f would
// be if no terms cancelled: with M(v) for the magnitude of v,
//
//	x ± y, a·x + b, x / y            M(x) + M(y), |a|·M(x) + |b|, M(x) / |y|
//	x·y and other bilinear products  |x|·M(y) + M(x)·|y|
//	sums, entries moved or selected  the same of magnitudes
//	−x, |x|, relu(x); max, min       M(x), the larger of M(x) and M(y)
//	all else                         |v|
//
// What is left of terms that cancel is no better than the rounding of these terms, so a small multiple of the unit
// roundoff times the magnitude of an output estimates its error: a running error analysis to first order (N. J. Higham,
// Accuracy and Stability of Numerical Algorithms, 2nd edition, SIAM 2002, section 3.3), without the errors that come
// through all else. Magnitudes are at least the size of what they belong to, up to rounding.
func Magnitudes(f *expr.Func) (*expr.Func, error) {
	order := f.Order()
	m := make([]expr.Node, order.Len())
	of := func(n expr.Node) expr.Node { return m[order.Index(n)] }
	for i := range m {
		m[i] = magnitude(order.Node(i), of)
	}
	out := f.Out()
	for i, n := range out {
		out[i] = of(n)
	}
	return f.Out()[0].Graph().Func(expr.In(f.In()...), expr.Out(out...))
}

// magnitude returns the magnitude of a node, given those of its operands.
func magnitude(n expr.Node, of func(expr.Node) expr.Node) expr.Node {
	op, at, args := n.Op(), n.Attr(), n.Args()
	if n.IsInput() {
		return expr.Abs(n)
	}
	switch op.Name {
	case "add", "sub":
		return expr.Add(of(args[0]), of(args[1]))
	case "neg", "abs", "relu", "snap":
		return of(args[0])
	case "max", "min":
		return expr.Max(of(args[0]), of(args[1]))
	case "affine":
		a, b := n.Graph().Number(at[0]), n.Graph().Number(at[1])
		return expr.Add(expr.Mul(expr.Abs(a), of(args[0])), expr.Abs(b))
	case "div":
		return expr.Div(of(args[0]), expr.Abs(args[1]))
	case "mul", "dot", "matvec", "matmul", "outer", "conv2d", "conv2dimages", "conv2dkernel":
		return expr.Add(op.Apply(at, expr.Abs(args[0]), of(args[1])), op.Apply(at, of(args[0]), expr.Abs(args[1])))
	case "gate", "permute", "unpermute", "gatherrows", "scatterrows": // of the second operand, by the first
		return op.Apply(at, expr.Abs(args[0]), of(args[1]))
	case "where":
		last := len(args) - 2
		return op.Apply(at, append(args[:last:last], of(args[last]), of(args[last+1]))...)
	}
	if op.Transpose == nil && !op.Selects {
		return expr.Abs(n)
	}
	for i, a := range args {
		args[i] = of(a)
	}
	return op.Apply(at, args...)
}
