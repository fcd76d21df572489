package expr

import (
	"fmt"
	"math/big"
	"math/rand/v2"
)

// Rows of a matrix that an index vector lists, which is computed at run time.
// Both ops are linear in the matrix and constant in the indices: these jump, and
// so does the result. An operand that does not list rows is a fault, as it is for
// permute.

// FaultIndex is the reason of an index that is not a whole number or that is
// outside the rows.
const FaultIndex = "not the index of a row"

const indexJumps = "the rows that are picked jump with the indices"

var (
	opGatherRows = new(Op)
	_            = define(opGatherRows, rowsRecord("gatherrows", "the rows of a matrix x that an index vector i lists, operands i and x", AttrSpec{},
		func(lead Shape, in []Shape, _ Attr) (Shape, error) {
			return lead.Append(in[0].Dim(-1), in[1].Dim(-1))
		},
		gatherRows(floats), gatherRows(rats),
		func(r *Rule, ct Node) Node { return ScatterRows(r.In(0), ct, r.In(1).Shape().Dim(-2)) }))

	opScatterRows = new(Op)
	_             = define(opScatterRows, rowsRecord("scatterrows", "n rows of zeros to which each row of v is added at the place that an index vector i lists, operands i and v", countRows,
		func(lead Shape, in []Shape, at Attr) (Shape, error) {
			if in[0].Dim(-1) != in[1].Dim(-2) {
				return lead, fmt.Errorf("%d indices for %d rows", in[0].Dim(-1), in[1].Dim(-2))
			}
			return lead.Append(at.Int(0), in[1].Dim(-1))
		},
		scatterRows(floats), scatterRows(rats),
		func(r *Rule, ct Node) Node { return GatherRows(r.In(0), ct) }))

	countRows = AttrSpec{Names: "n", Min: 1, Max: 1, Integer: true}
)

// rowsRecord is the record of both: each is the other's adjoint in its second
// operand.
func rowsRecord(name, doc string, attr AttrSpec, shape func(lead Shape, in []Shape, at Attr) (Shape, error), eval func(*Call[float64]), exact func(*Call[*big.Rat]), adjoint func(r *Rule, ct Node) Node) Op {
	return Op{
		Name: name, Doc: doc, MinArgs: 2, MaxArgs: 2, Attrs: attr, Shares: []int{1, 2}, Structural: true,
		Shape: func(in []Shape, at Attr) (Shape, error) {
			lead, err := commonLead(in, 1, 2)
			if err != nil {
				return lead, err
			}
			return shape(lead, in, at)
		},
		Class: PiecewiseAffine, Degree: func(deg []int, _ Attr) int { return deg[1] },
		Partial: true, Regular: func(*Call[float64]) string { return indexJumps },
		Eval: eval, Exact: exact,
		JVP: func(r *Rule, dx []Node) Node {
			if !dx[1].Valid() {
				return dx[1]
			}
			return r.node.Op().Apply(r.Attr(), r.In(0), dx[1])
		},
		VJP: func(r *Rule, ct Node) []Node {
			return []Node{{}, collapse(adjoint(r, ct), r.In(1).Shape())}
		},
		Sample: sampleIndexed(attr.Min == 1),
	}
}

// sampleIndexed draws an index vector into 3 rows and as many rows as the op
// takes.
func sampleIndexed(scatter bool) func(r *rand.Rand) Example {
	return func(r *rand.Rand) Example {
		e := fill(r, nil, dyadic, shapesOf([]int{2}, []int{3, 2})...)
		if scatter {
			e = fill(r, Ints(3), dyadic, shapesOf([]int{2}, []int{2, 2})...)
		}
		e.Values[0] = []float64{float64(r.IntN(3)), float64(r.IntN(3))}
		return e
	}
}

// eachIndex calls f with every index of every batch entry that is a row of n,
// and where it stands. Another is a fault and passed over.
func eachIndex[T any](c *Call[T], a *arith[T], n int, f func(b, j, row int)) {
	m, rows := c.Shapes[0].Dim(-1), a.fromInt(n)
	for b := range c.rows(c.Shape.Trail(2).Size()) {
		for j, v := range c.row(0, b, m) {
			if !isIndex(a, v, rows) {
				c.Fail(b*m%len(c.In[0])+j, FaultIndex)
				continue
			}
			f(b, j, a.toInt(v))
		}
	}
}

// isIndex reports whether v is a whole number in [0, n).
func isIndex[T any](a *arith[T], v, n T) bool {
	return !a.isNaN(v) && a.cmp(v, a.zero) >= 0 && a.cmp(v, n) < 0 && a.cmp(v, a.fromInt(a.toInt(v))) == 0
}

func gatherRows[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		clearTo(c.Out, a.zero)
		n, d, m := c.Shapes[1].Dim(-2), c.Shapes[1].Dim(-1), c.Shape.Dim(-2)
		eachIndex(c, &a, n, func(b, j, row int) {
			copy(c.Out[(b*m+j)*d:], c.row(1, b, n*d)[row*d:(row+1)*d])
		})
	}
}

func scatterRows[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		clearTo(c.Out, a.zero)
		n, d, m := c.Shape.Dim(-2), c.Shape.Dim(-1), c.Shapes[1].Dim(-2)
		eachIndex(c, &a, n, func(b, j, row int) {
			out := c.Out[(b*n+row)*d:]
			for i, v := range c.row(1, b, m*d)[j*d : (j+1)*d] {
				out[i] = a.add(out[i], v)
			}
		})
	}
}

func clearTo[T any](x []T, v T) {
	for i := range x {
		x[i] = v
	}
}
