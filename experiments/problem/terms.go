package problem

import "github.com/tamegrad/tamegrad/expr"

// neighbours returns the vectors (x₁, …, xₙ₋₁) and (x₂, …, xₙ), between whose entries chained
// problems are built.
func neighbours(x expr.Node) (left, right expr.Node) {
	n := x.Shape().Dim(0)
	return expr.Slice(x, 0, n-1), expr.Slice(x, 1, n)
}

// two returns the entries of a vector of two.
func two(x expr.Node) (x1, x2 expr.Node) { return expr.Index(x, 0), expr.Index(x, 1) }

func square(x expr.Node) expr.Node { return expr.Pow(x, 2) }

// squaredDistance returns (x − a)² + (y − b)².
func squaredDistance(x expr.Node, a float64, y expr.Node, b float64) expr.Node {
	return expr.Add(square(expr.Shift(x, -a)), square(expr.Shift(y, -b)))
}

func add(first expr.Node, rest ...expr.Node) expr.Node {
	for _, n := range rest {
		first = expr.Add(first, n)
	}
	return first
}

// form returns Σ aᵢxᵢ² + Σ bᵢxᵢ + c.
func form(x expr.Node, a, b []float64, c float64) expr.Node {
	return expr.Shift(expr.Add(linear(square(x), a), linear(x, b)), c)
}

// linear returns Σ aᵢxᵢ.
func linear(x expr.Node, a []float64) expr.Node {
	return expr.Dot(x.Graph().Tensor(a, len(a)), x)
}

// penalised returns max(f, f + 10·g₁, f + 10·g₂, …), how Lukšan and Vlček make unconstrained
// problems of those with constraints g ≤ 0.
func penalised(f expr.Node, constraints ...expr.Node) expr.Node {
	pieces := []expr.Node{f}
	for _, g := range constraints {
		pieces = append(pieces, expr.Add(f, expr.Scale(10, g)))
	}
	return expr.Max(pieces...)
}
