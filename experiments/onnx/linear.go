package onnx

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// matMul is numpy's matmul.
func matMul(c *call) (expr.Node, error) {
	a, b := c.in[0], c.in[1]
	s, t := a.Shape(), b.Shape()
	if s.Rank() == 0 || t.Rank() == 0 {
		return a, fmt.Errorf("it multiplies shapes %v and %v; both need an axis at least", s, t)
	}
	if s.Rank() <= 2 || t.Rank() <= 2 || s.Lead(2) == t.Lead(2) {
		return product(a, b), nil
	}
	// Package expr asks for equal leading axes; those of numpy stretch.
	lead, err := expr.Broadcast(s.Lead(2), t.Lead(2))
	if err != nil {
		return a, fmt.Errorf("its leading axes do not fit: %w; give operands of one batch", err)
	}
	stretch := func(n expr.Node) expr.Node {
		dims := append(lead.Dims(), n.Shape().Trail(2).Dims()...)
		return expr.BroadcastTo(n, dims...)
	}
	return expr.MatMul(stretch(a), stretch(b)), nil
}

// product multiplies operands of which at most one has leading axes. A matrix of one
// row becomes a vector, which saves the transposed copy of the other operand that its
// derivative would need.
func product(a, b expr.Node) expr.Node {
	s, t := a.Shape(), b.Shape()
	if s.Rank() != 2 || s.Dim(0) != 1 || t.Rank() != 2 {
		return expr.MatMul(a, b)
	}
	return expr.Reshape(expr.MatMul(expr.Reshape(a, s.Dim(1)), b), 1, t.Dim(1))
}

// gemm is α·A·B + β·C with optional transposes.
func gemm(c *call) (expr.Node, error) {
	a, b := c.in[0], c.in[1]
	alpha, beta := c.float("alpha", 1), c.float("beta", 1)
	ta, tb := c.flag("transA", false), c.flag("transB", false)
	if a.Shape().Rank() != 2 || b.Shape().Rank() != 2 {
		return a, fmt.Errorf("it multiplies shapes %v and %v; give two matrices", a.Shape(), b.Shape())
	}
	if ta {
		a = expr.Transpose(a)
	}
	y := transposedProduct(a, b, tb)
	if alpha != 1 {
		y = expr.Scale(alpha, y)
	}
	if !c.has(2) {
		return y, nil
	}
	bias := c.in[2]
	if beta != 1 {
		bias = expr.Scale(beta, bias)
	}
	sum := expr.Add(y, bias)
	if sum.Valid() && sum.Shape() != y.Shape() {
		return a, fmt.Errorf("its input C of shape %v is larger than the product of shape %v; give a bias for each column", bias.Shape(), y.Shape())
	}
	return sum, nil
}

// transposedProduct multiplies a by b, or by its transpose.
func transposedProduct(a, b expr.Node, transposed bool) expr.Node {
	s, t := a.Shape(), b.Shape()
	switch {
	case !transposed:
		return product(a, b)
	case s.Dim(0) == 1: // one row: the matrix times it
		return expr.Reshape(expr.MatMul(b, expr.Reshape(a, s.Dim(1))), 1, t.Dim(0))
	}
	return expr.MatMul(a, expr.Transpose(b))
}
