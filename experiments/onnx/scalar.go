package onnx

import (
	"github.com/tamegrad/tamegrad/expr"
)

// Component returns the program of one entry of the model's first output, counted in
// row-major order.
func (p *Program) Component(k int) (*expr.Func, error) {
	y := p.Func.Out()[0]
	n := y.Shape().Size()
	if k < 0 || k >= n {
		return nil, mistake("the model has no output entry %d; its output of shape %v has entries 0 to %d", k, y.Shape(), n-1)
	}
	return p.with(expr.Index(expr.Reshape(y, n), k))
}

// CrossEntropy returns the program of the cross-entropy of the model's first output at
// a label. The output is a row of logits, or their softmax, which is left away then: the
// loss is computed from logits, so that it is accurate where probabilities are near 0.
func (p *Program) CrossEntropy(label int) (*expr.Func, error) {
	y := p.Func.Out()[0]
	if y.Op().Name == "softmax" {
		y = y.Args()[0]
	}
	n := y.Shape().Size()
	switch {
	case label < 0 || label >= n:
		return nil, mistake("there is no label %d; the model's output of shape %v has labels 0 to %d", label, y.Shape(), n-1)
	case y.Shape().Rank() > 0 && y.Shape().Dim(-1) != n:
		return nil, mistake("the model's output has shape %v, more than one row of logits; build it for a batch of 1", y.Shape())
	}
	return p.with(expr.CrossEntropy(expr.Reshape(y, n), p.Func.Graph().Tensor(OneHot(label, n), n)))
}

// OneHot returns n zeros but for a 1 at a label.
func OneHot(label, n int) []float64 {
	out := make([]float64, n)
	out[label] = 1
	return out
}

// Squared returns the program of the mean of the squared differences between the
// model's first output and a target, as PyTorch's MSELoss has it.
func (p *Program) Squared(target []float64) (*expr.Func, error) {
	y := p.Func.Out()[0]
	n := y.Shape().Size()
	if len(target) != n {
		return nil, mistake("the target has %d numbers; the model's output of shape %v has %d", len(target), y.Shape(), n)
	}
	difference := expr.Sub(expr.Reshape(y, n), p.Func.Graph().Tensor(target, n))
	return p.with(expr.Mean(expr.Pow(difference, 2)))
}

// with is the program with another output.
func (p *Program) with(out expr.Node) (*expr.Func, error) {
	f, err := p.Func.Graph().Func(expr.In(p.Func.In()...), expr.Out(out))
	if err != nil {
		return nil, mistake("%v", err)
	}
	return f, nil
}
