package expr

import (
	"fmt"
	"math/rand/v2"
)

var (
	opPad = new(Op)
	_     = define(opPad, Op{
		Name: "pad", Doc: "zeros before and after the entries of an axis counted from the last, 1", MinArgs: 1, MaxArgs: 1,
		Attrs: AttrSpec{Names: "axis before after", Min: 3, Max: 3, Integer: true}, Structural: true,
		Shape: padShape, Class: Affine, Range: func(k *Known) Interval { return k.In[0].hull(between(0, 0)) },
		Eval: pad(floats), Eval32: pad(floats32), Exact: pad(rats),
		Transpose: func(r *Rule, ct Node) []Node {
			axis, before := r.Attr().Int(0), r.Attr().Int(1)
			return []Node{opSlice.Apply(Ints(axis, before, before+r.In(0).Shape().Dim(-axis), 1), ct)}
		},
		Sample: func(r *rand.Rand) Example {
			return sampleShaped(Ints(1+r.IntN(2), r.IntN(2), r.IntN(3)), dyadic, []int{2, 3})(r)
		},
	})
)

func padShape(in []Shape, at Attr) (Shape, error) {
	axis, before, after, s := at.Int(0), at.Int(1), at.Int(2), in[0]
	if axis < 1 || axis > s.Rank() || before < 0 || after < 0 {
		return s, fmt.Errorf("%d zeros before and %d after axis %d from the last do not fit shape %v; the counts must be at least 0, the axis 1 to %d", before, after, axis, s, s.Rank())
	}
	dims := s.Dims()
	dims[len(dims)-axis] += before + after
	return NewShape(dims...)
}

func pad[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		axis, x := c.Attr.Int(0), c.In[0]
		inner := c.Shape.Trail(axis - 1).Size()
		n, m := c.Shapes[0].Dim(-axis)*inner, c.Shape.Dim(-axis)*inner
		for i := range c.Out {
			c.Out[i] = a.zero
		}
		for at := c.Attr.Int(1) * inner; len(x) > 0; at += m {
			copy(c.Out[at:], x[:n])
			x = x[n:]
		}
	}
}
