package onnx

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Bounds on the numbers of a window and on its entries at all places along an axis,
// each of which is looked at.
const (
	maxSide  = 1 << 12
	maxMoves = 1 << 22
)

// conv is a convolution of images, or of signals, with a bias for each channel.
func conv(c *call) (expr.Node, error) {
	x, kernel := c.in[0], c.in[1]
	k := kernel.Shape()
	if k.Rank() != x.Shape().Rank() || k.Rank() < 3 {
		return x, fmt.Errorf("its input has shape %v and its kernel %v; give images or signals, with axes for batch and channels", x.Shape(), k)
	}
	sides := k.Trail(k.Rank() - 2).Dims()
	if list := c.list("kernel_shape"); list != nil && fmt.Sprint(list) != fmt.Sprint(sides) {
		return x, fmt.Errorf("attribute kernel_shape is %v for a kernel of shape %v; write the file again", list, k)
	}
	w, err := c.window(sides)
	if err != nil {
		return x, err
	}
	groups := c.int("group", 1)
	if groups < 1 || k.Dim(0)%groups != 0 {
		return x, fmt.Errorf("attribute group is %d for a kernel of shape %v; give a divisor of its first extent", groups, k)
	}
	y := expr.GroupedConv2D(withRows(x), withRows(kernel), groups, w)
	y = withoutRows(y, x.Shape().Rank())
	if !c.has(2) || !y.Valid() {
		return y, nil
	}
	if s := c.in[2].Shape(); s.Rank() != 1 || s.Dim(0) != k.Dim(0) {
		return x, fmt.Errorf("its bias has shape %v for %d channels; give one number a channel", s, k.Dim(0))
	}
	return expr.Add(y, alongChannels(c.in[2], y.Shape().Rank())), nil
}

func maxPool(c *call) (expr.Node, error) {
	c.int("storage_order", 0) // of the indices, which are not imported
	return c.pool(expr.MaxPool2D)
}

func averagePool(c *call) (expr.Node, error) {
	countOutside := c.flag("count_include_pad", false)
	return c.pool(func(x expr.Node, w expr.Window) expr.Node { return expr.AveragePool2D(x, w, countOutside) })
}

// pool is a pooling of images, or of signals.
func (c *call) pool(f func(expr.Node, expr.Window) expr.Node) (expr.Node, error) {
	x := c.in[0]
	var sides []int
	for _, n := range c.list("kernel_shape") {
		sides = append(sides, int(min(max(n, 0), maxSide)))
	}
	w, err := c.window(sides)
	if err != nil {
		return x, err
	}
	return withoutRows(f(withRows(x), w), x.Shape().Rank()), nil
}

// withRows makes images of one row of signals.
func withRows(x expr.Node) expr.Node {
	s := x.Shape()
	if s.Rank() != 3 {
		return x
	}
	return expr.Reshape(x, s.Dim(0), s.Dim(1), 1, s.Dim(2))
}

// withoutRows undoes it if the rank was that of signals.
func withoutRows(y expr.Node, rank int) expr.Node {
	if rank != 3 || !y.Valid() {
		return y
	}
	s := y.Shape()
	return expr.Reshape(y, s.Dim(0), s.Dim(1), s.Dim(3))
}

// window reads how a window of the given extents moves over the input.
func (c *call) window(sides []int) (w expr.Window, err error) {
	s := c.in[0].Shape()
	n := s.Rank() - 2
	switch {
	case n != 1 && n != 2:
		return w, fmt.Errorf("its input has shape %v; only images, with 4 axes, and signals, with 3, are supported", s)
	case len(sides) != n:
		return w, fmt.Errorf("its window has extents %v; give %d", sides, n)
	}
	strides, dilations := c.steps("strides", n), c.steps("dilations", n)
	before, after, err := c.padding(s.Trail(n), sides, strides, dilations)
	if err != nil || c.err != nil {
		return w, err
	}
	w.Size[0] = 1 // of signals
	for i := range n {
		at := 2 - n + i
		if extent := s.Dim(2+i) + before[i] + after[i]; extent > maxMoves/max(sides[i], 1) {
			return w, fmt.Errorf("its window of %d entries moves over %d along axis %d; the limit of their product is %d", sides[i], extent, i, maxMoves)
		}
		w.Size[at], w.Stride[at], w.Dilation[at] = sides[i], strides[i], dilations[i]
		w.Before[at], w.After[at] = before[i], after[i]
	}
	if c.flag("ceil_mode", false) {
		return w, fits(s.Trail(n), sides, strides, dilations, before, after)
	}
	return w, nil
}

// steps reads positive numbers, 1 if they are left out.
func (c *call) steps(name string, n int) []int {
	out := make([]int, n)
	list := c.list(name)
	if list != nil && len(list) != n {
		c.fail("attribute %s is %v; give %d numbers", name, list, n)
		list = nil
	}
	for i := range out {
		if out[i] = 1; list == nil {
			continue
		}
		if list[i] < 1 || list[i] > maxSide {
			c.fail("attribute %s is %v; give numbers from 1 to %d", name, list, maxSide)
			continue
		}
		out[i] = int(list[i])
	}
	return out
}

// padding reads how far the window goes beyond the input on each side.
func (c *call) padding(s expr.Shape, sides, strides, dilations []int) (before, after []int, err error) {
	n := len(sides)
	before, after = make([]int, n), make([]int, n)
	pads, auto := c.list("pads"), c.text("auto_pad", "NOTSET")
	switch {
	case auto == "NOTSET" && pads != nil:
		if len(pads) != 2*n {
			return nil, nil, fmt.Errorf("attribute pads is %v; give %d numbers", pads, 2*n)
		}
		for i, p := range pads {
			if p < 0 || p > maxSide {
				return nil, nil, fmt.Errorf("attribute pads is %v; give numbers from 0 to %d", pads, maxSide)
			}
			[][]int{before, after}[i/n][i%n] = int(p)
		}
	case auto == "SAME_UPPER" || auto == "SAME_LOWER":
		for i := range n { // as many windows as strides fit in the input, rounded up
			windows := (s.Dim(i) + strides[i] - 1) / strides[i]
			total := max(0, (windows-1)*strides[i]+(sides[i]-1)*dilations[i]+1-s.Dim(i))
			before[i], after[i] = total/2, total-total/2
			if auto == "SAME_LOWER" {
				before[i], after[i] = after[i], before[i]
			}
		}
	case auto != "NOTSET" && auto != "VALID":
		return nil, nil, fmt.Errorf("attribute auto_pad is %s; give NOTSET, VALID, SAME_UPPER or SAME_LOWER", shortName(auto))
	}
	return before, after, nil
}

// fits refuses rounding up of the number of windows where it makes a difference.
func fits(s expr.Shape, sides, strides, dilations, before, after []int) error {
	for i, side := range sides {
		if rest := s.Dim(i) + before[i] + after[i] - (side-1)*dilations[i] - 1; rest%strides[i] != 0 {
			return fmt.Errorf("attribute ceil_mode is 1 and the windows do not fill axis %d of the image; export with ceil_mode=False", i)
		}
	}
	return nil
}
