package onnx

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// pad puts zeros around a tensor. PyTorch writes one before each average pooling, most
// often of no zeros at all.
func pad(c *call) (expr.Node, error) {
	x, rank := c.in[0], c.in[0].Shape().Rank()
	if mode := c.text("mode", "constant"); mode != "constant" {
		return x, fmt.Errorf("attribute mode is %s; only constant padding is supported", shortName(mode))
	}
	pads, err := c.pads()
	if err != nil {
		return x, err
	}
	if len(pads) != 2*rank {
		return x, fmt.Errorf("its pads are %v for an input of shape %v; give %d numbers", pads, x.Shape(), 2*rank)
	}
	for axis := range rank {
		before, after := pads[axis], pads[rank+axis]
		if before < 0 || after < 0 || before > maxEntries || after > maxEntries {
			return x, fmt.Errorf("its pads are %v; only numbers of at least 0 are supported", pads)
		}
		if before+after > 0 {
			x = expr.Pad(x, rank-axis, int(before), int(after))
		}
	}
	return x, nil
}

// pads reads what is an attribute before operator set 11 and an input from then on.
func (c *call) pads() ([]int64, error) {
	value := c.float("value", 0)
	if c.has(2) {
		t := c.args[2].tensor
		if t == nil || len(t.Floats) != 1 {
			return nil, fmt.Errorf("its value is not a constant number; give 0")
		}
		value = t.Floats[0]
	}
	switch {
	case value != 0:
		return nil, fmt.Errorf("it pads with %v; only zeros are supported", value)
	case c.has(3):
		return nil, fmt.Errorf("it lists axes, which is not supported; give pads for all axes")
	case c.has(1):
		return c.args[1].tensor.Ints, nil
	}
	return c.list("pads"), nil
}
