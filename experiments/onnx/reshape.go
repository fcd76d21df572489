package onnx

import (
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// flatten makes a matrix: the axes before an axis, and those from it on.
func flatten(c *call) (expr.Node, error) {
	x, s := c.in[0], c.in[0].Shape()
	axis := c.int("axis", 1)
	if axis < -s.Rank() || axis > s.Rank() {
		return x, fmt.Errorf("axis %d does not split the %d axes of its input; give 0 to %d", axis, s.Rank(), s.Rank())
	}
	if axis < 0 {
		axis += s.Rank()
	}
	return expr.Reshape(x, s.Lead(s.Rank()-axis).Size(), s.Trail(s.Rank()-axis).Size()), nil
}

// reshape reads extents of which 0 keeps that of the input, unless allowzero is set,
// and one −1 is what is left.
func reshape(c *call) (expr.Node, error) {
	x, s := c.in[0], c.in[0].Shape()
	allowZero := c.flag("allowzero", false)
	dims, open := []int{}, -1
	size := 1
	for i, d := range c.args[1].tensor.Ints {
		switch {
		case d == 0 && !allowZero && i < s.Rank():
			d = int64(s.Dim(i))
		case d == -1 && open < 0:
			open, d = i, 1
		case d <= 0 || d > maxEntries:
			return x, fmt.Errorf("extent %d of its shape %v does not fit an input of shape %v; give positive extents and at most one of -1", i, c.args[1].tensor.Ints, s)
		}
		dims = append(dims, int(d))
		size = min(size, maxEntries+1) * int(d)
	}
	if open >= 0 {
		dims[open] = s.Size() / size
		size *= dims[open]
	}
	if size != s.Size() {
		return x, fmt.Errorf("its shape %v does not fit an input of shape %v; export the model with the batch size it is used with", c.args[1].tensor.Ints, s)
	}
	return expr.Reshape(x, dims...), nil
}

func transpose(c *call) (expr.Node, error) {
	x, rank := c.in[0], c.in[0].Shape().Rank()
	perm := c.list("perm")
	if perm == nil {
		return expr.Transpose(x), nil
	}
	order := make([]int, 0, rank)
	for _, p := range perm {
		order = append(order, int(p))
	}
	if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, identity(rank)) {
		return x, fmt.Errorf("attribute perm is %v; give each of the %d axes once", perm, rank)
	}
	if rank == 0 {
		return x, nil
	}
	return expr.Transpose(x, order...), nil
}

// axes reads a list that is an attribute before operator set 13 and an input from then
// on; nil if it is left out.
func (c *call) axes() []int64 {
	switch {
	case c.b.model.Opset < 13:
		return c.list("axes")
	case c.has(1) && c.args[1].tensor != nil:
		return c.args[1].tensor.Ints
	}
	return nil
}

func unsqueeze(c *call) (expr.Node, error) {
	x := c.in[0]
	dims, err := c.unsqueezed(x.Shape().Dims())
	if err != nil {
		return x, err
	}
	return expr.Reshape(x, dims...), nil
}

// unsqueezed puts axes of extent 1 at the listed places of the result.
func (c *call) unsqueezed(dims []int) ([]int, error) {
	list := c.axes()
	rank := len(dims) + len(list)
	at := map[int]bool{}
	for _, a := range list {
		i, err := c.axis(int(a), rank)
		if err != nil {
			return nil, err
		}
		at[i] = true
	}
	if len(at) == 0 || len(at) < len(list) {
		return nil, fmt.Errorf("its axes are %v; give each new axis once", list)
	}
	var out []int
	for i := range rank {
		if at[i] {
			out = append(out, 1)
			continue
		}
		out, dims = append(out, dims[0]), dims[1:]
	}
	return out, nil
}

func squeeze(c *call) (expr.Node, error) {
	x := c.in[0]
	dims, err := c.squeezed(x.Shape().Dims())
	if err != nil {
		return x, err
	}
	return expr.Reshape(x, dims...), nil
}

// squeezed removes the listed axes, or all, of extent 1.
func (c *call) squeezed(dims []int) ([]int, error) {
	list := c.axes()
	drop := map[int]bool{}
	for _, a := range list {
		i, err := c.axis(int(a), len(dims))
		if err != nil {
			return nil, err
		}
		if dims[i] != 1 {
			return nil, fmt.Errorf("axis %d of its input has extent %d; only axes of extent 1 can be removed", i, dims[i])
		}
		drop[i] = true
	}
	var out []int
	for i, d := range dims {
		if !drop[i] && (list != nil || d != 1) {
			out = append(out, d)
		}
	}
	return out, nil
}

// concat joins real tensors along an axis.
func concat(c *call) (expr.Node, error) {
	rank := c.in[0].Shape().Rank()
	axis, err := c.axis(c.int("axis", 0), rank)
	if err != nil {
		return expr.Node{}, err
	}
	swap := identity(rank)
	swap[axis], swap[rank-1] = swap[rank-1], swap[axis]
	in := slices.Clone(c.in)
	for i, n := range in {
		switch {
		case !c.has(i) || n.Shape().Rank() != rank:
			return expr.Node{}, fmt.Errorf("its inputs differ in rank; give tensors of the same rank")
		case axis < rank-1:
			in[i] = expr.Transpose(n, swap...)
		}
	}
	y := expr.Concat(in...)
	if axis < rank-1 {
		y = expr.Transpose(y, swap...)
	}
	return y, nil
}
