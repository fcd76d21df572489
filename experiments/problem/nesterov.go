package problem

import "github.com/tamegrad/tamegrad/expr"

const gürbüzbalabanOverton = "M. Gürbüzbalaban, M. L. Overton, On Nesterov's nonsmooth Chebyshev–Rosenbrock functions, Nonlinear Analysis 75, 2012"

// nesterov returns the two nonsmooth Chebyshev–Rosenbrock functions of Nesterov. The first is Clarke
// stationary at the minimiser alone, the second at (3ⁿ⁻¹ + 1)/2 points, of which 2ⁿ⁻¹ lie on the curve
// xᵢ₊₁ = 2|xᵢ| − 1 and only the minimiser is a local minimum (the claim rosenbrock-points).
func nesterov() []*family {
	one := func(x expr.Node) expr.Node { return expr.Shift(expr.Index(x, 0), -1) }
	return []*family{
		{
			name: "ncr1", title: "Nesterov's first nonsmooth Chebyshev–Rosenbrock", global: true, structure: SumOfMaxima, n: 2, least: 2,
			source: gürbüzbalabanOverton,
			build: func(x expr.Node) expr.Node {
				return expr.Add(expr.Scale(0.25, square(one(x))), chebyshev(x, square))
			},
			start: allButFirst(-1, 1), startValue: always(1), minimum: always(0), minimizer: all(1),
		},
		{
			name: "ncr2", title: "Nesterov's second nonsmooth Chebyshev–Rosenbrock", global: true, structure: Nested, n: 2, least: 2,
			source: gürbüzbalabanOverton,
			build: func(x expr.Node) expr.Node {
				return expr.Add(expr.Scale(0.25, expr.Abs(one(x))), chebyshev(x, expr.Abs))
			},
			start: allButFirst(-1, 1), startValue: always(0.5), minimum: always(0), minimizer: all(1),
		},
	}
}

// chebyshev returns Σ |xᵢ₊₁ − 2·g(xᵢ) + 1|.
func chebyshev(x expr.Node, g func(expr.Node) expr.Node) expr.Node {
	left, right := neighbours(x)
	return expr.Norm1(expr.Add(right, expr.AffineOf(g(left), -2, 1)))
}

// allButFirst returns (first, others, others, …).
func allButFirst(first, others float64) func(int) []float64 {
	return func(n int) []float64 {
		x := all(others)(n)
		x[0] = first
		return x
	}
}
