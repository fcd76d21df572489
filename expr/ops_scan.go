package expr

import (
	"fmt"
	"math/rand/v2"
)

// Running sums and products go from one end of the last axis to the other, one
// entry after the next, unlike reductions, which keep several accumulators.

// extentAttr is the extent n of the last axis: the degree of a product depends
// on it.
var extentAttr = AttrSpec{
	Names: "n: the extent of the last axis, by default", Min: 1, Max: 1, Integer: true,
	Default: func(in []Shape) Attr {
		if in[0].Rank() == 0 {
			return Ints(1)
		}
		return Ints(in[0].Dim(-1))
	},
}

func extentShape(in []Shape, at Attr) (Shape, error) {
	s, err := vector(in, at)
	if err == nil && at.Int(0) != in[0].Dim(-1) {
		err = fmt.Errorf("n is %v; the last axis has %d entries, and n may be left out", at[0], in[0].Dim(-1))
	}
	return s, err
}

var (
	opProd = new(Op)
	_      = define(opProd, Op{
		Name: "prod", Doc: "the product of the n entries of the last axis", MinArgs: 1, MaxArgs: 1,
		Attrs: extentAttr, Shape: extentShape, Class: Affine,
		Degree: func(deg []int, at Attr) int { return deg[0] * at.Int(0) },
		Range:  func(k *Known) Interval { return k.In[0].product(k.Attr.Int(0)) },
		Flops:  func(in []Shape, out Shape, _ Attr) int { return in[0].Size() - out.Size() },
		Eval:   prod(floats), Exact: prod(rats),
		Weights: func(r *Rule) Node { return opProdOthers.Apply(r.Attr(), r.In(0)) },
		Sample:  sampleFactors,
	})

	opProdOthers = new(Op)
	_            = define(opProdOthers, Op{
		Name: "prodothers", Doc: "for each of the n entries of the last axis, the product of the others", MinArgs: 1, MaxArgs: 1,
		Attrs: extentAttr, Class: Affine,
		Shape: func(in []Shape, at Attr) (Shape, error) {
			_, err := extentShape(in, at)
			return in[0], err
		},
		Degree: func(deg []int, at Attr) int { return deg[0] * (at.Int(0) - 1) },
		Range:  func(k *Known) Interval { return k.In[0].product(k.Attr.Int(0) - 1) },
		Flops:  func(in []Shape, _ Shape, _ Attr) int { return 3 * in[0].Size() },
		Eval:   prodOthers(floats), Exact: prodOthers(rats),
		JVP:    func(r *Rule, dx []Node) Node { return prodHessian(r, dx[0]) },
		VJP:    func(r *Rule, ct Node) []Node { return []Node{prodHessian(r, ct)} },
		Sample: sampleFactors,
	})

	opCumSum = new(Op)
	_        = define(opCumSum, Op{
		Name: "cumsum", Doc: "running sums of the last axis, from its first entry or, reversed = 1, from its last", MinArgs: 1, MaxArgs: 1,
		Attrs: AttrSpec{Names: "reversed", Min: 1, Max: 1, Integer: true, Default: func([]Shape) Attr { return Ints(0) }},
		Shape: func(in []Shape, at Attr) (Shape, error) {
			if v := at.Int(0); v != 0 && v != 1 {
				return in[0], fmt.Errorf("reversed is %d; it must be 0 or 1", v)
			}
			_, err := vector(in, at)
			return in[0], err
		},
		Class: Affine, Range: func(k *Known) Interval { return k.In[0].partialSums() },
		Eval: cumSum(floats), Exact: cumSum(rats),
		Transpose: func(r *Rule, ct Node) []Node { return []Node{opCumSum.Apply(Ints(1-r.Attr().Int(0)), ct)} },
		Sample: func(r *rand.Rand) Example {
			return sampleShaped(Ints(r.IntN(2)), dyadic, [][]int{{1}, {4}, {2, 3}}[r.IntN(3)])(r)
		},
	})
)

// sampleFactors draws rows of which some have one 0, some several.
func sampleFactors(r *rand.Rand) Example {
	dims := [][]int{{1}, {2}, {4}, {2, 3}}[r.IntN(4)]
	return sampleShaped(Ints(dims[len(dims)-1]), dyadic, dims)(r)
}

func prod[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		n := c.Shapes[0].Dim(-1)
		for b := range c.Out {
			x := c.row(0, b, n)
			p := x[0]
			for _, v := range x[1:] {
				p = a.mul(p, v)
			}
			c.Out[b] = p
		}
	}
}

// prodOthers multiplies what stands before an entry by what stands behind it:
// no division, so a row may have zeros.
func prodOthers[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		n := c.Shape.Dim(-1)
		for b := range c.rows(n) {
			x, y := c.row(0, b, n), c.Out[b*n:(b+1)*n]
			before, behind := a.one, a.one
			for i, v := range x {
				y[i] = before
				before = a.mul(before, v)
			}
			for i := n - 1; i >= 0; i-- {
				y[i] = a.mul(y[i], behind)
				behind = a.mul(behind, x[i])
			}
		}
	}
}

// prodHessian applies the Hessian of the product to v, row by row. Its entry
// (i, j) off the diagonal is the product of all entries but i and j. Row i is
// prodothers of the row in which entry i is replaced by 1, which makes it a
// program of the same kind, so that derivatives of every order are. The matrix
// is symmetric and serves both modes.
func prodHessian(r *Rule, v Node) Node {
	n := r.Out().Shape().Dim(-1)
	if !v.Valid() || n == 1 {
		return Node{}
	}
	s := v.Shape()
	off, one := offDiagonal(r.node.g, n)
	rows := opBroadcast.Apply(Ints(1, n, n), inRows(r.In(0), n))
	replaced := Add(Gate(off, rows), one)
	hessian := Gate(off, opProdOthers.Apply(Ints(n), replaced))
	return asShape(opMatVec.Apply(Ints(0), hessian, inRows(v, n)), s)
}

// offDiagonal returns the n×n matrix of ones off the diagonal, and that of ones
// on it.
func offDiagonal(g *Graph, n int) (off, on Node) {
	x, y := make([]float64, n*n), make([]float64, n*n)
	for i := range x {
		if i%(n+1) == 0 {
			y[i] = 1
		} else {
			x[i] = 1
		}
	}
	return g.Tensor(x, n, n), g.Tensor(y, n, n)
}

// inRows gives the entries of x the shape of a matrix with rows of n entries,
// so that no op runs out of axes; a vector of n entries stays one.
func inRows(x Node, n int) Node {
	s := x.Shape()
	if s.Rank() == 1 && s.Size() == n {
		return x
	}
	return opReshape.Apply(Ints(s.Rank(), s.Size()/n, n), x)
}

// asShape gives the entries of x the shape s.
func asShape(x Node, s Shape) Node {
	if x.Shape() == s {
		return x
	}
	return opReshape.Apply(append(Ints(x.Shape().Rank()), Ints(s.Dims()...)...), x)
}

func cumSum[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		n := c.Shape.Dim(-1)
		first, step := 0, 1
		if c.Attr.Int(0) == 1 {
			first, step = n-1, -1
		}
		for b := range c.rows(n) {
			x, y := c.row(0, b, n), c.Out[b*n:(b+1)*n]
			s := x[first]
			y[first] = s
			for i := first + step; i >= 0 && i < n; i += step {
				s = a.add(s, x[i])
				y[i] = s
			}
		}
	}
}

// product returns the interval of products of n numbers that vary independently.
func (i Interval) product(n int) Interval {
	p := between(1, 1)
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			p = p.mul(i)
		}
		i = i.mul(i)
	}
	return p
}

// partialSums returns the interval of sums of one or more numbers.
func (i Interval) partialSums() Interval {
	s := anything
	switch {
	case i.Lo >= 0:
		s.Lo, s.Zero = i.Lo, i.Zero
	case i.Hi <= 0:
		s.Hi, s.Zero = i.Hi, i.Zero
	}
	return s
}
