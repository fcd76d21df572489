package problem

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
)

// lukšanVlček is the collection from which most problems of fixed size are known.
const lukšanVlček = "L. Lukšan, J. Vlček, Test problems for nonsmooth unconstrained and linearly constrained optimization, Technical Report 798, Academy of Sciences of the Czech Republic, 2000, sections 2 and 3"

// minimax returns the problems that are maxima of a few smooth functions.
func minimax() []*family {
	return []*family{
		{
			name: "cb2", title: "CB2 (Charalambous and Bandler)", convex: true, structure: MaxSmooth, n: 2,
			source: lukšanVlček,
			build:  func(x expr.Node) expr.Node { return expr.Max(cb2(two(x))...) },
			start:  fixed(1, -0.1), startValue: always(5.41), minimum: always(1.952224493870659),
			minimizer:   fixed(1.1390376519926627, 0.8995599383953929),
			certificate: cb2Certificate(1.1390376519926627, 0.8995599383953929),
		},
		{
			name: "cb3", title: "CB3 (Charalambous and Bandler)", convex: true, structure: MaxSmooth, n: 2,
			source: lukšanVlček,
			build:  func(x expr.Node) expr.Node { return expr.Max(cb3(two(x))...) },
			start:  fixed(2, 2), startValue: always(20), minimum: always(2), minimizer: fixed(1, 1),
			certificate: &Certificate{[]float64{1. / 3, 1. / 2, 1. / 6}, [][]float64{{4, 2}, {-2, -2}, {-2, 2}}},
		},
		{
			name: "dem", title: "DEM (Demyanov and Malozemov)", convex: true, structure: MaxSmooth, n: 2,
			source: "V. F. Demyanov, V. N. Malozemov, Introduction to Minimax, Wiley, 1974; " + lukšanVlček,
			build: func(x expr.Node) expr.Node {
				return expr.Max(linear(x, []float64{5, 1}), linear(x, []float64{-5, 1}), form(x, []float64{1, 1}, []float64{0, 4}, 0))
			},
			start: fixed(1, 1), startValue: always(6), minimum: always(-3), minimizer: fixed(0, -3),
			certificate: &Certificate{[]float64{1. / 3, 1. / 3, 1. / 3}, [][]float64{{5, 1}, {-5, 1}, {0, -2}}},
		},
		{
			name: "ql", title: "QL", convex: true, structure: MaxSmooth, n: 2, source: lukšanVlček,
			build: func(x expr.Node) expr.Node {
				return penalised(expr.Sum(square(x)),
					expr.Shift(linear(x, []float64{-4, -1}), 4), expr.Shift(linear(x, []float64{-1, -2}), 6))
			},
			start: fixed(-1, 5), startValue: always(56), minimum: always(7.2), minimizer: fixed(1.2, 2.4),
			certificate: &Certificate{[]float64{0.76, 0.24}, [][]float64{{2.4, 4.8}, {-7.6, -15.2}}},
		},
		{
			name: "lq", title: "LQ", convex: true, structure: MaxSmooth, n: 2, source: lukšanVlček,
			build: func(x expr.Node) expr.Node { return expr.Max(lq(two(x))...) },
			start: fixed(-0.5, -0.5), startValue: always(1), minimum: always(-math.Sqrt2), minimizer: fixed(math.Sqrt2/2, math.Sqrt2/2),
			certificate: &Certificate{[]float64{1 - math.Sqrt2/2, math.Sqrt2 / 2}, [][]float64{{-1, -1}, {math.Sqrt2 - 1, math.Sqrt2 - 1}}},
		},
		{
			name: "rosen-suzuki", title: "Rosen–Suzuki", convex: true, structure: MaxSmooth, n: 4,
			source: "J. B. Rosen, S. Suzuki, Communications of the ACM 8, 1965, page 113; " + lukšanVlček,
			build:  rosenSuzuki, start: all(0), startValue: always(0), minimum: always(-44), minimizer: fixed(0, 1, 2, -1),
			certificate: &Certificate{[]float64{0.7, 0.1, 0.2}, [][]float64{{-5, -3, -13, 5}, {5, 7, 37, -25}, {15, 7, 27, -5}}},
		},
		{
			name: "wong1", title: "Wong 1", structure: MaxSmooth, n: 7,
			source: "W. Hock, K. Schittkowski, Test Examples for Nonlinear Programming Codes, Springer, 1981, problem 100; " + lukšanVlček,
			build:  wong1, start: fixed(1, 2, 0, 4, 0, 1, 1), startValue: always(714), minimum: always(680.63005737440215),
			minimizer: fixed(2.33049937287957, 1.951372372896889, -0.4775413923888716, 4.36572623365581,
				-0.6244869705268174, 1.0381310186079583, 1.5942267116118685),
		},
	}
}

// cb2 returns the pieces of CB2, entry by entry.
func cb2(x, y expr.Node) []expr.Node {
	return []expr.Node{expr.Add(square(x), expr.Pow(y, 4)), squaredDistance(x, 2, y, 2), expr.Scale(2, expr.Exp(expr.Sub(y, x)))}
}

// cb2Certificate combines the gradients of the two active pieces, which are opposite at the
// minimiser.
func cb2Certificate(x, y float64) *Certificate {
	return &Certificate{
		[]float64{0.43048117400366866, 0.5695188259963313},
		[][]float64{{2 * x, 4 * y * y * y}, {2 * (x - 2), 2 * (y - 2)}},
	}
}

// cb3 returns the pieces of CB3, entry by entry.
func cb3(x, y expr.Node) []expr.Node {
	return []expr.Node{expr.Add(expr.Pow(x, 4), square(y)), squaredDistance(x, 2, y, 2), expr.Scale(2, expr.Exp(expr.Sub(y, x)))}
}

// lq returns the pieces of LQ, entry by entry.
func lq(x, y expr.Node) []expr.Node {
	sum := expr.Neg(expr.Add(x, y))
	return []expr.Node{sum, expr.Add(sum, expr.Shift(expr.Add(square(x), square(y)), -1))}
}

func rosenSuzuki(x expr.Node) expr.Node {
	f := form(x, []float64{1, 1, 2, 1}, []float64{-5, -5, -21, 7}, 0)
	return penalised(f,
		form(x, []float64{1, 1, 1, 1}, []float64{1, -1, 1, -1}, -8),
		form(x, []float64{1, 2, 1, 2}, []float64{-1, 0, 0, -1}, -10),
		form(x, []float64{1, 1, 1, 0}, []float64{2, -1, 0, -1}, -5))
}

func wong1(x expr.Node) expr.Node {
	at := func(i int) expr.Node { return expr.Index(x, i-1) }
	product := func(i, j int, a float64) expr.Node { return expr.Scale(a, expr.Mul(at(i), at(j))) }
	power := func(i int, p, a float64) expr.Node { return expr.Scale(a, expr.Pow(at(i), p)) }
	distance := func(i int, c, a float64) expr.Node { return expr.Scale(a, square(expr.Shift(at(i), -c))) }
	f := add(distance(1, 10, 1), distance(2, 12, 5), power(3, 4, 1), distance(4, 11, 3), power(5, 6, 10),
		power(7, 4, 1), product(6, 7, -4), form(x, []float64{5: 7, 6: 0}, []float64{5: -10, 6: -8}, 0))
	return penalised(f,
		expr.Add(power(2, 4, 3), form(x, []float64{2, 0, 0, 4, 0, 0, 0}, []float64{0, 0, 1, 0, 5, 0, 0}, -127)),
		form(x, []float64{0, 0, 10, 0, 0, 0, 0}, []float64{7, 3, 0, 1, -1, 0, 0}, -282),
		form(x, []float64{0, 1, 0, 0, 0, 6, 0}, []float64{23, 0, 0, 0, 0, 0, -8}, -196),
		expr.Add(product(1, 2, -3), form(x, []float64{4, 1, 2, 0, 0, 0, 0}, []float64{0, 0, 0, 0, 0, 5, -11}, 0)))
}
