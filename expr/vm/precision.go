package vm

import (
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// Precision is the arithmetic of a compiled program.
type Precision int8

// The native precisions.
const (
	Float64 Precision = iota
	Float32
)

func (p Precision) valid() bool { return p == Float64 || p == Float32 }

// String returns the name, as in "float64".
func (p Precision) String() string {
	switch p {
	case Float64:
		return "float64"
	case Float32:
		return "float32"
	}
	return fmt.Sprintf("precision %d", int8(p))
}

// kernel is an op's evaluation in one arithmetic.
type kernel[T expr.Real] func(*expr.Call[T])

// kernelOf returns the op's own kernel; nil if it has to be widened.
func kernelOf[T expr.Real](op *expr.Op) kernel[T] {
	return either[T](op.Eval, op.Eval32)
}

// inBlocks returns what computes an op while its operands are computed.
func inBlocks[T expr.Real](b *expr.InBlocks) kernel[T] { return either[T](b.Run, b.Run32) }

// byBlocks returns what computes an op once its operands are there.
func byBlocks[T expr.Real](b *expr.ByBlocks) kernel[T] { return either[T](b.Run, b.Run32) }

// either returns the kernel of the precision.
func either[T expr.Real](f64 kernel[float64], f32 kernel[float32]) kernel[T] {
	if k, ok := any(f64).(kernel[T]); ok {
		return k
	}
	return any(f32).(kernel[T])
}

// widened evaluates an op in float64 and rounds its result once. The scratch
// holds the operands and the result.
func widened[T expr.Real](op *expr.Op, c *expr.Call[T], scratch []float64) kernel[T] {
	wide := expr.Call[float64]{
		Shape: c.Shape, Shapes: c.Shapes, Attr: c.Attr, Index: c.Index, Work: c.Work, Fault: c.Fault, Node: c.Node,
	}
	if op.Scratch != nil {
		wide.Scratch = make([]float64, op.Scratch(c.Shapes, c.Attr))
	}
	take := func(n int) []float64 {
		s := scratch[:n:n]
		scratch = scratch[n:]
		return s
	}
	for _, x := range c.In {
		wide.In = append(wide.In, take(len(x)))
	}
	wide.Out = take(len(c.Out))
	in, out := slices.Clone(wide.In), wide.Out
	return func(c *expr.Call[T]) {
		for i, x := range c.In { // the last block of a group is shorter
			wide.In[i] = in[i][:len(x)]
			convert(wide.In[i], x)
		}
		wide.Out, wide.From = out[:len(c.Out)], c.From
		op.Eval(&wide)
		convert(c.Out, wide.Out)
	}
}

func convert[T, S expr.Real](dst []T, src []S) {
	for i, v := range src {
		dst[i] = T(v)
	}
}

func (p Precision) bytes() int {
	if p == Float32 {
		return 4
	}
	return 8
}
