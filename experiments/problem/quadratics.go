package problem

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// quadratics returns the maxima of convex quadratic functions.
func quadratics() []*family {
	return []*family{
		{
			name: "shor", title: "Shor", convex: true, structure: MaxSmooth, n: 5,
			source: "N. Z. Shor, Minimization Methods for Non-Differentiable Functions, Springer, 1985; " + lukšanVlček,
			build:  shor, start: fixed(0, 0, 0, 0, 1), startValue: always(80), minimum: always(22.600162095770895),
			minimizer: fixed(1.1243510101866156, 0.9794615993136555, 1.4777077519642634, 0.9202334858848577, 1.1242915880048428),
		},
		{
			name: "maxquad", title: "MAXQUAD (Lemaréchal)", convex: true, structure: MaxSmooth, n: 10,
			source: "C. Lemaréchal, R. Mifflin (editors), Nonsmooth Optimization, Pergamon, 1978, pages 151–165, problem 1",
			build:  maxquad, start: all(1), startValue: always(5337.066429311364), minimum: always(-0.8414083345964149),
			minimizer: fixed(-0.12625658077472547, -0.03437830256204083, -0.0068571983269814785, 0.026360658246337906, 0.0672949226897415,
				-0.2783995007519937, 0.07421866454469358, 0.13852404783729687, 0.08403122312533243, 0.03858030977273086),
		},
		{
			name: "maxq", title: "MAXQ", convex: true, structure: MaxSmooth, n: 20, least: 1, source: lukšanVlček,
			build: maxq, start: halves, startValue: squared, minimum: always(0), minimizer: all(0),
		},
	}
}

// The centres and weights of Shor's problem. Some codes have 4.5 for the last weight, whose piece is
// not active at the minimiser.
var (
	shorCentres = []float64{
		0, 0, 0, 0, 0,
		2, 1, 1, 1, 3,
		1, 2, 1, 1, 2,
		1, 4, 1, 2, 2,
		3, 2, 1, 0, 1,
		0, 2, 1, 0, 1,
		1, 1, 1, 1, 1,
		1, 0, 1, 2, 1,
		0, 0, 2, 1, 0,
		1, 1, 2, 0, 0,
	}
	shorWeights = []float64{1, 5, 10, 2, 4, 3, 1.7, 2.5, 6, 3.5}
)

// shor returns maxᵢ bᵢ·Σⱼ (xⱼ − aᵢⱼ)².
func shor(x expr.Node) expr.Node {
	g := x.Graph()
	distances := expr.SumLast(square(expr.Sub(x, g.Tensor(shorCentres, 10, 5))))
	return expr.Max(expr.Mul(g.Tensor(shorWeights, 10), distances))
}

// maxquad returns maxₖ xᵀAₖx − bₖᵀx.
func maxquad(x expr.Node) expr.Node {
	const n = 10
	var pieces []expr.Node
	for k := 1; k <= 5; k++ {
		a := x.Graph().Tensor(maxquadMatrix(n, k), n, n)
		b := x.Graph().Tensor(maxquadVector(n, k), n)
		pieces = append(pieces, expr.Sub(expr.Dot(x, expr.MatMul(a, x)), expr.Dot(b, x)))
	}
	return expr.Max(pieces...)
}

// maxquadMatrix returns Aₖ, row by row: e^(i/j)·cos(ij)·sin(k) above the diagonal, symmetric, and
// on it (i/10)·|sin k| more than the other entries of the row in sum.
func maxquadMatrix(n, k int) []float64 {
	a := make([]float64, n*n)
	s := kernel.Sin(float64(k))
	for i := 1; i <= n; i++ {
		for j := i + 1; j <= n; j++ {
			v := kernel.Exp(float64(i)/float64(j)) * kernel.Cos(float64(i*j)) * s
			a[(i-1)*n+j-1], a[(j-1)*n+i-1] = v, v
		}
	}
	for i := range n {
		d := float64(i+1) / 10 * math.Abs(s)
		for j := range n {
			if j != i {
				d += math.Abs(a[i*n+j])
			}
		}
		a[i*n+i] = d
	}
	return a
}

// maxquadVector returns bₖ, with entries e^(i/k)·sin(ik).
func maxquadVector(n, k int) []float64 {
	b := make([]float64, n)
	for i := range b {
		b[i] = kernel.Exp(float64(i+1)/float64(k)) * kernel.Sin(float64((i+1)*k))
	}
	return b
}

func maxq(x expr.Node) expr.Node { return expr.Max(square(x)) }

// halves is the start of MAXQ: i up to half of the variables, and −i for the others.
func halves(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i + 1)
		if i >= n/2 {
			x[i] = -x[i]
		}
	}
	return x
}

func squared(n int) float64 { return float64(n) * float64(n) }
