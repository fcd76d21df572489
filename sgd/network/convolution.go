package network

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Images are tensors of minibatch × channels × rows × columns.

// Convolution is the affine layer that convolves images with a kernel to Out channels
// and adds a bias to each: see [expr.Conv2D]. The kernel, of the shape Out × channels in
// a group × rows × columns, has He's initial values unless Weights says other things, the
// bias 0; they are named w0 and b0 in the first layer, and so on, and have the layout of
// PyTorch. Groups of channels are convolved one by one; 0 stands for 1.
type Convolution struct {
	Out     int
	Window  expr.Window // whose Size is that of the kernel
	Groups  int
	NoBias  bool
	Weights Scaling
}

// Apply implements [Layer].
func (c Convolution) Apply(b *Builder, x expr.Node) expr.Node {
	s, k, groups := x.Shape(), b.Layer(), max(c.Groups, 1)
	if s.Rank() != 4 {
		b.Fail("Convolution needs images, minibatch × channels × rows × columns; it got the shape %v", s)
		return x
	}
	size := c.Window.Size
	in := s.Dim(1) / groups * size[0] * size[1]
	init := He(in)
	if c.Weights.Init != nil {
		init = c.Weights.Init(in, c.Out)
	}
	kernel := b.Param(fmt.Sprintf("w%d", k), init, c.Out, s.Dim(1)/groups, size[0], size[1])
	y := expr.GroupedConv2D(x, kernel, groups, c.Window)
	if c.Weights.Factor != nil {
		y = expr.Scale(c.Weights.Factor(in), y)
	}
	if c.NoBias || !y.Valid() {
		return y
	}
	// The bias is spread over an image before it is added, so that its gradient first
	// sums over the minibatch, entries that lie together, and then over an image.
	image := y.Shape().Trail(2).Size()
	bias := expr.Expand(b.Param(fmt.Sprintf("b%d", k), Zero, c.Out), image)
	return expr.Add(y, expr.Reshape(bias, y.Shape().Trail(3).Dims()...))
}

// MaxPool is the layer of the largest entries of windows of images, each a kink of the
// entries that tie in it; AveragePool that of their means. See [expr.MaxPool2D]. Strides
// are those of the window, 1 unless it says other things.
func MaxPool(w expr.Window) Layer {
	return Activation(func(x expr.Node) expr.Node { return expr.MaxPool2D(x, w) })
}

// AveragePool is described with [MaxPool]. Places outside an image count as zeros, as in
// PyTorch, or do not count.
func AveragePool(w expr.Window, countOutside bool) Layer {
	return Activation(func(x expr.Node) expr.Node { return expr.AveragePool2D(x, w, countOutside) })
}

// AverageImage is the mean of every channel: minibatch × channels from images, whose
// extents are arbitrary.
func AverageImage(x expr.Node) expr.Node {
	s := x.Shape()
	if s.Rank() != 4 {
		return expr.AveragePool2D(x, expr.Window{}, false) // says what does not fit
	}
	mean := expr.AveragePool2D(x, expr.Window{Size: [2]int{s.Dim(2), s.Dim(3)}}, false)
	return expr.Reshape(mean, s.Dim(0), s.Dim(1))
}
