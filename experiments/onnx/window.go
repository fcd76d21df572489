package onnx

import (
	"errors"

	"github.com/tamegrad/tamegrad/expr"
)

var errNoConvolution = errors.New("convolution is not supported yet")

func conv(c *call) (expr.Node, error) { return expr.Node{}, errNoConvolution }

func maxPool(c *call) (expr.Node, error) { return expr.Node{}, errNoConvolution }

func averagePool(c *call) (expr.Node, error) { return expr.Node{}, errNoConvolution }
