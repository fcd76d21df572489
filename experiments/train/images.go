package train

import (
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// Window has the options of a square window over images.
type Window struct {
	Size     int `yaml:"size"`
	Stride   int `yaml:"stride"`
	Dilation int `yaml:"dilation"`
	Padding  int `yaml:"padding"`
}

// square makes the window, whose stride and padding are as given if they are below 0.
func (w Window) square(c *Choice, stride, padding int) (expr.Window, error) {
	if w.Stride < 0 {
		w.Stride = stride
	}
	if w.Padding < 0 {
		w.Padding = padding
	}
	if min(w.Size, w.Stride, w.Dilation) < 1 {
		return expr.Window{}, mistake(c.at, "size, stride and dilation of %s must be at least 1", c.Name)
	}
	out := expr.Square(w.Size, w.Stride, w.Padding)
	out.Dilation = [2]int{w.Dilation, w.Dilation}
	return out, nil
}

func convolution(c *Choice, _ shape) (network.Layer, error) {
	o := struct {
		Window  `yaml:",inline"`
		Out     int    `yaml:"out"`
		Groups  int    `yaml:"groups"`
		Bias    bool   `yaml:"bias"`
		Weights string `yaml:"weights"`
	}{Window: Window{Size: 3, Stride: 1, Dilation: 1, Padding: -1}, Groups: 1, Bias: true, Weights: "he"}
	if err := c.decodeMain(&o.Out, &o); err != nil {
		return nil, err
	}
	weights, err := c.scaling(o.Weights)
	if err != nil {
		return nil, err
	}
	w, err := o.square(c, 1, o.Dilation*(o.Size-1)/2)
	if err != nil {
		return nil, err
	}
	return network.Convolution{Out: o.Out, Window: w, Groups: o.Groups, NoBias: !o.Bias, Weights: weights}, c.atLeastOne(min(o.Out, o.Groups))
}

func maxPool(c *Choice, _ shape) (network.Layer, error) {
	o := Window{Stride: -1, Dilation: 1}
	if err := c.decodeMain(&o.Size, &o); err != nil {
		return nil, err
	}
	w, err := o.square(c, o.Size, 0)
	return network.MaxPool(w), err
}

func averagePool(c *Choice, _ shape) (network.Layer, error) {
	o := struct {
		Window  `yaml:",inline"`
		Outside bool `yaml:"outside"`
	}{Window: Window{Stride: -1, Dilation: 1}, Outside: true}
	if err := c.decodeMain(&o.Size, &o); err != nil {
		return nil, err
	}
	w, err := o.square(c, o.Size, 0)
	return network.AveragePool(w, o.Outside), err
}
