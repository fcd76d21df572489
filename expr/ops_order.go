package expr

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// vector is the shape rule of reductions of the last axis.
func vector(in []Shape, _ Attr) (Shape, error) {
	if in[0].Rank() == 0 {
		return in[0], fmt.Errorf("it needs a vector, got a scalar")
	}
	return in[0].Lead(1), nil
}

// ordered is the record of a piecewise affine reduction of the last axis whose
// value is that of the sorted row: value gets the row in ascending order.
func ordered(name, doc string, at Attr, value func(at Attr, n int) (from, to, divisor int)) Op {
	op := Op{
		Name: name, Doc: doc, MinArgs: 1, MaxArgs: 1, Shape: vector, Class: PiecewiseAffine,
		Work: rowWork, Flops: inputSize,
		Range: func(k *Known) Interval {
			from, to, divisor := value(k.Attr, k.Terms)
			if divisor == to-from {
				return k.In[0].mean()
			}
			return k.In[0].times(to - from)
		},
		Eval:   extremeOr(f64, value, orderedSum(floats, value)),
		Eval32: extremeOr(f32, value, orderedSum(floats32, value)),
		Exact:  orderedSum(rats, value),
		Weights: func(r *Rule) Node {
			from, to, divisor := value(r.Attr(), r.In(0).Shape().Dim(-1))
			w := r.Rank("w", r.In(0), from, to)
			if divisor == 1 {
				return w
			}
			return ScaleNumber(Ratio(1, int64(divisor)), w)
		},
		OfRow:  extremeOfRow(value),
		Sample: sampleRows(at),
	}
	return op
}

// orderedSum averages the entries of ranks [from, to), counted from the
// largest, in descending order.
func orderedSum[T any](a arith[T], value func(at Attr, n int) (from, to, divisor int)) func(*Call[T]) {
	return func(c *Call[T]) {
		n := c.Shapes[0].Dim(-1)
		from, to, divisor := value(c.Attr, n)
		for b := range c.Out {
			x := c.row(0, b, n)
			if i := firstNaN(&a, x); i >= 0 {
				c.Out[b] = x[i]
				continue
			}
			if dir := endOf(from, to, n); dir != 0 { // no need to sort
				c.Out[b] = x[best(c.Work[:n], &a, c.In, b*n, n, dir)[0]]
				continue
			}
			c.Out[b] = a.mean(x, order(c.Work, &a, c.In, b*n, n, -1)[from:to], divisor)
		}
	}
}

func meanReals[T Real](x []T, list []int, divisor int) T {
	s := float64(x[list[0]])
	for _, i := range list[1:] {
		s += float64(x[i])
	}
	if divisor > 1 {
		s *= float64(1 / float64(divisor))
	}
	return T(s)
}

func meanRats(x []*big.Rat, list []int, divisor int) *big.Rat {
	s := x[list[0]]
	for _, i := range list[1:] {
		s = new(big.Rat).Add(s, x[i])
	}
	if divisor > 1 {
		s = new(big.Rat).Mul(s, big.NewRat(1, int64(divisor)))
	}
	return s
}

// extremeOr takes the largest or the smallest entry along the kernels: the first of
// those that tie, since −0 and 0 do. Other ranks, and rows with a NaN, are for
// general.
func extremeOr[T Real](k kernel.Vectors[T], value func(at Attr, n int) (from, to, divisor int), general func(*Call[T])) func(*Call[T]) {
	return func(c *Call[T]) {
		n := c.Shapes[0].Dim(-1)
		from, to, _ := value(c.Attr, n)
		farthest := extremeOf(k, from, to, n)
		if farthest == nil {
			general(c)
			return
		}
		if n <= shortRow && endOf(from, to, n) == 1 && len(c.In[0]) == n*len(c.Out) {
			if !largestShort(c.Out, c.In[0], n) {
				general(c)
			}
			return
		}
		for b := range c.Out {
			x := c.row(0, b, n)
			v, isNaN := farthest(x)
			if isNaN {
				general(c)
				return
			}
			if v == 0 {
				v = x[slices.Index(x, v)]
			}
			c.Out[b] = v
		}
	}
}

// extremeOf returns the kernel that finds the entry of ranks [from, to) of n if that
// is the largest or the smallest, nil otherwise.
func extremeOf[T Real](k kernel.Vectors[T], from, to, n int) func(x []T) (T, bool) {
	switch endOf(from, to, n) {
	case 1:
		return k.Largest
	case -1:
		return k.Smallest
	}
	return nil
}

func firstNaN[T any](a *arith[T], x []T) int {
	for i, v := range x {
		if a.isNaN(v) {
			return i
		}
	}
	return -1
}

// sorting is the record of an op that returns entries in sorted order.
func sorting(name, doc string, at Attr, positions func(at Attr, n int) (lo, hi int, reverse bool)) Op {
	back := func(at Attr, n int, x Node) Node { // the sorted row to the output
		lo, hi, reverse := positions(at, n)
		if lo == 0 && hi == n && !reverse {
			return x
		}
		list := Ints(1)
		for i := lo; i < hi; i++ {
			p := i
			if reverse {
				p = n - 1 - i
			}
			list = append(list, Num(float64(p)))
		}
		return opGather.Apply(list, x)
	}
	return Op{
		Name: name, Doc: doc, MinArgs: 1, MaxArgs: 1, Class: PiecewiseAffine, Work: rowWork, Range: firstRange,
		Shape: func(in []Shape, at Attr) (Shape, error) {
			if in[0].Rank() == 0 {
				return in[0], fmt.Errorf("it needs a vector, got a scalar")
			}
			n := in[0].Dim(-1)
			lo, hi, _ := positions(at, n)
			if lo >= hi || hi > n {
				return in[0], fmt.Errorf("%d entries asked of %d", hi-lo, n)
			}
			return in[0].Lead(1).Append(hi - lo)
		},
		Eval:   sortedOr(positions, sorted(floats, positions)),
		Eval32: sortedOr(positions, sorted(floats32, positions)),
		Exact:  sorted(rats, positions),
		JVP: func(r *Rule, dx []Node) Node {
			if !dx[0].Valid() {
				return dx[0]
			}
			n := r.In(0).Shape().Dim(-1)
			return back(r.Attr(), n, permuted(r, Permute, n, dx[0]))
		},
		VJP: func(r *Rule, ct Node) []Node {
			n := r.In(0).Shape().Dim(-1)
			lo, hi, reverse := positions(r.Attr(), n)
			if lo != 0 || hi != n || reverse {
				ct = opAssemble.Apply(gatherPlan(n, lo, hi, reverse), ct)
			}
			return []Node{permuted(r, Unpermute, n, ct)}
		},
		Sample: sampleRows(at),
	}
}

// gatherPlan is the assemble that undoes back.
func gatherPlan(n, lo, hi int, reverse bool) Attr {
	at := Ints(1, n, 1)
	for i := lo; i < hi; i++ {
		p := i
		if reverse {
			p = n - 1 - i
		}
		at = append(at, Num(float64(p)))
	}
	return at
}

// sortedOr sorts whole rows along the kernel. Parts of rows, and rows with a NaN, are
// for general.
func sortedOr[T Real](positions func(at Attr, n int) (lo, hi int, reverse bool), general func(*Call[T])) func(*Call[T]) {
	return func(c *Call[T]) {
		n := c.Shapes[0].Dim(-1)
		lo, hi, reverse := positions(c.Attr, n)
		if lo > 0 || hi < n || reverse || !kernel.SortRows(c.Out, c.In[0], n, c.Work) {
			general(c)
		}
	}
}

func sorted[T any](a arith[T], positions func(at Attr, n int) (lo, hi int, reverse bool)) func(*Call[T]) {
	return func(c *Call[T]) {
		n := c.Shapes[0].Dim(-1)
		lo, hi, reverse := positions(c.Attr, n)
		m := hi - lo
		for b := range c.rows(m) {
			x, y := c.row(0, b, n), c.Out[b*m:(b+1)*m]
			if bad := firstNaN(&a, x); bad >= 0 {
				clearTo(y, x[bad])
				continue
			}
			idx := order(c.Work, &a, c.In, b*n, n, 1)
			for i := range y {
				p := lo + i
				if reverse {
					p = n - 1 - p
				}
				y[i] = x[idx[p]]
			}
		}
	}
}

func largest(Attr, int) (from, to, divisor int)       { return 0, 1, 1 }
func smallest(_ Attr, n int) (from, to, divisor int)  { return n - 1, n, 1 }
func topRanks(at Attr, _ int) (from, to, divisor int) { return 0, at.Int(0), 1 }
func middle(_ Attr, n int) (from, to, divisor int) {
	return (n - 1) / 2, n/2 + 1, 2 - n%2
}

var countAttr = AttrSpec{Names: "k", Min: 1, Max: 1, Integer: true}

var (
	opAMax = new(Op)
	_      = define(opAMax, ordered("amax", "the largest entry of the last axis", nil, largest))

	// Frameworks have an op of its own for pooling, with a rule of its own for ties.
	opMaxPool = new(Op)
	_         = define(opMaxPool, ordered("maxpool", "the largest entry of the last axis, as pooling takes it of a window", nil, largest))

	opAMin = new(Op)
	_      = define(opAMin, ordered("amin", "the smallest entry of the last axis", nil, smallest))

	opMedian = new(Op)
	_        = define(opMedian, ordered("median", "the middle entry of the last axis, or the mean of the middle two", nil, middle))

	opTopKSum = new(Op)
	_         = define(opTopKSum, topKSumRecord())

	opSort = new(Op)
	_      = define(opSort, sortRecord())

	opTopK = new(Op)
	_      = define(opTopK, topKRecord())
)

func topKSumRecord() Op {
	op := ordered("topksum", "the sum of the k largest entries of the last axis", Ints(1), topRanks)
	op.Attrs = countAttr
	op.Shape = func(in []Shape, at Attr) (Shape, error) {
		s, err := vector(in, nil)
		if err == nil && (at.Int(0) < 1 || at.Int(0) > in[0].Dim(-1)) {
			err = fmt.Errorf("%d entries asked of %d", at.Int(0), in[0].Dim(-1))
		}
		return s, err
	}
	return op
}

func sortRecord() Op {
	op := sorting("sort", "the last axis in ascending order", nil, func(_ Attr, n int) (int, int, bool) { return 0, n, false })
	op.InOrder = sortInOrder
	return op
}

func topKRecord() Op {
	op := sorting("topk", "the k largest entries of the last axis, in descending order", Ints(1),
		func(at Attr, _ int) (int, int, bool) { return 0, at.Int(0), true })
	op.Attrs = countAttr
	return op
}
