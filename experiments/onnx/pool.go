package onnx

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

func globalAveragePool(c *call) (expr.Node, error) {
	return c.globally(func(x expr.Node, n int) expr.Node {
		return expr.ScaleNumber(expr.Ratio(1, int64(n)), expr.SumLast(x))
	})
}

func globalMaxPool(c *call) (expr.Node, error) {
	return c.globally(func(x expr.Node, _ int) expr.Node { return expr.Max(x) })
}

// globally reduces all axes after the channels to extent 1.
func (c *call) globally(reduce func(x expr.Node, n int) expr.Node) (expr.Node, error) {
	x, s := c.in[0], c.in[0].Shape()
	if s.Rank() < 3 {
		return x, fmt.Errorf("its input has shape %v; it needs axes for batch, channels and positions", s)
	}
	n := s.Trail(s.Rank() - 2).Size()
	dims := s.Lead(s.Rank() - 2).Dims()
	y := reduce(expr.Reshape(x, append(dims, n)...), n)
	for range s.Rank() - 2 {
		dims = append(dims, 1)
	}
	return expr.Reshape(y, dims...), nil
}
