package onnx

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// operators holds every operator that is imported.
var operators map[string]operator

func init() { // the rules print the list in messages, so it cannot be a plain variable
	operators = map[string]operator{
		"Add": ofTwo(expr.Add), "Sub": ofTwo(expr.Sub), "Mul": ofTwo(expr.Mul), "Div": ofTwo(expr.Div),
		"Neg": ofOne(expr.Neg), "Abs": ofOne(expr.Abs), "Exp": ofOne(expr.Exp), "Log": ofOne(expr.Log), "Sqrt": ofOne(expr.Sqrt),
		"Relu": ofOne(expr.ReLU), "Sigmoid": ofOne(expr.Sigmoid), "Tanh": ofOne(expr.Tanh), "Softplus": ofOne(expr.Softplus),
		"Max": extremum(expr.Max), "Min": extremum(expr.Min),
		"LeakyRelu": {min: 1, max: 1, graph: leakyReLU},
		"Elu":       {min: 1, max: 1, graph: elu},
		"Clip":      {min: 1, max: 3, graph: clip},

		"MatMul":             {min: 2, max: 2, graph: matMul},
		"Gemm":               {min: 2, max: 3, graph: gemm},
		"BatchNormalization": {min: 5, max: 5, graph: batchNormalization},
		"Softmax":            {min: 1, max: 1, graph: softmax},
		"LogSoftmax":         {min: 1, max: 1, graph: logSoftmax},

		"Conv":              {min: 2, max: 3, graph: conv},
		"MaxPool":           {min: 1, max: 1, graph: maxPool},
		"AveragePool":       {min: 1, max: 1, graph: averagePool},
		"GlobalAveragePool": {min: 1, max: 1, graph: globalAveragePool},
		"GlobalMaxPool":     {min: 1, max: 1, graph: globalMaxPool},

		"Flatten":   {min: 1, max: 1, graph: flatten},
		"Pad":       {min: 1, max: 4, integers: []int{1, 3}, graph: pad},
		"Reshape":   {min: 2, max: 2, integers: []int{1}, graph: reshape},
		"Transpose": {min: 1, max: 1, graph: transpose},
		"Unsqueeze": {min: 1, max: 2, integers: []int{1}, fixed: unsqueezeIntegers, graph: unsqueeze},
		"Squeeze":   {min: 1, max: 2, integers: []int{1}, fixed: squeezeIntegers, graph: squeeze},
		"Identity":  {min: 1, max: 1, fixed: same, graph: nil},
		"Dropout":   {min: 1, max: 3, fixed: dropout, graph: nil},
		"Cast":      {min: 1, max: 1, fixed: cast, graph: nil},
		"Constant":  {min: 0, max: 0, fixed: constant, graph: nil},
		"Shape":     {min: 1, max: 1, fixed: shape, graph: nil},
		"Gather":    {min: 2, max: 2, fixed: gather, graph: nil},
		"Concat":    {min: 1, max: -1, fixed: concatIntegers, graph: concat},
		"Slice":     {min: 1, max: 5, fixed: slice, graph: nil},
	}
}

func operatorNames() []string { return slices.Sorted(maps.Keys(operators)) }

func ofOne(f func(expr.Node) expr.Node) operator {
	return operator{min: 1, max: 1, graph: func(c *call) (expr.Node, error) { return f(c.in[0]), nil }}
}

func ofTwo(f func(x, y expr.Node) expr.Node) operator {
	return operator{min: 2, max: 2, graph: func(c *call) (expr.Node, error) { return f(c.in[0], c.in[1]), nil }}
}

// extremum is entry by entry, of any number of tensors. Of three or more it is one
// choice among them, as the primitive is.
func extremum(f func(...expr.Node) expr.Node) operator {
	return operator{min: 1, max: -1, graph: func(c *call) (expr.Node, error) {
		for i := range c.args {
			if !c.has(i) {
				return expr.Node{}, fmt.Errorf("its input %d is left out; give all inputs", i)
			}
		}
		if len(c.in) == 1 { // the primitive of one tensor is over its last axis
			return c.in[0], nil
		}
		if len(c.in) == 2 {
			return f(c.in...), nil
		}
		same, err := stretched(c.in)
		if err != nil {
			return expr.Node{}, err
		}
		return f(same...), nil
	}}
}

// stretched gives nodes their common shape under numpy's rule.
func stretched(in []expr.Node) ([]expr.Node, error) {
	s := in[0].Shape()
	for _, n := range in[1:] {
		var err error
		if s, err = expr.Broadcast(s, n.Shape()); err != nil {
			return nil, fmt.Errorf("the shapes of its inputs do not fit: %w; give inputs of one shape", err)
		}
	}
	out := slices.Clone(in)
	for i, n := range in {
		if n.Shape() != s {
			out[i] = expr.BroadcastTo(n, s.Dims()...)
		}
	}
	return out, nil
}

func leakyReLU(c *call) (expr.Node, error) {
	return expr.LeakyReLU(c.in[0], c.float("alpha", 0.01)), nil
}

func elu(c *call) (expr.Node, error) { return expr.ELU(c.in[0], c.float("alpha", 1)), nil }
