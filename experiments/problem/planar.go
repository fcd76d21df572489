package problem

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
)

// planar returns the problems of two variables with curved kinks.
func planar() []*family {
	return []*family{
		{
			name: "mifflin1", title: "Mifflin 1", convex: true, structure: MaxSmooth, n: 2, source: lukšanVlček,
			build: func(x expr.Node) expr.Node {
				x1, x2 := two(x)
				return expr.Sub(expr.Scale(20, expr.ReLU(circle(x1, x2))), x1)
			},
			start: fixed(0.8, 0.6), startValue: always(-0.8), minimum: always(-1), minimizer: fixed(1, 0),
			certificate: &Certificate{[]float64{39. / 40, 1. / 40}, [][]float64{{-1, 0}, {39, 0}}},
		},
		{
			name: "mifflin2", title: "Mifflin 2", convex: true, structure: MaxSmooth, n: 2, source: lukšanVlček,
			build: func(x expr.Node) expr.Node { return mifflin2(two(x)) },
			start: fixed(-1, -1), startValue: always(4.75), minimum: always(-1), minimizer: fixed(1, 0),
			certificate: &Certificate{[]float64{13. / 14, 1. / 14}, [][]float64{{-0.5, 0}, {6.5, 0}}},
		},
		{
			name: "crescent", title: "Crescent", global: true, structure: MaxSmooth, n: 2, source: lukšanVlček,
			build: func(x expr.Node) expr.Node { return expr.Max(crescent(two(x))...) },
			start: fixed(-1.5, 2), startValue: always(4.25), minimum: always(0), minimizer: fixed(0, 0),
			certificate: &Certificate{[]float64{3. / 4, 1. / 4}, [][]float64{{0, -1}, {0, 3}}},
		},
		{
			name: "wolfe", title: "Wolfe", convex: true, structure: Nested, n: 2,
			source: "P. Wolfe, Mathematical Programming Study 3, 1975, pages 145–173; " + lukšanVlček,
			build:  wolfe, start: fixed(3, 2), startValue: always(5 * math.Sqrt(145)), minimum: always(-8), minimizer: fixed(-1, 0),
		},
		{
			name: "rosenbrock", title: "nonsmooth Rosenbrock, w = 8", global: true, structure: MaxSmooth, n: 2,
			source: "F. E. Curtis, M. L. Overton, SIAM Journal on Optimization 22, 2012; the start is ours",
			build: func(x expr.Node) expr.Node {
				x1, x2 := two(x)
				return expr.Add(expr.Scale(8, expr.Abs(expr.Sub(square(x1), x2))), square(expr.Shift(x1, -1)))
			},
			start: fixed(-1, 1), startValue: always(4), minimum: always(0), minimizer: fixed(1, 1),
		},
	}
}

// circle returns x² + y² − 1.
func circle(x, y expr.Node) expr.Node { return expr.Shift(expr.Add(square(x), square(y)), -1) }

// mifflin2 returns −x + 2(x² + y² − 1) + 1.75·|x² + y² − 1|, entry by entry. It is convex: with u
// for the circle, 2u + 1.75·|u| is max(0.25·u, 3.75·u).
func mifflin2(x, y expr.Node) expr.Node {
	u := circle(x, y)
	return expr.Sub(expr.Add(expr.Scale(2, u), expr.Scale(1.75, expr.Abs(u))), x)
}

// crescent returns the pieces of Crescent, entry by entry. Their mean is y, and the first is
// at least −y, so their maximum is at least 0.
func crescent(x, y expr.Node) []expr.Node {
	d := squaredDistance(x, 0, y, 1)
	return []expr.Node{expr.Add(d, expr.Shift(y, -1)), expr.Sub(expr.Shift(y, 1), d)}
}

// wolfe returns 5·√(9x₁² + 16x₂²) where x₁ > |x₂|, else 9x₁ + 16|x₂| + relu(−x₁)⁹. The two agree to
// first order where x₁ = |x₂| > 0, so that the branch, at which package clarke refuses programs, is
// no kink; 0 is one.
func wolfe(x expr.Node) expr.Node {
	x1, x2 := two(x)
	size := expr.Abs(x2)
	far := expr.Scale(5, expr.Norm2(expr.Stack(expr.Scale(3, x1), expr.Scale(4, x2))))
	near := add(expr.Scale(9, x1), expr.Scale(16, size), expr.Pow(expr.ReLU(expr.Neg(x1)), 9))
	return expr.Where(expr.Sub(x1, size), expr.Greater, far, near)
}
