package tame

import (
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// layer is a weight matrix, row-major, and a bias.
type layer struct {
	rows, cols int
	w, b       []float64
}

// positiveNetwork has layers of widths 2, 3, …, 3, 1 with positive weights, which are
// multiples of 1/64: all units are active at positive inputs.
func positiveNetwork(rng *rand.Rand, layers int) []layer {
	out := make([]layer, layers)
	for i := range out {
		l := layer{rows: 3, cols: 3}
		if i == 0 {
			l.cols = 2
		}
		if i == layers-1 {
			l.rows = 1
		}
		l.w, l.b = positive(rng, l.rows*l.cols), positive(rng, l.rows)
		out[i] = l
	}
	return out
}

func positive(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(1+rng.IntN(64)) / 64
	}
	return out
}

// scaled is the network with all parameters of layers for which of is true times
// a factor, 0 for the others.
func scaled(net []layer, factor float64, of func(i int) bool) []layer {
	out := make([]layer, len(net))
	for i, l := range net {
		f := 0.0
		if of(i) {
			f = factor
		}
		out[i] = layer{l.rows, l.cols, times(f, l.w), times(f, l.b)}
	}
	return out
}

func times(factor float64, x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = factor * v
	}
	return out
}

// squareLoss is ½(F(x) − 1)² for the relu network F whose parameters the callback
// supplies.
func squareLoss(x expr.Node, net []layer, param func(i int, name string, values []float64, dims ...int) expr.Node) expr.Node {
	h := x
	for i, l := range net {
		if i > 0 {
			h = expr.ReLU(h)
		}
		h = expr.Add(expr.MatMul(param(i, "w", l.w, l.rows, l.cols), h), param(i, "b", l.b, l.rows))
	}
	return expr.Scale(0.5, expr.Pow(expr.Shift(expr.Sum(h), -1), 2))
}

var inputPoint = []float64{1, 0.5}

// inParameters is the loss as a function of all parameters.
func inParameters(net []layer) (*expr.Func, error) {
	g := expr.NewGraph()
	var in []expr.Node
	loss := squareLoss(g.Tensor(inputPoint, 2), net, func(i int, name string, _ []float64, dims ...int) expr.Node {
		p := g.Param(fmt.Sprint(name, i), dims...)
		in = append(in, p)
		return p
	})
	return g.Func(expr.In(in...), expr.Out(loss))
}

// alongLine is the loss at parameters net + t·change and input x + t·move, as a
// function of t.
func alongLine(net, change []layer, move []float64) (*exact.Program, error) {
	g := expr.NewGraph()
	t := g.Input("t")
	line := func(at, by []float64, dims ...int) expr.Node {
		return expr.Add(g.Tensor(at, dims...), expr.Mul(t, g.Tensor(by, dims...)))
	}
	loss := squareLoss(line(inputPoint, move, 2), net, func(i int, name string, values []float64, dims ...int) expr.Node {
		if name == "w" {
			return line(values, change[i].w, dims...)
		}
		return line(values, change[i].b, dims...)
	})
	f, err := g.Func(expr.In(t), expr.Out(loss))
	if err != nil {
		return nil, err
	}
	return exact.Compile(f)
}
