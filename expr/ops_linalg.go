package expr

import (
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Products add their terms in the order of the summed index by fused
// multiply-add, one chain for each entry; dot, a reduction, uses interleaved
// chains, eight in float64 and sixteen in float32. Every path of the executor
// computes the same bits.

var (
	opMatMul = new(Op)
	_        = define(opMatMul, Op{
		Name: "matmul", Doc: "matrix product of the two trailing axes, each operand transposed if its flag is 1",
		MinArgs: 2, MaxArgs: 2, Shares: []int{2, 2},
		Attrs: AttrSpec{Names: "ta tb", Min: 2, Max: 2, Integer: true, Default: func([]Shape) Attr { return Ints(0, 0) }},
		Shape: matmulShape, Class: Affine, Degree: sumDegrees,
		Eval: matmul[float64], Eval32: matmul[float32], Exact: matmulExact,
		Scratch: func(in []Shape, at Attr) int {
			p := matmulProduct(in, at)
			return p.Scratch()
		},
		Flops: func(in []Shape, out Shape, at Attr) int {
			_, k, _, _ := matmulDims(in[0], in[1], at)
			return (2*k - 1) * out.Size()
		},
		WithRow: withRow("matmul with row", 0, 1, matmulProduct),
		JVP:     bilinear,
		VJP:     matmulVJP,
		Sample:  sampleShaped(Ints(0, 1), dyadic, []int{2, 3}, []int{4, 3}),
	})

	opMatVec = new(Op)
	_        = define(opMatVec, Op{
		Name: "matvec", Doc: "matrix times vector, the matrix transposed if its flag is 1",
		MinArgs: 2, MaxArgs: 2, Shares: []int{2, 1},
		Attrs: AttrSpec{Names: "t", Min: 1, Max: 1, Integer: true, Default: func([]Shape) Attr { return Ints(0) }},
		Shape: matvecShape, Class: Affine, Degree: sumDegrees,
		Eval: matvec[float64], Eval32: matvec[float32], Exact: matvecExact,
		Scratch: func(in []Shape, at Attr) int {
			p := matvecProduct(in, at)
			return p.Scratch()
		},
		Flops: func(in []Shape, out Shape, _ Attr) int {
			k := in[1].Dim(-1)
			return (2*k - 1) * out.Size()
		},
		WithRow: withRow("matvec with row", 1, 0, matvecProduct),
		JVP:     bilinear,
		VJP: func(r *Rule, ct Node) []Node {
			w, x, t := r.In(0), r.In(1), r.Attr().Int(0)
			left, right := ct, x
			if t == 1 {
				left, right = x, ct
			}
			dx := opMatVec.Apply(Ints(1-t), w, ct)
			return []Node{outerSum(left, right, w.Shape()), collapse(dx, x.Shape())}
		},
		Sample: sampleShaped(Ints(0), dyadic, []int{2, 3}, []int{3}),
	})

	opOuter = new(Op)
	_       = define(opOuter, Op{
		Name: "outer", Doc: "outer product of the last axes", MinArgs: 2, MaxArgs: 2, Shares: []int{1, 1},
		Shape: func(in []Shape, _ Attr) (Shape, error) {
			lead, err := commonLead(in, 1, 1)
			if err != nil {
				return lead, err
			}
			return lead.Append(in[0].Dim(-1), in[1].Dim(-1))
		},
		Class: Affine, Degree: sumDegrees,
		Range: func(k *Known) Interval { return k.In[0].mul(k.In[1]) },
		Eval:  outer[float64], Eval32: outer[float32], Exact: outerExact,
		JVP: bilinear,
		VJP: func(r *Rule, ct Node) []Node {
			x, y := r.In(0), r.In(1)
			return []Node{collapse(opMatVec.Apply(Ints(0), ct, y), x.Shape()), collapse(opMatVec.Apply(Ints(1), ct, x), y.Shape())}
		},
		Sample: sampleShaped(nil, dyadic, []int{2}, []int{3}),
	})

	opDot = new(Op)
	_     = define(opDot, Op{
		Name: "dot", Doc: "Σ x·y over the last axis", MinArgs: 2, MaxArgs: 2, Elementwise: true,
		Shape: func(in []Shape, _ Attr) (Shape, error) {
			if in[0].Rank() == 0 {
				return in[0], fmt.Errorf("dot needs vectors")
			}
			return in[0].Lead(1), nil
		},
		Class: Affine, Degree: sumDegrees, Range: productRange,
		Eval: dot[float64], Eval32: dot[float32],
		Exact: func(c *Call[*big.Rat]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				c.Out[b] = dotRat(c.row(0, b, n), 1, c.row(1, b, n), 1, n)
			}
		},
		Flops: func(in []Shape, out Shape, _ Attr) int { return 2*in[0].Size() - out.Size() },
		JVP:   bilinear,
		VJP: func(r *Rule, ct Node) []Node {
			ct = Expand(ct, r.In(0).Shape().Dim(-1))
			return []Node{Gate(ct, r.In(1)), Gate(ct, r.In(0))}
		},
		Sample: sample3x2,
	})
)

var sample3x2 = sampleShaped(nil, dyadic, []int{2, 3}, []int{2, 3})

// bilinear is the product rule of an op that is linear in each operand.
func bilinear(r *Rule, dx []Node) Node {
	op, at := r.node.Op(), r.Attr()
	var out Node
	if dx[0].Valid() {
		out = op.Apply(at, dx[0], r.In(1))
	}
	if dx[1].Valid() {
		out = addTo(out, op.Apply(at, r.In(0), dx[1]))
	}
	return out
}

// outerSum is the outer product of the last axes, summed over the leading axes
// that a shared matrix does not have.
func outerSum(x, y Node, own Shape) Node {
	if own.Rank() == 2 && x.Shape().Rank() > 1 && y.Shape().Rank() > 1 {
		return opMatMul.Apply(Ints(1, 0), foldLead(x), foldLead(y))
	}
	return collapse(opOuter.Apply(nil, x, y), own)
}

// addTo adds b to a, where either may be a structural zero.
func addTo(a, b Node) Node {
	switch {
	case !a.Valid():
		return b
	case !b.Valid():
		return a
	}
	return Add(a, b)
}

// collapse sums leading axes away that an operand did not have.
func collapse(ct Node, own Shape) Node {
	if ct.Shape() == own {
		return ct
	}
	return opSum.Apply(append(Ints(ct.Shape().Rank()), Ints(own.Dims()...)...), ct)
}

func dot[T Real](c *Call[T]) { kernel.DotRows(c.Out, c.In[0], c.In[1], c.Shapes[0].Dim(-1)) }

// dotRat sums n products of entries with the given strides. Most entries of
// derivatives along coordinates are 0.
func dotRat(x []*big.Rat, sx int, y []*big.Rat, sy, n int) *big.Rat {
	s, t := new(big.Rat), new(big.Rat)
	for i := range n {
		if u, v := x[i*sx], y[i*sy]; u.Sign() != 0 && v.Sign() != 0 {
			s.Add(s, t.Mul(u, v))
		}
	}
	return s
}

// matmulDims returns rows, summed extent and columns.
func matmulDims(a, b Shape, at Attr) (m, k, k2, n int) {
	m, k, k2, n = a.Dim(-2), a.Dim(-1), b.Dim(-2), b.Dim(-1)
	if at.Int(0) == 1 {
		m, k = k, m
	}
	if at.Int(1) == 1 {
		k2, n = n, k2
	}
	return m, k, k2, n
}

// matmulStrides returns the strides of rows and summed index in the first
// operand, and of summed index and columns in the second.
func matmulStrides(m, k, n int, at Attr) (ai, ap, bp, bj int) {
	ai, ap, bp, bj = k, 1, n, 1
	if at.Int(0) == 1 {
		ai, ap = 1, m
	}
	if at.Int(1) == 1 {
		bp, bj = 1, k
	}
	return ai, ap, bp, bj
}

func matmulShape(in []Shape, at Attr) (Shape, error) {
	lead, err := commonLead(in, 2, 2)
	if err != nil {
		return lead, err
	}
	m, k, k2, n := matmulDims(in[0], in[1], at)
	if k != k2 {
		return lead, fmt.Errorf("inner extents %d and %d differ; transpose one operand or check the shapes", k, k2)
	}
	return lead.Append(m, n)
}

func matmulVJP(r *Rule, ct Node) []Node {
	a, b := r.In(0), r.In(1)
	ta, tb := r.Attr().Int(0), r.Attr().Int(1)
	da := opMatMul.Apply(Ints(0, 1-tb), ct, b)
	if ta == 1 {
		da = opMatMul.Apply(Ints(tb, 1), b, ct)
	}
	if shared := b.Shape().Rank() == 2 && ct.Shape().Rank() > 2 && ta == 0; shared {
		a, ct = foldLead(a), foldLead(ct) // one product over all positions
	}
	db := opMatMul.Apply(Ints(1-ta, 0), a, ct)
	if tb == 1 {
		db = opMatMul.Apply(Ints(1, ta), ct, a)
	}
	return []Node{collapse(da, r.In(0).Shape()), collapse(db, b.Shape())}
}

// foldLead joins all but the last axis into one.
func foldLead(x Node) Node {
	s := x.Shape()
	return opReshape.Apply(Ints(s.Rank(), s.Size()/s.Dim(-1), s.Dim(-1)), x)
}

// matmulProduct is one product for all positions, a tall one, if these share the right operand.
func matmulProduct(in []Shape, at Attr) kernel.Product {
	m, k, _, n := matmulDims(in[0], in[1], at)
	p := kernel.Product{M: m, N: n, K: k, RowC: n}
	p.RowA, p.ColA, p.RowB, p.ColB = matmulStrides(m, k, n, at)
	countA, countB := in[0].Size()/(m*k), in[1].Size()/(k*n)
	if countB == 1 && at.Int(0) == 0 {
		p.M, p.Count = m*countA, 1
		return p
	}
	p.Count, p.NextC = max(countA, countB), m*n
	if countA > 1 {
		p.NextA = m * k
	}
	if countB > 1 {
		p.NextB = k * n
	}
	return p
}

func matmul[T Real](c *Call[T]) {
	multiply(c, matmulProduct, c.In[0], c.In[1], nil)
}

func matmulExact(c *Call[*big.Rat]) {
	m, k, _, n := matmulDims(c.Shapes[0], c.Shapes[1], c.Attr)
	ai, ap, bp, bj := matmulStrides(m, k, n, c.Attr)
	for l := range c.rows(m * n) {
		a, b, out := c.row(0, l, m*k), c.row(1, l, k*n), c.Out[l*m*n:(l+1)*m*n]
		if k > 1 && productOfLines(out, a, b, m, k, n, [4]int{ai, ap, bp, bj}) {
			continue
		}
		for i := range m {
			for j := range n {
				out[i*n+j] = dotRat(a[i*ai:], ap, b[j*bj:], bp, k)
			}
		}
	}
}

func matvecShape(in []Shape, at Attr) (Shape, error) {
	lead, err := commonLead(in, 2, 1)
	if err != nil {
		return lead, err
	}
	m, k := in[0].Dim(-2), in[0].Dim(-1)
	if at.Int(0) == 1 {
		m, k = k, m
	}
	if k != in[1].Dim(-1) {
		return lead, fmt.Errorf("the matrix has %d columns, the vector %d entries", k, in[1].Dim(-1))
	}
	return lead.Append(m)
}

// matvecProduct has the vectors as rows on the left of the matrix: all of them, if they share it.
func matvecProduct(in []Shape, at Attr) kernel.Product {
	rows, cols := in[0].Dim(-2), in[0].Dim(-1)
	p := kernel.Product{N: rows, K: cols, RowB: 1, ColB: cols}
	if at.Int(0) == 1 {
		p = kernel.Product{N: cols, K: rows, RowB: cols, ColB: 1}
	}
	p.RowA, p.ColA, p.RowC = p.K, 1, p.N
	matrices, vectors := in[0].Size()/(rows*cols), in[1].Size()/p.K
	if matrices == 1 {
		p.M, p.Count = vectors, 1
		return p
	}
	p.M, p.Count, p.NextB, p.NextC = 1, matrices, rows*cols, p.N
	if vectors > 1 {
		p.NextA = p.K
	}
	return p
}

func matvec[T Real](c *Call[T]) {
	multiply(c, matvecProduct, c.In[1], c.In[0], nil)
}

func matvecExact(c *Call[*big.Rat]) {
	rows, cols := c.Shapes[0].Dim(-2), c.Shapes[0].Dim(-1)
	m, k, wi, wp := rows, cols, cols, 1
	if c.Attr.Int(0) == 1 {
		m, k, wi, wp = cols, rows, 1, cols
	}
	for l := range c.rows(m) {
		w, x := c.row(0, l, m*k), c.row(1, l, k)
		for i := range m {
			c.Out[l*m+i] = dotRat(w[i*wi:], wp, x, 1, k)
		}
	}
}

func outer[T Real](c *Call[T]) {
	m, n := c.Shapes[0].Dim(-1), c.Shapes[1].Dim(-1)
	for l := range c.rows(m * n) {
		kernel.Outer(c.Out[l*m*n:(l+1)*m*n], c.row(0, l, m), c.row(1, l, n))
	}
}

func outerExact(c *Call[*big.Rat]) {
	m, n := c.Shapes[0].Dim(-1), c.Shapes[1].Dim(-1)
	for l := range c.rows(m * n) {
		x, y := c.row(0, l, m), c.row(1, l, n)
		for i, u := range x {
			row := c.Out[(l*m+i)*n : (l*m+i+1)*n]
			for j, v := range y {
				row[j] = rats.mul(u, v)
			}
		}
	}
}
