package network

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// BatchNorm shifts and scales every channel to mean 0 and variance 1 over the minibatch, and
// then by parameters (S. Ioffe, C. Szegedy, ICML 2015): with m and v the mean and the biased
// variance of a channel,
//
//	y = scale·(x − m)/√(v + Epsilon) + shift.
//
// Channels are the last axis of rows, and the axis −3 of images (rank 4: minibatch, channels,
// height, width). In evaluation m and v are the data inputs mean1 and var1 in the second
// layer, and so on: those that [Network.Statistics] returns. With Epsilon 0 the program is
// not differentiable where a channel does not vary.
type BatchNorm struct {
	Epsilon float64 // 1e−5 is usual
}

// statistic is a number of each channel that evaluation needs: in training its value for the
// minibatch, in evaluation an input.
type statistic struct {
	name string
	node expr.Node
}

// Apply implements [Layer].
func (n BatchNorm) Apply(b *Builder, x expr.Node) expr.Node {
	k, s := b.Layer(), x.Shape()
	if s.Rank() != 2 && s.Rank() != 4 {
		b.Fail("BatchNorm needs rows or images, of rank 2 or 4; it got the shape %v", s)
		return x
	}
	axis := s.Rank() - 1
	if s.Rank() == 4 {
		axis = 1
	}
	channels := s.Dim(axis)
	named := func(kind string) string { return fmt.Sprintf("%s%d", kind, k) }
	scale := b.Param(named("scale"), One, channels)
	shift := b.Param(named("shift"), Zero, channels)
	along := func(v expr.Node) expr.Node { // broadcasts along the channels
		if axis == s.Rank()-1 {
			return v
		}
		return expr.Reshape(v, channels, 1, 1)
	}
	var mean, variance expr.Node
	if b.Use() == Evaluation {
		mean, variance = b.Statistic(named("mean"), channels), b.Statistic(named("var"), channels)
	} else {
		count := s.Size() / channels
		byChannel := expr.Reshape(channelsFirst(x, axis), channels, count)
		mean = expr.Scale(1/float64(count), expr.SumLast(byChannel))
		d := expr.Sub(byChannel, expr.Reshape(mean, channels, 1))
		squares := expr.Dot(d, d)
		variance = expr.Scale(1/float64(count), squares)
		b.statistics = append(b.statistics, statistic{named("mean"), mean}, statistic{named("var"), expr.Scale(1/float64(max(count-1, 1)), squares)})
	}
	factor := expr.Div(scale, expr.Sqrt(expr.Shift(variance, n.Epsilon)))
	return expr.Add(expr.Mul(expr.Sub(x, along(mean)), along(factor)), along(shift))
}

// channelsFirst moves an axis to the front.
func channelsFirst(x expr.Node, axis int) expr.Node {
	perm := []int{axis}
	for i := range x.Shape().Rank() {
		if i != axis {
			perm = append(perm, i)
		}
	}
	return expr.Transpose(x, perm...)
}

// Statistic adds a data input for a number of each channel.
func (b *Builder) Statistic(name string, channels int) expr.Node {
	n := b.graph.Data(name, channels)
	b.inputs = append(b.inputs, n)
	b.statistics = append(b.statistics, statistic{name, n})
	return n
}
