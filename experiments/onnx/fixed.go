package onnx

import (
	"fmt"
	"slices"
)

// The operators here pass a value on, or compute with constant integers: exporters
// write the extents of a reshape as a small program of them.

func same(c *call) (*value, error) {
	if !c.has(0) {
		return nil, fmt.Errorf("it has no input; write the file again")
	}
	return c.args[0], nil
}

// dropout is the identity outside of training.
func dropout(c *call) (*value, error) {
	c.float("ratio", 0.5)
	c.int("seed", 0)
	if !c.has(2) {
		return c.args[0], nil
	}
	t := c.args[2].tensor
	if t == nil || slices.ContainsFunc(t.Ints, func(i int64) bool { return i != 0 }) {
		return nil, fmt.Errorf("its input training_mode is set; export the model in evaluation mode, model.eval()")
	}
	return c.args[0], nil
}

// cast passes real numbers on to real types, and integers to integers.
func cast(c *call) (*value, error) {
	to := DataType(c.int("to", 0))
	v := c.args[0]
	isFloat := v.tensor == nil || v.tensor.Type.isFloat()
	switch {
	case isFloat && to == Float64, isFloat && to == Float32 && v.tensor == nil:
		return v, nil
	case isFloat && to == Float32 && v.tensor.Type == Float32:
		return v, nil
	case !isFloat && to == Int64, !isFloat && v.tensor.Type == to:
		return v, nil
	}
	return nil, fmt.Errorf("it casts to %v; only casts between float and double and between integers are supported", to)
}

func constant(c *call) (*value, error) {
	if len(c.Attributes) != 1 {
		return nil, fmt.Errorf("it has %d attributes; give one, the value", len(c.Attributes))
	}
	a := &c.Attributes[0]
	c.read[a.Name] = true
	var t *Tensor
	switch a.Name + " " + a.Kind.String() {
	case "value a tensor":
		t = a.Tensor
	case "value_float a number":
		t = &Tensor{Type: Float32, Floats: []float64{a.Float}}
	case "value_floats a list of numbers":
		t = &Tensor{Type: Float32, Dims: []int{len(a.Floats)}, Floats: a.Floats}
	case "value_int an integer":
		t = &Tensor{Type: Int64, Ints: []int64{a.Int}}
	case "value_ints a list of integers":
		t = integers(a.Ints...)
	}
	if t == nil {
		return nil, fmt.Errorf("attribute %s is %v, which is not supported; give value a tensor of float, double or int64", shortName(a.Name), a.Kind)
	}
	return &value{tensor: t}, nil
}

// integers is a vector of them.
func integers(list ...int64) *Tensor {
	return &Tensor{Type: Int64, Dims: []int{len(list)}, Ints: list}
}

// fixedIntegers returns the entries of a constant vector, or scalar, of integers.
func (c *call) fixedIntegers(i int) (*Tensor, bool) {
	if !c.has(i) || c.args[i].tensor == nil || c.args[i].tensor.Type.isFloat() || len(c.args[i].tensor.Dims) > 1 {
		return nil, false
	}
	return c.args[i].tensor, true
}

func shape(c *call) (*value, error) {
	var list []int64
	dims := []int(nil)
	if v := c.args[0]; v.tensor != nil {
		dims = v.tensor.Dims
	} else {
		dims = v.node.Shape().Dims()
	}
	for _, d := range dims {
		list = append(list, int64(d))
	}
	lo, hi := bounds(int64(c.int("start", 0)), int64(c.int("end", len(list))), len(list))
	return &value{tensor: integers(list[lo:hi]...)}, nil
}

// bounds makes lo ≤ hi of positions that may count from the end, or lie outside.
func bounds(start, end int64, n int) (lo, hi int) {
	place := func(i int64) int {
		if i < 0 {
			i += int64(n)
		}
		return int(min(max(i, 0), int64(n)))
	}
	lo = place(start)
	return lo, max(lo, place(end))
}

// gather picks entries of a vector of integers.
func gather(c *call) (*value, error) {
	list, ok := c.fixedIntegers(0)
	at, fixed := c.fixedIntegers(1)
	if axis := c.int("axis", 0); !ok || !fixed || len(list.Dims) != 1 || axis != 0 && axis != -1 {
		return nil, fmt.Errorf("it is supported for shapes only; write the model without picking entries of tensors")
	}
	out := &Tensor{Type: Int64, Dims: at.Dims}
	for _, i := range at.Ints {
		k, err := c.axis(int(i), len(list.Ints))
		if err != nil {
			return nil, fmt.Errorf("index %d is not one of the %d entries of its input; write the file again", i, len(list.Ints))
		}
		out.Ints = append(out.Ints, list.Ints[k])
	}
	return &value{tensor: out}, nil
}

// slice takes a part of a vector of integers; its bounds are attributes before
// operator set 10.
func slice(c *call) (*value, error) {
	list, ok := c.fixedIntegers(0)
	if !ok || len(list.Dims) != 1 {
		return nil, fmt.Errorf("it is supported for shapes only; write the model without slices of tensors")
	}
	var part [4][]int64 // starts, ends, axes, steps
	for i := range part {
		if c.b.model.Opset < 10 && i < 3 {
			part[i] = c.list([]string{"starts", "ends", "axes"}[i])
		} else if t, given := c.fixedIntegers(i + 1); given {
			part[i] = t.Ints
		}
	}
	one := func(i int, other int64) bool { return len(part[i]) == 0 || len(part[i]) == 1 && part[i][0] == other }
	if len(part[0]) != 1 || len(part[1]) != 1 || !one(2, 0) || !one(3, 1) {
		return nil, fmt.Errorf("it slices a shape in more than one axis, or by steps; export the model with fixed extents")
	}
	lo, hi := bounds(part[0][0], part[1][0], len(list.Ints))
	return &value{tensor: integers(list.Ints[lo:hi]...)}, nil
}

// concatIntegers joins vectors of integers; nil if the inputs are real.
func concatIntegers(c *call) (*value, error) {
	var out []int64
	for i := range c.args {
		t, ok := c.fixedIntegers(i)
		if !ok || len(t.Dims) != 1 {
			return nil, nil
		}
		out = append(out, t.Ints...)
	}
	c.int("axis", 0)
	return &value{tensor: integers(out...)}, nil
}

func unsqueezeIntegers(c *call) (*value, error) { return c.reshapeIntegers(c.unsqueezed) }

func squeezeIntegers(c *call) (*value, error) { return c.reshapeIntegers(c.squeezed) }

// reshapeIntegers gives constant integers other extents; nil if the input is real.
func (c *call) reshapeIntegers(to func([]int) ([]int, error)) (*value, error) {
	t, ok := c.fixedIntegers(0)
	if !ok {
		return nil, nil
	}
	dims, err := to(t.Dims)
	if err != nil {
		return nil, err
	}
	return &value{tensor: &Tensor{Type: t.Type, Dims: dims, Ints: t.Ints}}, nil
}
