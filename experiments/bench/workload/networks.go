package workload

import (
	"math"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/expr"
)

// DenseSizes are the layers of the network of W2, DenseRows the rows of its minibatch.
var DenseSizes = []int{784, 256, 128, 10}

// DenseRows is the number of rows of W2's minibatch.
const DenseRows = 128

// Parameter is an initial value of a network, row-major.
type Parameter struct {
	Shape  []int
	Values []float64
}

// DenseInputs are the weights (in×out) and biases of each layer in turn, the rows of x and the targets.
func DenseInputs() (p []Parameter, x, y []float64) {
	s := peer.Stream(3)
	for l, in := range DenseSizes[:3] {
		out := DenseSizes[l+1]
		p = append(p,
			Parameter{[]int{in, out}, s.Symmetrics(in*out, 1/math.Sqrt(float64(in)))},
			Parameter{[]int{out}, make([]float64, out)})
	}
	return p, s.Units(DenseRows * DenseSizes[0]), s.OneHot(DenseRows, DenseSizes[3])
}

// ImageRows is the number of images of W5's minibatch.
const ImageRows = 32

// ImageInputs are the weights and biases of two convolutions, 8×1×3×3 and 16×8×3×3, and of a linear layer 3136×10, 32 images
// 1×28×28 and the targets.
func ImageInputs() (p []Parameter, x, y []float64) {
	s := peer.Stream(17)
	weights := func(scale float64, shape ...int) Parameter {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return Parameter{shape, s.Symmetrics(n, scale)}
	}
	biases := func(n int) Parameter { return Parameter{[]int{n}, make([]float64, n)} }
	p = []Parameter{weights(0.3, 8, 1, 3, 3), biases(8), weights(0.1, 16, 8, 3, 3), biases(16), weights(0.02, 3136, 10), biases(10)}
	return p, s.Symmetrics(ImageRows*28*28, 1), s.OneHot(ImageRows, 10)
}

// MeanSquare is W3: the mean over 64 points of the squared error of a relu network 10-32-32-1, and the gradient in its
// parameters at 1000 vectors near each other. The inputs are x, y and the parameters, weights as out×in.
func MeanSquare() *expr.Func {
	g := expr.NewGraph()
	x, y := g.Input("x", 64, 10), g.Input("y", 64)
	w0, b0 := g.Param("w0", 32, 10), g.Param("b0", 32)
	w1, b1 := g.Param("w1", 32, 32), g.Param("b1", 32)
	w2, b2 := g.Param("w2", 32), g.Param("b2")
	layer := func(x, w, b expr.Node) expr.Node {
		return expr.ReLU(expr.Add(expr.MatMul(x, expr.Transpose(w)), b))
	}
	d := expr.Sub(expr.Add(expr.MatMul(layer(layer(x, w0, b0), w1, b1), w2), b2), y)
	return must(g.Func(expr.In(x, y, w0, b0, w1, b1, w2, b2), expr.Out(expr.Mean(expr.Mul(d, d)))))
}

// MeanSquareVectors is the number of vectors of parameters, MeanSquareSizes how many numbers each parameter has.
const MeanSquareVectors = 1000

// MeanSquareSizes are the numbers of w0, b0, w1, b1, w2 and b2.
var MeanSquareSizes = []int{320, 32, 1024, 32, 32, 1}

// MeanSquareInputs are the data and the vectors of parameters.
func MeanSquareInputs() (x, y []float64, p [][]float64) {
	s := peer.Stream(7)
	x, y = s.Symmetrics(640, 1), s.Symmetrics(64, 1)
	return x, y, near(s.Symmetrics(1441, 0.3), MeanSquareVectors, 1000, 1e-3)
}

// near are n vectors around x, each with a stream of its own, whose seeds begin at first.
func near(x []float64, n, first int, radius float64) [][]float64 {
	out := make([][]float64, n)
	for k := range out {
		s := peer.Stream(first + k)
		out[k] = s.Symmetrics(len(x), radius)
		for i, v := range x {
			out[k][i] += v
		}
	}
	return out
}

// Largest is W3b: max |Ax + b| of 50 functions on ℝ⁵⁰, and its gradient at 10,000 points near each other. The inputs
// are A, b and x.
func Largest() *expr.Func {
	g := expr.NewGraph()
	a, b, x := g.Input("a", 50, 50), g.Input("b", 50), g.Param("x", 50)
	return must(g.Func(expr.In(a, b, x), expr.Out(expr.Max(expr.Abs(expr.Add(expr.MatMul(a, x), b))))))
}

// LargestPoints is the number of points.
const LargestPoints = 10_000

// LargestInputs are A, b and the points.
func LargestInputs() (a, b []float64, x [][]float64) {
	s := peer.Stream(11)
	a, b = s.Symmetrics(2500, 1), s.Symmetrics(50, 1)
	return a, b, near(s.Symmetrics(50, 1), LargestPoints, 5000, 1e-2)
}

// A run of W4 is StepRows steps of SGD, one row each, with the rate StepRate for the squared error, from the parameters
// where the run before it ended; what is compared are the parameters after the first run.
const (
	StepRows = 1000
	StepRate = 0.01
)

// StepSizes are the numbers of w0 (16×2), b0, w1 (16×16), b1, w2 and b2 of W4's relu network 2-16-16-1.
var StepSizes = []int{32, 16, 256, 16, 16, 1}

// StepInputs are the rows (x₁, x₂), their targets |x₁| − max(x₂, 0) and the parameters, weights as out×in.
func StepInputs() (x, y, p []float64) {
	s := peer.Stream(13)
	x = s.Symmetrics(2*StepRows, 1)
	for i := range StepRows {
		y = append(y, math.Abs(x[2*i])-max(x[2*i+1], 0))
	}
	return x, y, s.Symmetrics(337, 0.4)
}

// SortRows and SortColumns are the shape of W6's numbers.
const (
	SortRows    = 128
	SortColumns = 1024
)

// SortInputs are the numbers to sort and their weights.
func SortInputs() (x, w []float64) {
	s := peer.Stream(23)
	return s.Symmetrics(SortRows*SortColumns, 1), s.Symmetrics(SortRows*SortColumns, 1)
}

// WeightedSort is W6: ⟨w, sort x⟩ of each row whole, or of its pairs. The inputs are x and w.
func WeightedSort(pairs bool) *expr.Func {
	g := expr.NewGraph()
	x, w := g.Param("x", SortRows, SortColumns), g.Input("w", SortRows, SortColumns)
	y := expr.Sort(x)
	if pairs {
		y = expr.GroupSort(x, 2)
	}
	return must(g.Func(expr.In(x, w), expr.Out(expr.Sum(expr.Mul(w, y)))))
}
