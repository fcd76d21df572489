package onnx

import (
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/expr"
)

// batchNormalization is that of inference, with statistics from training: s·(x − m)/√(v + ε) + b
// for each channel, the second axis.
func batchNormalization(c *call) (expr.Node, error) {
	x := c.in[0]
	epsilon := c.float("epsilon", 1e-5)
	c.float("momentum", 0.9) // of training only
	if err := c.inferenceOnly(); err != nil {
		return x, err
	}
	s := x.Shape()
	if s.Rank() < 2 {
		return x, fmt.Errorf("its input has shape %v; it needs a batch axis and a channel axis", s)
	}
	for i, n := range c.in[1:] {
		if t := n.Shape(); t.Rank() != 1 || t.Dim(0) != s.Dim(1) {
			return x, fmt.Errorf("its input %s has shape %v for %d channels; give one number a channel", shortName(c.Inputs[i+1]), t, s.Dim(1))
		}
	}
	factor, err := c.inverseDeviation(epsilon)
	if err != nil {
		return x, err
	}
	channel := func(n expr.Node) expr.Node { return alongChannels(n, s.Rank()) }
	scale, bias, mean := c.in[1], c.in[2], c.in[3]
	y := expr.Mul(expr.Sub(x, channel(mean)), channel(expr.Mul(scale, factor)))
	return expr.Add(y, channel(bias)), nil
}

func (c *call) inferenceOnly() error {
	training := c.flag("training_mode", false) || len(c.Outputs) > 1
	switch spatial := c.flag("spatial", true); {
	case training:
		return fmt.Errorf("attribute training_mode is set, or it has more than one output; export the model in evaluation mode, model.eval()")
	case !spatial:
		return fmt.Errorf("attribute spatial is 0; export with statistics for each channel")
	}
	return nil
}

// inverseDeviation is 1/√(v + ε). Of constants it is rounded to float64, so that a
// network of piecewise affine layers stays one, with rational weights.
func (c *call) inverseDeviation(epsilon float64) (expr.Node, error) {
	t := c.args[4].tensor
	if t == nil {
		variance := expr.Shift(c.in[4], epsilon)
		return expr.Div(c.b.g.Const(1), expr.Sqrt(variance)), nil
	}
	out := make([]float64, len(t.Floats))
	for i, v := range t.Floats {
		if out[i] = 1 / math.Sqrt(v+epsilon); isNotFinite(out[i]) {
			return expr.Node{}, fmt.Errorf("entry %d of its variance %s is %v; variances plus epsilon must be positive", i, shortName(c.Inputs[4]), v)
		}
	}
	return c.b.g.Tensor(out, t.Dims...), nil
}

// alongChannels gives a vector the axes that follow the channels, of extent 1.
func alongChannels(n expr.Node, rank int) expr.Node {
	dims := n.Shape().Dims()
	for range rank - 2 {
		dims = append(dims, 1)
	}
	return expr.Reshape(n, dims...)
}

func softmax(c *call) (expr.Node, error) { return c.alongAxis(expr.Softmax) }

func logSoftmax(c *call) (expr.Node, error) {
	return c.alongAxis(func(x expr.Node) expr.Node {
		return expr.Sub(x, expr.Expand(expr.LogSumExp(x), x.Shape().Dim(-1)))
	})
}

// alongAxis applies what is along the last axis along the attribute axis. Before
// operator set 13 that axis and all after it count as one.
func (c *call) alongAxis(f func(expr.Node) expr.Node) (expr.Node, error) {
	x, s := c.in[0], c.in[0].Shape()
	other := -1
	if c.b.model.Opset < 13 {
		other = 1
	}
	axis, err := c.axis(c.int("axis", other), s.Rank())
	switch {
	case err != nil:
		return x, err
	case axis == s.Rank()-1:
		return f(x), nil
	case c.b.model.Opset < 13:
		joined := expr.Reshape(x, s.Lead(s.Rank()-axis).Size(), s.Trail(s.Rank()-axis).Size())
		return expr.Reshape(f(joined), s.Dims()...), nil
	}
	swap := identity(s.Rank())
	swap[axis], swap[s.Rank()-1] = swap[s.Rank()-1], swap[axis]
	return expr.Transpose(f(expr.Transpose(x, swap...)), swap...), nil
}

// identity is the list 0, 1, …, n−1.
func identity(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
