package expr

import (
	"fmt"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// A permutation is a tensor with rows of length n: row 0 lists, for every
// position of the sorted order, the index of the entry that goes there; row 1
// the first position of its tied block; and, if the slot is a matrix, n more
// rows hold the mixing of the tied blocks, entry (i, j) being the weight of
// sorted entry j at position i. A slot with one entry a row, instead of a
// matrix, stands for the stable order.

var (
	opPermutation = new(Op)
	_             = define(opPermutation, permutationRecord())

	opTiedPermutation = new(Op)
	_                 = define(opTiedPermutation, tiedPermutationRecord())

	opPermute = new(Op)
	_         = define(opPermute, permuteRecord("permute", "the entries of x in the order of a permutation",
		permutedOr(kernel.PermuteRows, permute(floats)), permutedOr(kernel.PermuteRows, permute(floats32)), permute(rats),
		func(r *Rule, ct Node) Node { return Unpermute(r.In(0), ct) },
		func(r *Rule, ct, sorted Node) Node { return opOuter.Apply(nil, ct, sorted) }))

	opUnpermute = new(Op)
	_           = define(opUnpermute, permuteRecord("unpermute", "the adjoint of permute",
		permutedOr(kernel.UnpermuteRows, unpermute(floats)), permutedOr(kernel.UnpermuteRows, unpermute(floats32)), unpermute(rats),
		func(r *Rule, ct Node) Node { return Permute(r.In(0), ct) },
		func(r *Rule, ct, sorted Node) Node { return opOuter.Apply(nil, r.In(1), sorted) }))
)

func permutationRecord() Op {
	op := selector("permutation", "the ascending order of the last axis, tied blocks mixed by the slot", 1, permutationOr(permutation(floats)), permutation(rats))
	op.Eval32 = permutationOr(permutation(floats32))
	op.Shape = func(in []Shape, _ Attr) (Shape, error) {
		keys, slot := in[:len(in)-1], in[len(in)-1]
		s, err := sameShapes(keys, 1)
		if err != nil {
			return s, err
		}
		n := s.Dim(-1)
		if slot.Rank() == s.Rank() && slot.Dim(-1) == 1 {
			return s.Lead(1).Append(2, n)
		}
		if dense, err := s.Append(n); err != nil || slot != dense {
			return s, fmt.Errorf("the slot has shape %v; it must have one entry a row (stable order) or be %v", slot, dense)
		}
		return s.Lead(1).Append(2+n, n)
	}
	op.Work, op.Regular = rowWork, regularOrder
	op.JVP = func(r *Rule, dx []Node) Node {
		dp := dx[len(dx)-1]
		if !dp.Valid() || r.Out().Shape().Dim(-2) == 2 {
			return Node{}
		}
		mixed := Gate(opTiedPermutation.Apply(Ints(0), r.Args()[:len(dx)-1]...), dp)
		return opConcat.Apply(Ints(2), noOrder(r.Out()), mixed)
	}
	op.VJP = func(r *Rule, ct Node) []Node {
		keys := r.Args()[:len(r.Args())-1]
		out := make([]Node, len(keys)+1)
		if rows := ct.Shape().Dim(-2); rows > 2 {
			out[len(keys)] = Gate(opTiedPermutation.Apply(Ints(0), keys...), opSlice.Apply(Ints(2, 2, rows, 1), ct))
		}
		return out
	}
	op.Sample = sampleShaped(nil, smallInt, []int{4}, []int{1})
	return op
}

// noOrder returns zeros in the place of the two rows that describe the order.
func noOrder(p Node) Node {
	s := p.Shape()
	s.dims[s.Rank()-2] = 2
	return opBroadcast.Apply(append(Ints(0), Ints(s.Dims()...)...), p.g.Const(0))
}

func tiedPermutationRecord() Op {
	op := selector("tiedpermutation", "entry (i, j) is 1, or with even = 1 its even share, where sorted positions i and j tie, else 0",
		1, tiedPositions(floats), tiedPositions(rats))
	op.Eval32 = tiedPositions(floats32)
	op.MinArgs, op.Constant, op.Work, op.Range, op.Regular = 1, true, rowWork, fixedRange(0, 1), regularOrder
	op.Attrs = AttrSpec{Names: "even", Min: 1, Max: 1, Integer: true}
	op.Shape = func(in []Shape, _ Attr) (Shape, error) {
		s, err := sameShapes(in, 1)
		if err != nil {
			return s, err
		}
		return s.Append(s.Dim(-1))
	}
	op.Sample = sampleShaped(Ints(0), smallInt, []int{4})
	return op
}

// eachOrder sorts every row by the keys and calls f with its number and order.
func eachOrder[T any](c *Call[T], a *arith[T], keys [][]T, f func(b int, idx []int)) {
	n := c.Shapes[0].Dim(-1)
	for b := range c.Shapes[0].Size() / n {
		canOrder(c, a, keys, b*n, n) // a NaN is kept as a fault; it ties with all
		f(b, order(c.Work, a, keys, b*n, n, 1))
	}
}

// permutationOr finds stable orders by a single key along the kernel. Rows with a NaN
// are for general.
func permutationOr[T Real](general func(*Call[T])) func(*Call[T]) {
	return func(c *Call[T]) {
		n, isStable := c.Shape.Dim(-1), c.Shape.Dim(-2) == 2
		if len(c.In) > 2 || !isStable || !kernel.OrderRows(c.Out, c.In[0], n, c.Work) {
			general(c)
		}
	}
}

func permutation[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		m := len(c.In) - 1
		n, size, keys := c.Shape.Dim(-1), c.Shape.Trail(2).Size(), c.In[:m]
		eachOrder(c, &a, keys, func(b int, idx []int) {
			out := c.Out[b*size : (b+1)*size]
			for i := 2 * n; i < size; i++ {
				out[i] = a.zero
			}
			blocks(idx, &a, keys, b*n, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					out[i], out[n+i] = a.fromInt(idx[i]), a.fromInt(lo)
				}
				if size > 2*n {
					mix(out[2*n:], c.In[m][b*n*n:(b+1)*n*n], &a, n, lo, hi)
				}
			})
		})
	}
}

// mix copies the slot's weights of one tied block; an untied entry stays.
func mix[T any](out, slot []T, a *arith[T], n, lo, hi int) {
	if hi == lo+1 {
		out[lo*n+lo] = a.one
		return
	}
	for i := lo; i < hi; i++ {
		copy(out[i*n+lo:i*n+hi], slot[i*n+lo:i*n+hi])
	}
}

func tiedPositions[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		n := c.Shape.Dim(-1)
		eachOrder(c, &a, c.In, func(b int, idx []int) {
			out := c.Out[b*n*n : (b+1)*n*n]
			for i := range out {
				out[i] = a.zero
			}
			blocks(idx, &a, c.In, b*n, func(lo, hi int) {
				share := a.one
				if c.Attr.Int(0) == 1 {
					share = a.ratio(1, hi-lo)
				}
				for i := lo; i < hi && hi > lo+1; i++ {
					for j := lo; j < hi; j++ {
						out[i*n+j] = share
					}
				}
			})
		})
	}
}

// permuteRecord is the record of permute and its adjoint, both linear in x.
// Their derivative with respect to the mixing is an outer product.
func permuteRecord(name, doc string, eval func(*Call[float64]), eval32 func(*Call[float32]), exact func(*Call[*big.Rat]), adjoint func(r *Rule, ct Node) Node, mixing func(r *Rule, ct, sorted Node) Node) Op {
	return Op{
		Name: name, Doc: doc, MinArgs: 2, MaxArgs: 2, Shares: []int{2, 1}, Class: PiecewiseAffine, Degree: sumDegrees,
		Partial: true, Regular: func(*Call[float64]) string { return "an order jumps at its kink" },
		Shape: func(in []Shape, _ Attr) (Shape, error) {
			lead, err := commonLead(in, 2, 1)
			if err != nil {
				return lead, err
			}
			n := in[1].Dim(-1)
			if rows := in[0].Dim(-2); in[0].Dim(-1) != n || rows != 2 && rows != 2+n {
				return lead, fmt.Errorf("%v is not a permutation of %d entries", in[0], n)
			}
			return lead.Append(n)
		},
		Eval: eval, Eval32: eval32, Exact: exact,
		JVP: func(r *Rule, dx []Node) Node {
			var out Node
			if dx[1].Valid() {
				out = r.node.Op().Apply(nil, r.In(0), dx[1])
			}
			if dx[0].Valid() && dx[0].Shape().Dim(-2) > 2 {
				out = addTo(out, mixedTangent(r, dx[0]))
			}
			return out
		},
		VJP: func(r *Rule, ct Node) []Node {
			p, x := r.In(0), r.In(1)
			out := []Node{{}, collapse(adjoint(r, ct), x.Shape())}
			if p.Shape().Dim(-2) > 2 {
				sorted := Permute(stable(p), x)
				if r.node.Op() == opUnpermute {
					sorted = Permute(stable(p), ct)
				}
				d := opConcat.Apply(Ints(2), noOrder(p), mixing(r, ct, sorted))
				out[0] = collapse(d, p.Shape())
			}
			return out
		},
		Sample: samplePermuted,
	}
}

// stable returns a permutation without its mixing.
func stable(p Node) Node { return opSlice.Apply(Ints(2, 0, 2, 1), p) }

// mixedTangent is the derivative of permute or unpermute in the mixing.
func mixedTangent(r *Rule, dp Node) Node {
	dm := opSlice.Apply(Ints(2, 2, dp.Shape().Dim(-2), 1), dp)
	p, x := stable(r.In(0)), r.In(1)
	if r.node.Op() == opUnpermute {
		return Unpermute(p, opMatVec.Apply(Ints(1), dm, x))
	}
	return opMatVec.Apply(Ints(0), dm, Permute(p, x))
}

// permutedOr applies stable orders along the kernel, all at once or, where rows share an
// operand, one after the other. Mixed orders, and operands that are none, are for
// general.
func permutedOr[T Real](rows func(dst, order, x []T, n int) bool, general func(*Call[T])) func(*Call[T]) {
	return func(c *Call[T]) {
		n, size := c.Shape.Dim(-1), c.Shapes[0].Trail(2).Size()
		if size > 2*n {
			general(c)
			return
		}
		step := n
		if len(c.In[0]) == 2*len(c.Out) && len(c.In[1]) == len(c.Out) {
			step = len(c.Out)
		}
		for b := range c.rows(step) {
			if !rows(c.Out[b*step:(b+1)*step], c.row(0, b, 2*step), c.row(1, b, step), n) {
				general(c)
				return
			}
		}
	}
}

// eachPermuted calls f with every row's order, mixing (nil if stable), operand
// and result, which is 0 so far. An operand that is no order is a fault: anybody
// may apply permute to anything.
func eachPermuted[T any](c *Call[T], a *arith[T], f func(order, mixing, x, y []T)) {
	n, size := c.Shape.Dim(-1), c.Shapes[0].Trail(2).Size()
	for b := range c.rows(n) {
		p, y := c.row(0, b, size), c.Out[b*n:(b+1)*n]
		for i := range y {
			y[i] = a.zero
		}
		var mixing []T
		if size > 2*n {
			mixing = p[2*n:]
		}
		if i := noIndex(a, p[:n]); i >= 0 {
			c.Fail(b*size%len(c.In[0])+i, FaultOrder)
			continue
		}
		f(p[:n], mixing, c.row(1, b, n), y)
	}
}

// noIndex returns the first position of a row whose entry is not an index into
// it, or −1.
func noIndex[T any](a *arith[T], row []T) int {
	for i, v := range row {
		if !isIndex(a, v, a.fromInt(len(row))) {
			return i
		}
	}
	return -1
}

func permute[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		eachPermuted(c, &a, func(order, mixing, x, y []T) {
			n := len(x)
			for i := range y {
				if mixing == nil {
					y[i] = x[a.toInt(order[i])]
					continue
				}
				y[i] = a.weighted(mixing[i*n:(i+1)*n], 1, x, order)
			}
		})
	}
}

func unpermute[T any](a arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		eachPermuted(c, &a, func(order, mixing, x, y []T) {
			n := len(x)
			for j := range y {
				k := a.toInt(order[j])
				if mixing == nil {
					y[k] = x[j]
					continue
				}
				y[k] = a.weighted(mixing[j:], n, x, nil)
			}
		})
	}
}

func weightedReals[T Real](weights []T, stride int, x, order []T) T {
	s := 0.0
	for i := range x {
		v := x[i]
		if order != nil {
			v = x[int(order[i])]
		}
		if w := weights[i*stride]; w < 0 || w > 0 {
			s += float64(float64(w) * float64(v))
		}
	}
	return T(s)
}

func weightedRats(weights []*big.Rat, stride int, x, order []*big.Rat) *big.Rat {
	s := ratZero
	for i := range x {
		v := x[i]
		if order != nil {
			v = x[order[i].Num().Int64()]
		}
		if w := weights[i*stride]; w.Sign() != 0 {
			s = new(big.Rat).Add(s, new(big.Rat).Mul(w, v))
		}
	}
	return s
}

func samplePermuted(r *rand.Rand) Example {
	e := fill(r, nil, dyadic, shapesOf([]int{2, 3}, []int{3})...)
	e.Values[0] = []float64{2, 0, 1, 0, 1, 2}
	return e
}
