package expr

import (
	"fmt"
	"math/big"
	"slices"
)

// picking is the record of an op that picks entries of its one operand. Its
// adjoint collects them again, which ad does for all picks of one node at once.
func picking(name, doc string, at AttrSpec, shape func(in []Shape, at Attr) (Shape, error), index func(in []Shape, out Shape, at Attr) []int32, sample func() Example) Op {
	return Op{
		Name: name, Doc: doc, MinArgs: 1, MaxArgs: 1, Attrs: at,
		Shape: shape, Index: index, Selects: true, Structural: true, Class: Affine,
		Eval: pick[float64], Eval32: pick[float32], Exact: pick[*big.Rat],
		Sample: sampled(sample),
	}
}

var (
	opSlice = new(Op)
	_       = define(opSlice, picking("slice", "entries lo, lo + step, … below hi of an axis counted from the last, 1",
		AttrSpec{Names: "axis lo hi step", Min: 4, Max: 4, Integer: true},
		func(in []Shape, at Attr) (Shape, error) {
			axis, lo, hi, step := at.Int(0), at.Int(1), at.Int(2), at.Int(3)
			s := in[0]
			if axis < 1 || axis > s.Rank() || step < 1 || lo < 0 || lo >= hi || hi > s.Dim(-axis) {
				return s, fmt.Errorf("slice %d:%d:%d of axis %d from the last does not fit shape %v", lo, hi, step, axis, s)
			}
			s.dims[s.Rank()-axis] = int32((hi - lo + step - 1) / step)
			return s, nil
		},
		func(in []Shape, out Shape, at Attr) []int32 {
			st := strides(in[0])
			a := in[0].Rank() - at.Int(0)
			lo := at.Int(1) * st[a]
			st[a] *= at.Int(3)
			return offset(positions(out.Dims(), st), lo)
		},
		func() Example { return Example{Attr: Ints(1, 1, 4, 2), Shapes: shapesOf([]int{2, 5})} }))

	opIndex = new(Op)
	_       = define(opIndex, picking("index", "entry i of an axis counted from the last, 1; the axis goes",
		AttrSpec{Names: "axis i", Min: 2, Max: 2, Integer: true},
		func(in []Shape, at Attr) (Shape, error) {
			axis, i, s := at.Int(0), at.Int(1), in[0]
			if axis < 1 || axis > s.Rank() {
				return s, fmt.Errorf("shape %v has no axis to index", s)
			}
			if i < 0 || i >= s.Dim(-axis) {
				return s, fmt.Errorf("index %d is outside 0…%d", i, s.Dim(-axis)-1)
			}
			return NewShape(slices.Delete(s.Dims(), s.Rank()-axis, s.Rank()-axis+1)...)
		},
		func(in []Shape, _ Shape, at Attr) []int32 {
			st, dims := strides(in[0]), in[0].Dims()
			a := in[0].Rank() - at.Int(0)
			lo := at.Int(1) * st[a]
			dims[a] = 1
			return offset(positions(dims, st), lo)
		},
		func() Example { return Example{Attr: Ints(1, 2), Shapes: shapesOf([]int{2, 3})} }))

	opGather = new(Op)
	_        = define(opGather, picking("gather", "the listed entries of an axis counted from the last, 1",
		AttrSpec{Names: "axis i…", Min: 2, Max: -1, Integer: true},
		func(in []Shape, at Attr) (Shape, error) {
			axis, s := at.Int(0), in[0]
			if axis < 1 || axis > s.Rank() {
				return s, fmt.Errorf("shape %v has no axis %d from the last", s, axis)
			}
			for _, i := range at.IntsFrom(1) {
				if i < 0 || i >= s.Dim(-axis) {
					return s, fmt.Errorf("index %d is outside 0…%d", i, s.Dim(-axis)-1)
				}
			}
			s.dims[s.Rank()-axis] = int32(len(at) - 1)
			return s, nil
		},
		func(in []Shape, out Shape, at Attr) []int32 {
			axis, list := at.Int(0), at.IntsFrom(1)
			inner := in[0].Trail(axis - 1).Size()
			n := in[0].Dim(-axis)
			idx := make([]int32, out.Size())
			for o := range idx {
				j, k, b := o%inner, o/inner%len(list), o/inner/len(list)
				idx[o] = int32((b*n+list[k])*inner + j)
			}
			return idx
		},
		func() Example { return Example{Attr: Ints(1, 2, 0, 2), Shapes: shapesOf([]int{2, 3})} }))

	opTake = new(Op)
	_      = define(opTake, picking("take", "entries at flat positions i… of the trailing k axes, in the given shape",
		AttrSpec{Names: "k rank extents… i…", Min: 3, Max: -1, Integer: true},
		func(in []Shape, at Attr) (Shape, error) {
			k, r := at.Int(0), at.Int(1)
			if k < 0 || k > in[0].Rank() || r < 0 || r > MaxRank || len(at) < 2+r {
				return Shape{}, fmt.Errorf("%d trailing axes asked of shape %v", k, in[0])
			}
			tail, err := NewShape(at.IntsFrom(2)[:r]...)
			if err != nil {
				return tail, err
			}
			if err := checkPositions(at.IntsFrom(2+r), tail.Size(), in[0].Trail(k).Size()); err != nil {
				return tail, err
			}
			return in[0].Lead(k).Join(tail)
		},
		func(in []Shape, out Shape, at Attr) []int32 {
			list := at.IntsFrom(2 + at.Int(1))
			n := in[0].Trail(at.Int(0)).Size()
			idx := make([]int32, out.Size())
			for o := range idx {
				idx[o] = int32(o/len(list)*n + list[o%len(list)])
			}
			return idx
		},
		func() Example { return Example{Attr: Ints(1, 1, 2, 2, 0), Shapes: shapesOf([]int{2, 3})} }))

	opAssemble = new(Op)
	_          = define(opAssemble, Op{
		Name: "assemble", Doc: "a tensor of zeros to which each operand is added at its flat positions",
		MinArgs: 1, MaxArgs: -1, Structural: true,
		Attrs: AttrSpec{Names: "rank extents… then k i… for each operand", Min: 2, Max: -1, Integer: true},
		Shape: func(in []Shape, at Attr) (Shape, error) {
			tail, lists, err := assembleParts(in, at)
			if err != nil {
				return tail, err
			}
			for _, l := range lists {
				if err := checkPositions(l, len(l), tail.Size()); err != nil {
					return tail, err
				}
			}
			lead := in[0].Lead(assembleTrail(in, at, 0))
			for i, s := range in[1:] {
				if own := s.Lead(assembleTrail(in, at, i+1)); own != lead {
					return tail, fmt.Errorf("operand %d has leading axes %v, the first has %v: broadcast it", i+1, own, lead)
				}
			}
			return lead.Join(tail)
		},
		Class: Affine,
		Index: assembleIndex,
		Eval:  assembleFloat, Exact: assemble(rats), InBlocks: assembleInBlocks,
		Transpose: func(r *Rule, ct Node) []Node {
			shapes := shapesOfNodes(r.Args())
			tail, lists, _ := assembleParts(shapes, r.Attr())
			out := make([]Node, len(lists))
			for i, l := range lists {
				own := shapes[i].Trail(assembleTrail(shapes, r.Attr(), i))
				at := append(Ints(tail.Rank(), own.Rank()), Ints(own.Dims()...)...)
				out[i] = opTake.Apply(append(at, Ints(l...)...), ct)
			}
			return out
		},
		Sample: sampled(func() Example {
			return Example{Attr: Ints(1, 4, 1, 0, 2, 0, 2), Shapes: shapesOf([]int{2}, nil)}
		}),
	})
)

func offset(idx []int32, by int) []int32 {
	for i := range idx {
		idx[i] += int32(by)
	}
	return idx
}

func checkPositions(list []int, want, size int) error {
	if len(list) != want {
		return fmt.Errorf("%d positions for %d entries", len(list), want)
	}
	for _, i := range list {
		if i < 0 || i >= size {
			return fmt.Errorf("position %d is outside 0…%d", i, size-1)
		}
	}
	return nil
}

// assembleParts reads the target's trailing shape and each operand's positions.
func assembleParts(in []Shape, at Attr) (tail Shape, lists [][]int, err error) {
	r := at.Int(0)
	bad := fmt.Errorf("the positions do not fit the operands %v", in)
	if r < 0 || r > MaxRank || len(at) < 1+r {
		return tail, nil, bad
	}
	if tail, err = NewShape(at.IntsFrom(1)[:r]...); err != nil {
		return tail, nil, err
	}
	rest := at.IntsFrom(1 + r)
	for _, s := range in {
		if len(rest) == 0 || rest[0] < 0 || rest[0] > s.Rank() {
			return tail, nil, bad
		}
		n := s.Trail(rest[0]).Size()
		if len(rest) < 1+n {
			return tail, nil, bad
		}
		lists = append(lists, rest[1:1+n])
		rest = rest[1+n:]
	}
	if len(rest) > 0 {
		return tail, nil, bad
	}
	return tail, lists, nil
}

// assembleTrail returns how many trailing axes of operand i are its own.
func assembleTrail(in []Shape, at Attr, i int) int {
	p := 1 + at.Int(0)
	for _, s := range in[:i] {
		p += 1 + s.Trail(at.Int(p)).Size()
	}
	return at.Int(p)
}

// assembleIndex lists the target position of every entry of every operand, as runs
// of entries that are neighbours there: operand by operand their number, then the
// first position and the length of each.
func assembleIndex(in []Shape, out Shape, at Attr) []int32 {
	tail, lists, err := assembleParts(in, at)
	if err != nil {
		panic(err) // Shape has accepted the same attributes
	}
	var idx []int32
	batch := out.Size() / tail.Size()
	for _, l := range lists {
		count := len(idx)
		idx = append(idx, 0)
		for b := range batch {
			for i, p := range l {
				if i > 0 && p == l[i-1]+1 {
					idx[len(idx)-1]++
					continue
				}
				idx[count]++
				idx = append(idx, int32(b*tail.Size()+p), 1)
			}
		}
	}
	return idx
}

// assembleRuns calls f for each run of a table: n entries of an operand, from entry
// first on, that go to the result from entry at on.
func assembleRuns(table []int32, f func(operand, first, at, n int)) {
	for operand := 0; len(table) > 0; operand++ {
		runs, first := table[0], 0
		table = table[1:]
		for range runs {
			n := int(table[1])
			f(operand, first, int(table[0]), n)
			first, table = first+n, table[2:]
		}
	}
}

// assembleBy adds run after run to zeros.
func assembleBy[T any](c *Call[T], add func(dst, x []T)) {
	assembleRuns(c.Index, func(operand, first, at, n int) {
		add(c.Out[at:at+n], c.In[operand][first:first+n])
	})
}

func assembleFloat(c *Call[float64]) {
	if len(c.Index) == 3*len(c.In) {
		assembleBlocks(c)
		return
	}
	clear(c.Out)
	assembleBy(c, func(dst, x []float64) {
		if len(x) < 8 { // the kernel's call costs more
			for i, v := range x {
				dst[i] += v
			}
			return
		}
		f64.Add(dst, dst, x)
	})
}

// assembleBlock is how many entries of a result stay in the first-level cache while operands are added to them.
const assembleBlock = 1024

// assembleBlocks is for operands of one run each, as slices have.
func assembleBlocks(c *Call[float64]) {
	for lo := 0; lo < len(c.Out); lo += assembleBlock {
		hi := min(lo+assembleBlock, len(c.Out))
		clear(c.Out[lo:hi])
		assembleRuns(c.Index, func(operand, _, at, n int) {
			if from, to := max(lo, at), min(hi, at+n); from < to {
				f64.Add(c.Out[from:to], c.Out[from:to], c.In[operand][from-at:to-at])
			}
		})
	}
}

func assemble[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		for i := range c.Out {
			c.Out[i] = a.zero
		}
		assembleBy(c, func(dst, x []T) {
			for i, v := range x {
				dst[i] = a.add(dst[i], v)
			}
		})
	}
}
