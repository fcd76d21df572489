package onnx

import (
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/expr"
)

// clip reads bounds that are attributes before operator set 11 and inputs from then
// on. A bound that is left out is the largest float32: the primitive has both, and
// PyTorch's derivative of clamp with one bound is that of clamp with two.
func clip(c *call) (expr.Node, error) {
	if c.b.model.Opset < 11 {
		if c.has(1) || c.has(2) {
			return expr.Node{}, fmt.Errorf("it has its bounds as inputs, which operator set %d does not; write the file again", c.b.model.Opset)
		}
		lo, hi := c.float("min", -math.MaxFloat32), c.float("max", math.MaxFloat32)
		return expr.Clamp(c.in[0], c.b.g.Const(lo), c.b.g.Const(hi)), nil
	}
	lo, err := c.bound(1, -math.MaxFloat32)
	if err != nil {
		return lo, err
	}
	hi, err := c.bound(2, math.MaxFloat32)
	if err != nil {
		return hi, err
	}
	return expr.Clamp(c.in[0], lo, hi), nil
}

// bound is a scalar input, or a constant.
func (c *call) bound(i int, other float64) (expr.Node, error) {
	if !c.has(i) {
		return c.b.g.Const(other), nil
	}
	n := c.in[i]
	if n.Shape().Size() != 1 {
		return n, fmt.Errorf("its bound %s has shape %v; give a scalar", shortName(c.Inputs[i]), n.Shape())
	}
	if n.Shape().Rank() > 0 {
		n = expr.Reshape(n)
	}
	return n, nil
}
