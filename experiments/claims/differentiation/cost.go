package differentiation

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// backwardBound bounds the cost of value and gradient by that of the value for
// programs of affine maps and relu, every scalar counting 1: an addition passes
// two cotangents on and adds them up, (1 + 4)/1 (Bolte, Boustany, Pauwels,
// Pesquet-Popescu, ICLR 2023; Baur and Strassen 1983).
const backwardBound = 5

// cost compares the price of a gradient in both modes by counted operations, see
// expr.Operations.
func cost() claim.Claim {
	return claim.Claim{
		Numbers:  []int{3},
		Name:     "gradient-cost",
		Sentence: "The gradient of a program with p inputs costs a bounded multiple of its value in backward mode, whatever p is, and about p times as much in forward mode.",
		Source:   "Pauwels, CIMI lecture 2021 (forward and backward mode); Baur and Strassen, TCS 22 (1983); Bolte et al., ICLR 2023, arXiv 2206.01730",
		Params: []claim.Param{
			claim.Ints("inputs", []int{4, 16, 64, 256, 1024}, "numbers p of inputs").AtFull([]int{2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}).Between(2, 1<<14),
			claim.Int("width", 8, "width of the two hidden layers").Between(1, 512),
		},
		Run: runCost,
	}
}

// counts are the operations of one program: of its value, of value and gradient
// by one backward pass, and of value and gradient by p forward passes.
type counts struct{ value, backward, forward float64 }

func runCost(_ context.Context, c *claim.Context) (claim.Outcome, error) {
	sizes := c.Ints("inputs")
	if len(sizes) < 2 {
		return claim.Outcome{}, fmt.Errorf("inputs: a slope needs at least two sizes, such as 4,16")
	}
	n := make([]float64, len(sizes))
	back, fore := make([]float64, len(sizes)), make([]float64, len(sizes))
	worst := 0.0
	for i, p := range sizes {
		k, err := count(p, c.Int("width"))
		if err != nil {
			return claim.Outcome{}, err
		}
		n[i], back[i], fore[i] = float64(p), k.backward/k.value, k.forward/k.value
		worst = max(worst, back[i])
		record := jsonnum.Object{"inputs": p, "value": k.value, "backward": k.backward, "forward": k.forward}
		if err := c.Trace(record); err != nil {
			return claim.Outcome{}, err
		}
	}
	if err := c.Figure("cost", costFigure(n, back, fore)); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: []claim.Check{
			{Label: "backward-ratio", Predicted: claim.AtMost(backwardBound), Measured: claim.Measured(worst)},
			{Label: "backward-slope", Predicted: claim.Near(0, slopeTolerance), Measured: claim.Measured(claim.Slope(n, back))},
			{Label: "forward-slope", Predicted: claim.Near(1, slopeTolerance), Measured: claim.Measured(claim.Slope(n, fore))},
		},
		Result: jsonnum.Object{"inputs": n, "backward_over_value": back, "forward_over_value": fore},
	}, nil
}

// slopeTolerance allows for the part of the cost that does not grow with p,
// which bends the lines at small p.
const slopeTolerance = 0.05

// count builds Σ relu(W₁ relu(W₀x)) with constant weights and counts operations.
func count(inputs, width int) (counts, error) {
	f, err := reluNetwork(inputs, width)
	if err != nil {
		return counts{}, err
	}
	back, err := ad.Gradient(f)
	if err != nil {
		return counts{}, err
	}
	fore, err := ad.Forward(f)
	if err != nil {
		return counts{}, err
	}
	var ops [3]float64
	for i, g := range []*expr.Func{f, back, fore} {
		ops[i] = float64(expr.Operations(g))
	}
	return counts{value: ops[0], backward: ops[1], forward: float64(inputs) * ops[2]}, nil
}

// reluNetwork has weights ±1 in a fixed pattern: counts do not depend on them.
func reluNetwork(inputs, width int) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", inputs)
	h := x
	for _, cols := range []int{inputs, width} {
		w := make([]float64, width*cols)
		for i := range w {
			w[i] = float64(1 - 2*(i%2))
		}
		h = expr.ReLU(expr.MatMul(g.Tensor(w, width, cols), h))
	}
	return g.Func(expr.In(x), expr.Out(expr.Sum(h)))
}

func costFigure(n, back, fore []float64) figure.Figure {
	bound := make([]float64, len(n))
	for i := range bound {
		bound[i] = backwardBound
	}
	return figure.Figure{
		Title: "Operations for value and gradient",
		X:     figure.Axis{Label: "inputs p", Unit: "1", Log: true},
		Y:     figure.Axis{Label: "operations, relative to the value", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "backward, one pass", Style: figure.Measured, X: n, Y: back, Color: 1},
			{Name: "bound 5", Style: figure.Predicted, X: n, Y: bound, Color: 1},
			{Name: "forward, p passes", Style: figure.Measured, X: n, Y: fore, Color: 2},
			{Name: "slope 1", Style: figure.Predicted, X: n, Y: scaledTo(n, fore), Color: 2},
		},
	}
}

// scaledTo is the line of slope 1 through the last measured point.
func scaledTo(x, y []float64) []float64 {
	last := len(x) - 1
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = y[last] * v / x[last]
	}
	return out
}
