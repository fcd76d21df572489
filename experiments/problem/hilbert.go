package problem

import "github.com/tamegrad/tamegrad/expr"

// hilbert returns the norms of Hx with the Hilbert matrix H, whose smallest eigenvalues are of the
// order of e^(−3.5·n).
func hilbert() []*family {
	return []*family{
		{
			name: "mxhilb", title: "MXHILB", convex: true, structure: MaxSmooth, n: 50, least: 1,
			source: lukšanVlček, build: mxhilb, start: all(1), startValue: harmonic, minimum: always(0), minimizer: all(0),
		},
		{
			name: "l1hilb", title: "L1HILB", convex: true, structure: SumOfMaxima, n: 50, least: 1,
			source: lukšanVlček,
			build:  func(x expr.Node) expr.Node { return expr.Norm1(hilbertTimes(x)) },
			start:  all(1), startValue: hilbertSum, minimum: always(0), minimizer: all(0),
		},
	}
}

// mxhilb returns maxᵢ |Σⱼ xⱼ/(i + j − 1)|.
func mxhilb(x expr.Node) expr.Node { return expr.NormInf(hilbertTimes(x)) }

func hilbertTimes(x expr.Node) expr.Node {
	n := x.Shape().Dim(0)
	h := make([]float64, n*n)
	for i := range n {
		for j := range n {
			h[i*n+j] = 1 / float64(i+j+1)
		}
	}
	return expr.MatMul(x.Graph().Tensor(h, n, n), x)
}

// harmonic returns the sum of the first row, Σ 1/j, which is the largest.
func harmonic(n int) float64 {
	sum := 0.0
	for j := n; j >= 1; j-- {
		sum += 1 / float64(j)
	}
	return sum
}

// hilbertSum returns the sum of all entries, by antidiagonals: k of 1/k and k of 1/(2n − k).
func hilbertSum(n int) float64 {
	sum := 0.0
	for k := 1; k < n; k++ {
		sum += float64(k) / float64(2*n-k)
	}
	return sum + float64(n)
}
