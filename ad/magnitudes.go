package ad

import "github.com/tamegrad/tamegrad/expr"

// Magnitudes returns a program of the inputs and slots of f, a derivative say, whose outputs are what those of f would
// be if no terms cancelled: with M(v) for the magnitude of v,
//
//	x ± y                               M(x) + M(y)
//	x·y and other bilinear products     |x|·M(y) + M(x)·|y|
//	x / y                               M(x)/|y| + |x/y²|·M(y)
//	sums, entries moved or selected     the same of magnitudes
//	norms and sums of largest entries   the same of magnitudes
//	kinks whose slopes are at most L    L·M(x), the largest of several
//	other smooth functions              |v| + Σ |∂v/∂xᵢ|·M(xᵢ)
//	all else                            |v|
//
// What is left of terms that cancel is no better than the rounding of these terms, so a small multiple of the unit
// roundoff times the magnitude of an output estimates its error: a running error analysis to first order (N. J. Higham,
// Accuracy and Stability of Numerical Algorithms, 2nd edition, SIAM 2002, section 3.3), without the errors that come
// through all else. Magnitudes are at least the size of what they belong to, up to rounding; where a derivative in the
// table is not finite they need not be.
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
	if n.IsInput() {
		return expr.Abs(n)
	}
	op, at, args := n.Op(), n.Attr(), n.Args()
	m := make([]expr.Node, len(args))
	for i, a := range args {
		m[i] = of(a)
	}
	first := func() expr.Node { return expr.Abs(n.Graph().Number(at[0])) }
	switch op.Name {
	case "add", "sub":
		return expr.Add(m[0], m[1])
	case "mul", "div":
		return throughSlopes(n, n.Graph().Const(0), m)
	case "gate", "dot", "matvec", "matmul", "outer", "conv2d", "conv2dimages", "conv2dkernel":
		return expr.Add(op.Apply(at, expr.Abs(args[0]), m[1]), op.Apply(at, m[0], expr.Abs(args[1])))
	case "permute", "unpermute", "gatherrows", "scatterrows": // of the second operand, by the first
		return op.Apply(at, expr.Abs(args[0]), m[1])
	case "where":
		last := len(args) - 2
		return op.Apply(at, append(args[:last:last], m[last:]...)...)
	case "neg", "abs", "relu", "softthreshold", "pinball", "snap":
		return m[0]
	case "leakyrelu", "elu":
		return expr.Mul(expr.Max(first(), n.Graph().Const(1)), m[0])
	case "huber":
		return expr.Mul(first(), m[0])
	case "hinge":
		return expr.Shift(m[0], 1)
	case "max", "min", "clamp":
		return expr.Max(m...)
	case "amax", "amin", "maxpool", "norminf", "median", "quantile":
		return expr.Max(m[0])
	case "sort", "topk", "groupsort":
		return expr.Expand(expr.Max(m[0]), n.Shape().Dim(-1))
	case "norm1", "norm2", "topksum":
		return op.Apply(at, m[0])
	case "affine", "exp", "expm1", "log", "log1p", "sqrt", "pow", "power", "sigmoid", "softplus", "tanh", "erf", "sin", "cos":
		return throughSlopes(n, expr.Abs(n), m)
	case "prod", "logsumexp":
		return expr.Add(expr.Abs(n), expr.Dot(expr.Abs(expr.Slopes(n)[0]), m[0]))
	case "softmax": // the relative error of an entry is at most twice the largest error
		largest := expr.Expand(expr.Max(m[0]), n.Shape().Dim(-1))
		return expr.Mul(n, expr.AffineOf(largest, 2, 1))
	}
	if op.Transpose == nil && !op.Selects {
		return expr.Abs(n)
	}
	return op.Apply(at, m...)
}

// throughSlopes adds Σ |∂v/∂xᵢ|·M(xᵢ) of an elementwise node without kinks.
func throughSlopes(n, sum expr.Node, m []expr.Node) expr.Node {
	for i, slope := range expr.Slopes(n) {
		if slope.Valid() { // else it is 0, as that of x⁰
			sum = expr.Add(sum, expr.Mul(expr.Abs(slope), m[i]))
		}
	}
	return sum
}
