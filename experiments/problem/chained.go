package problem

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

const haarala = "M. Haarala, K. Miettinen, M. M. Mäkelä, New limited memory bundle method for large-scale nonsmooth optimization, Optimization Methods and Software 19, 2004, problem "

// chained returns the problems of Haarala, Miettinen and Mäkelä for any number of variables. They
// call F8 nonconvex; it is a sum of convex functions, see mifflin2.
func chained() []*family {
	return []*family{
		{
			name: "f1", title: "generalised MAXQ", source: haarala + "1", convex: true, structure: MaxSmooth, n: 50, least: 1,
			build: maxq, start: halves, startValue: squared, minimum: always(0), minimizer: all(0),
		},
		{
			name: "f2", title: "generalised MXHILB", source: haarala + "2", convex: true, structure: MaxSmooth, n: 50, least: 1,
			build: mxhilb, start: all(1), startValue: harmonic, minimum: always(0), minimizer: all(0),
		},
		{
			name: "f3", title: "chained LQ", source: haarala + "3", convex: true, structure: SumOfMaxima, n: 50, least: 2,
			build: func(x expr.Node) expr.Node { return sumOfMaxima(lq(neighbours(x))) },
			start: all(-0.5), startValue: eachPair(1), minimum: eachPair(-math.Sqrt2), minimizer: all(math.Sqrt2 / 2),
		},
		{
			name: "f4", title: "chained CB3 I", source: haarala + "4", convex: true, structure: SumOfMaxima, n: 50, least: 2,
			build: func(x expr.Node) expr.Node { return sumOfMaxima(cb3(neighbours(x))) },
			start: all(2), startValue: eachPair(20), minimum: eachPair(2), minimizer: all(1),
		},
		{
			name: "f5", title: "chained CB3 II", source: haarala + "5", convex: true, structure: MaxSmooth, n: 50, least: 2,
			build: func(x expr.Node) expr.Node { return maximumOfSums(cb3(neighbours(x))) },
			start: all(2), startValue: eachPair(20), minimum: eachPair(2), minimizer: all(1),
		},
		{
			name: "f6", title: "number of active faces", source: haarala + "6", global: true, structure: Nested, n: 50, least: 1,
			build: activeFaces, start: all(1), startValue: func(n int) float64 { return kernel.Log1p(float64(n)) },
			minimum: always(0), minimizer: all(0),
		},
		{
			name: "f7", title: "nonsmooth generalisation of Brown 2", source: haarala + "7", global: true, structure: Nested, n: 50, least: 2,
			build: brown2, start: alternating(-1, 1), startValue: eachPair(2), minimum: always(0), minimizer: all(0),
		},
		{
			name: "f8", title: "chained Mifflin 2", source: haarala + "8", convex: true, structure: SumOfMaxima, n: 50, least: 2,
			build: func(x expr.Node) expr.Node { return expr.Sum(mifflin2(neighbours(x))) },
			start: all(-1), startValue: eachPair(4.75), minimum: mifflinMinimum, minimizer: mifflinMinimizer,
		},
		{
			name: "f9", title: "chained crescent I", source: haarala + "9", global: true, structure: MaxSmooth, n: 50, least: 2,
			build: func(x expr.Node) expr.Node { return maximumOfSums(crescent(neighbours(x))) },
			start: alternating(-1.5, 2), startValue: crescentStart, minimum: always(0), minimizer: all(0),
		},
		{
			name: "f10", title: "chained crescent II", source: haarala + "10", global: true, structure: SumOfMaxima, n: 50, least: 2,
			build: func(x expr.Node) expr.Node { return sumOfMaxima(crescent(neighbours(x))) },
			start: alternating(-1.5, 2), startValue: crescentStart, minimum: always(0), minimizer: all(0),
		},
	}
}

func sumOfMaxima(pieces []expr.Node) expr.Node { return expr.Sum(expr.Max(pieces...)) }

func maximumOfSums(pieces []expr.Node) expr.Node {
	sums := make([]expr.Node, len(pieces))
	for i, p := range pieces {
		sums[i] = expr.Sum(p)
	}
	return expr.Max(sums...)
}

// activeFaces returns max(g(−Σxⱼ), maxᵢ g(xᵢ)) with g(y) = ln(|y| + 1).
func activeFaces(x expr.Node) expr.Node {
	sum := expr.Reshape(expr.Neg(expr.Sum(x)), 1)
	return expr.Max(expr.Log1p(expr.Abs(expr.Concat(sum, x))))
}

// brown2 returns Σ |xᵢ|^(xᵢ₊₁² + 1) + |xᵢ₊₁|^(xᵢ² + 1).
func brown2(x expr.Node) expr.Node {
	left, right := neighbours(x)
	return expr.Sum(expr.Add(brown2Term(left, right), brown2Term(right, left)))
}

// brown2Term returns |x|^(y² + 1) as |x|·b^(y²) with the base b = |x|, but at least the smallest
// normal number: a power of 0 has no derivative in its exponent, while the product is
// locally Lipschitz. Values differ by less than that number.
func brown2Term(x, y expr.Node) expr.Node {
	const smallest = 0x1p-1022
	size := expr.Abs(x)
	base := expr.Max(size, x.Graph().Const(smallest))
	return expr.Mul(size, expr.Power(base, square(y)))
}

// eachPair is v for each of the n − 1 pairs of neighbours.
func eachPair(v float64) func(int) float64 {
	return func(n int) float64 { return float64(n-1) * v }
}

// alternating returns (odd, even, odd, …).
func alternating(odd, even float64) func(int) []float64 {
	return func(n int) []float64 {
		x := all(odd)(n)
		for i := 1; i < n; i += 2 {
			x[i] = even
		}
		return x
	}
}

// crescentStart is the value at the start: the first piece is the larger one for all pairs, 4.25 for
// (−1.5, 2) and 7.75 for (2, −1.5).
func crescentStart(n int) float64 {
	return float64(float64(n/2)*4.25) + float64(float64((n-1)/2)*7.75)
}
