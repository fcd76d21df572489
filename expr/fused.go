package expr

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Fused ops run in place of two or three primitives, with their bits. Only the executor
// knows them: they stand in no program and have no derivatives.

// withRow is a product to which the third operand, if there is one, is added: a row of
// as many entries as a row of the product has, or such a row for each position of
// leading axes. If the last attribute is 1, the relu of the result is taken.
func withRow(name string, left, right int, product func(in []Shape, at Attr) kernel.Product) *Op {
	return &Op{
		Name: name,
		Eval: affineRows[float64](left, right, product), Eval32: affineRows[float32](left, right, product),
		Scratch: func(in []Shape, at Attr) int {
			p := product(in, at)
			return p.Scratch()
		},
		Flops: func(in []Shape, out Shape, at Attr) int {
			p := product(in, at)
			return (2*p.K - 3 + len(in) + at.Int(len(at)-1)) * out.Size()
		},
	}
}

func affineRows[T Real](left, right int, product func(in []Shape, at Attr) kernel.Product) func(*Call[T]) {
	return func(c *Call[T]) {
		p := product(c.Shapes, c.Attr)
		p.ReLU = c.Attr.Int(len(c.Attr)-1) == 1
		a, b := c.In[left], c.In[right]
		if len(c.In) == 2 {
			kernel.Multiply(&p, c.Out, a, b, nil, c.Scratch)
			return
		}
		rows := c.In[2]
		count := len(rows) / p.N
		size := len(c.Out) / count
		if p.Count == 1 { // one tall product
			p.M /= count
			p.NextA = p.M * p.RowA
		} else {
			p.Count /= count
		}
		for i := range count {
			kernel.Multiply(&p, c.Out[i*size:], a[i*p.Count*p.NextA:], b[i*p.Count*p.NextB:], rows[i*p.N:(i+1)*p.N], c.Scratch)
		}
	}
}

// gateOfStep is gate(step(z, slot), x).
var gateOfStep = &Op{
	Name: "gate of step", Elementwise: true, KeepsKeys: true,
	Eval: stepGated(f64.GateStep), Eval32: stepGated(f32.GateStep),
	Flops: func(_ []Shape, out Shape, _ Attr) int { return 2 * out.Size() },
}

func stepGated[T Real](k func(dst, z, slot, x []T) (isNaN bool)) func(*Call[T]) {
	return func(c *Call[T]) {
		if k(c.Out, c.In[0], c.In[1], c.In[2]) {
			c.Fail(slices.IndexFunc(c.In[0], func(z T) bool { return z != z }), FaultNaN)
		}
	}
}
