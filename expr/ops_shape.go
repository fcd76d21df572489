package expr

import (
	"fmt"
	"math/big"
)

// pick is the kernel of all ops that only move entries.
func pick[T any](c *Call[T]) {
	x := c.In[0]
	for i, j := range c.Index {
		c.Out[i] = x[j]
	}
}

// broadcast is pick, but needs no table where entries, or all of them, are repeated one
// after the other.
func broadcast[T any](c *Call[T]) {
	in, k := c.Shapes[0], c.Attr.Int(0)
	switch {
	case c.Index == nil:
		repeatEach(c.Out, c.In[0], len(c.Out)/len(c.In[0]))
	case k == in.Rank() && k <= c.Shape.Rank() && in == c.Shape.Trail(k):
		for out := c.Out; len(out) > 0; out = out[len(c.In[0]):] {
			copy(out, c.In[0])
		}
	default:
		pick(c)
	}
}

// repeats reports whether a broadcast of the trailing k axes repeats entries one after the
// other: it is of a single one, or along the last axis only.
func repeats(in, out Shape, k int) bool {
	switch {
	case in.Size() == 1:
		return true
	case k == 0:
		return in == out.Lead(min(1, out.Rank()))
	}
	return in.Rank() == out.Rank() && in.Dim(-1) == 1 && in.Size()*out.Dim(-1) == out.Size()
}

func copyAll[T any](c *Call[T]) { copy(c.Out, c.In[0]) }

// positions enumerates the flat positions, in a tensor with the given strides,
// of the entries of a box of the given extents in row-major order.
func positions(extents, strides []int) []int32 {
	out := []int32{0}
	for a, n := range extents {
		next := make([]int32, 0, len(out)*n)
		for _, base := range out {
			for i := range n {
				next = append(next, base+int32(i*strides[a]))
			}
		}
		out = next
	}
	return out
}

// strides returns the row-major strides of a shape.
func strides(s Shape) []int {
	st := make([]int, s.Rank())
	step := 1
	for i := s.Rank() - 1; i >= 0; i-- {
		st[i] = step
		step *= s.Dim(i)
	}
	return st
}

// stretched returns, for every axis of out, the stride in the operand that is
// broadcast to it: 0 along stretched axes. The trailing k axes of in are
// aligned at the right, its leading axes at the left.
func stretched(in, out Shape, k int) []int {
	st, full := make([]int, out.Rank()), strides(in)
	lead := in.Rank() - k
	copy(st, full[:lead])
	for i := 1; i <= k; i++ {
		if in.Dim(-i) > 1 {
			st[out.Rank()-i] = full[in.Rank()-i]
		}
	}
	return st
}

// retail replaces the trailing k axes, with k and the new extents in at.
func retail(in Shape, at Attr) (lead, tail, shape Shape, err error) {
	k := at.Int(0)
	if k < 0 || k > in.Rank() {
		return lead, tail, shape, fmt.Errorf("%d trailing axes asked of shape %v", k, in)
	}
	if tail, err = NewShape(at.IntsFrom(1)...); err != nil {
		return lead, tail, shape, err
	}
	lead = in.Lead(k)
	shape, err = lead.Join(tail)
	return lead, tail, shape, err
}

var tailAttr = AttrSpec{Names: "k extents…: the trailing k axes become these", Min: 1, Max: MaxRank + 2, Integer: true}

var (
	opBroadcast = new(Op)
	_           = define(opBroadcast, Op{
		Name: "broadcast", Doc: "stretches the trailing k axes to the given extents", MinArgs: 1, MaxArgs: 1,
		Attrs: tailAttr, Structural: true, Selects: true,
		Shape: func(in []Shape, at Attr) (Shape, error) {
			_, tail, out, err := retail(in[0], at)
			if err != nil {
				return out, err
			}
			if b, err := Broadcast(in[0].Trail(at.Int(0)), tail); err != nil || b != tail {
				return out, fmt.Errorf("%v does not broadcast to %v", in[0].Trail(at.Int(0)), tail)
			}
			return out, nil
		},
		Class: Affine,
		Index: func(in []Shape, out Shape, at Attr) []int32 {
			if repeats(in[0], out, at.Int(0)) {
				return nil
			}
			return positions(out.Dims(), stretched(in[0], out, at.Int(0)))
		},
		Eval: broadcast[float64], Eval32: broadcast[float32], Exact: broadcast[*big.Rat],
		Transpose: func(r *Rule, ct Node) []Node {
			at := r.Attr()
			back := r.In(0).Shape().Trail(at.Int(0))
			return []Node{opSum.Apply(append(Ints(len(at)-1), Ints(back.Dims()...)...), ct)}
		},
		Sample: sampleShaped(Ints(1, 2, 3), dyadic, []int{3}),
	})

	opReshape = new(Op)
	_         = define(opReshape, Op{
		Name: "reshape", Doc: "gives the trailing k axes other extents, entries in row-major order", MinArgs: 1, MaxArgs: 1,
		Attrs: tailAttr, Structural: true, View: true,
		Shape: func(in []Shape, at Attr) (Shape, error) {
			_, tail, out, err := retail(in[0], at)
			if err == nil && tail.Size() != in[0].Trail(at.Int(0)).Size() {
				err = fmt.Errorf("%v has %d entries, %v has %d", in[0].Trail(at.Int(0)), in[0].Trail(at.Int(0)).Size(), tail, tail.Size())
			}
			return out, err
		},
		Class: Affine,
		Eval:  copyAll[float64], Eval32: copyAll[float32], Exact: copyAll[*big.Rat],
		Transpose: func(r *Rule, ct Node) []Node {
			at := r.Attr()
			back := r.In(0).Shape().Trail(at.Int(0))
			return []Node{opReshape.Apply(append(Ints(len(at)-1), Ints(back.Dims()...)...), ct)}
		},
		Sample: sampleShaped(Ints(2, 6), dyadic, []int{2, 3}),
	})

	opTranspose = new(Op)
	_           = define(opTranspose, Op{
		Name: "transpose", Doc: "permutes trailing axes: axis i of the result is axis perm[i]", MinArgs: 1, MaxArgs: 1,
		Attrs: AttrSpec{
			Names: "perm…", Min: 1, Max: MaxRank, Integer: true,
			Default: func(in []Shape) Attr { return reversed(in[0].Rank()) },
		},
		Structural: true, Selects: true,
		Shape: func(in []Shape, at Attr) (Shape, error) {
			if err := checkPermutation(at, in[0]); err != nil {
				return Shape{}, err
			}
			lead, tail := in[0].Lead(len(at)), in[0].Trail(len(at))
			dims := make([]int, len(at))
			for i := range at {
				dims[i] = tail.Dim(at.Int(i))
			}
			return lead.Append(dims...)
		},
		Class: Affine,
		Index: func(in []Shape, out Shape, at Attr) []int32 {
			lead := in[0].Rank() - len(at)
			full := strides(in[0])
			st := append([]int{}, full[:lead]...)
			for i := range at {
				st = append(st, full[lead+at.Int(i)])
			}
			return positions(out.Dims(), st)
		},
		Eval: pick[float64], Eval32: pick[float32], Exact: pick[*big.Rat],
		Transpose: func(r *Rule, ct Node) []Node {
			inverse := make([]int, len(r.Attr()))
			for i := range inverse {
				inverse[r.Attr().Int(i)] = i
			}
			return []Node{opTranspose.Apply(Ints(inverse...), ct)}
		},
		Sample: sampleShaped(Ints(1, 0), dyadic, []int{2, 3}),
	})

	opConcat = new(Op)
	_        = define(opConcat, Op{
		Name: "concat", Doc: "joins tensors along an axis counted from the last, 1", MinArgs: 1, MaxArgs: -1,
		Attrs: AttrSpec{Names: "axis", Min: 1, Max: 1, Integer: true}, Structural: true,
		Shape: concatShape, Class: Affine,
		Eval: concat[float64], Eval32: concat[float32], Exact: concat[*big.Rat],
		Transpose: func(r *Rule, ct Node) []Node {
			axis, lo := r.Attr().Int(0), 0
			out := make([]Node, 0, len(r.Args()))
			for _, a := range r.Args() {
				hi := lo + a.Shape().Dim(-axis)
				out = append(out, opSlice.Apply(Ints(axis, lo, hi, 1), ct))
				lo = hi
			}
			return out
		},
		Sample: sampleShaped(Ints(1), dyadic, []int{2, 3}, []int{2, 1}),
	})

	opStack = new(Op)
	_       = define(opStack, Op{
		Name: "stack", Doc: "makes a new last axis of its operands", MinArgs: 1, MaxArgs: -1,
		Elementwise: true, Structural: true,
		Shape: func(in []Shape, _ Attr) (Shape, error) { return in[0].Append(len(in)) },
		Class: Affine,
		Eval:  stack[float64], Eval32: stack[float32], Exact: stack[*big.Rat],
		Transpose: func(r *Rule, ct Node) []Node {
			out := make([]Node, len(r.Args()))
			for i := range out {
				out[i] = opIndex.Apply(Ints(1, i), ct)
			}
			return out
		},
		Sample: sample(3, nil, dyadic),
	})
)

func reversed(n int) Attr {
	at := make(Attr, n)
	for i := range at {
		at[i] = Num(float64(n - 1 - i))
	}
	return at
}

func checkPermutation(at Attr, in Shape) error {
	seen := make([]bool, len(at))
	for i := range at {
		p := at.Int(i)
		if len(at) > in.Rank() || p < 0 || p >= len(at) || seen[p] {
			return fmt.Errorf("%v is not a permutation of trailing axes of shape %v", at.IntsFrom(0), in)
		}
		seen[p] = true
	}
	return nil
}

func concatShape(in []Shape, at Attr) (Shape, error) {
	axis, total := at.Int(0), 0
	for _, s := range in {
		if axis < 1 || axis > s.Rank() || s.Rank() != in[0].Rank() {
			return Shape{}, fmt.Errorf("axis %d from the last needs operands of one rank of at least %d", axis, axis)
		}
		total += s.Dim(-axis)
		for i := 1; i <= s.Rank(); i++ {
			if i != axis && s.Dim(-i) != in[0].Dim(-i) {
				return Shape{}, fmt.Errorf("shapes %v and %v differ away from the joined axis", in[0], s)
			}
		}
	}
	dims := in[0].Dims()
	dims[len(dims)-axis] = total
	return NewShape(dims...)
}

func concat[T any](c *Call[T]) {
	axis := c.Attr.Int(0)
	whole := c.Shape.Trail(axis).Size()
	at := 0
	for i, x := range c.In {
		part := c.Shapes[i].Trail(axis).Size()
		for b := 0; b*part < len(x); b++ {
			copy(c.Out[b*whole+at:], x[b*part:(b+1)*part])
		}
		at += part
	}
}

func stack[T any](c *Call[T]) {
	n := len(c.In)
	for i, x := range c.In {
		for b, v := range x {
			c.Out[b*n+i] = v
		}
	}
}
