package expr

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Fused ops run in place of two or three primitives, with their bits. Only the executor
// knows them: they stand in no program and have no derivatives.

// withRow is a product to which the third operand, if there is one, is added: a row of
// as many entries as a row of the product has, or such a row for each position of the
// leading axes. If the last attribute is 1, the relu of the result is taken.
func withRow(name string, left, right int, product func(in []Shape, at Attr) kernel.Product) *Op {
	whole := func(in []Shape, at Attr) kernel.Product {
		p := product(in, at)
		p.ReLU = at.Int(len(at)-1) == 1
		if len(in) == 3 && in[2].Size() > p.N {
			p.NextBias = p.N
			if p.Count == 1 { // a tall product is cut up
				p.Count = in[2].Size() / p.N
				p.M /= p.Count
				p.NextA, p.NextC = p.M*p.RowA, p.M*p.RowC
			}
		}
		return p
	}
	return &Op{
		Name: name,
		Eval: affineRows[float64](left, right, whole), Eval32: affineRows[float32](left, right, whole),
		Scratch: func(in []Shape, at Attr) int {
			p := whole(in, at)
			return p.Scratch()
		},
		Flops: func(in []Shape, out Shape, at Attr) int {
			p := product(in, at)
			return (2*p.K - 1 + len(in) - 2 + at.Int(len(at)-1)) * out.Size() // chains, rows, relu
		},
	}
}

func affineRows[T Real](left, right int, product func(in []Shape, at Attr) kernel.Product) func(*Call[T]) {
	return func(c *Call[T]) {
		var rows []T
		if len(c.In) == 3 {
			rows = c.In[2]
		}
		multiply(c, product, c.In[left], c.In[right], rows)
	}
}

// gateOfStep is gate(a·step(z, slot) + b, x): what a cotangent meets at a kink.
var gateOfStep = &Op{
	Name: "gate of step", MinArgs: 3, Elementwise: true, KeepsKeys: true, Code: kernel.CodeGateStep,
	Eval: stepGated(f64), Eval32: stepGated(f32),
	Flops: func(_ []Shape, out Shape, at Attr) int {
		if at[0].Float() == 1 && at[1].Float() == 0 { // no affine op
			return 2 * out.Size()
		}
		return 3 * out.Size()
	},
}

func stepGated[T Real](k kernel.Vectors[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		isNaN, a, b := false, c.Attr[0].Float(), c.Attr[1].Float()
		switch kernel.GateStepOf(a, b) {
		case kernel.CodeGateAbove:
			isNaN = k.GateAbove(c.Out, c.In[0], c.In[1], c.In[2])
		case kernel.CodeGateBelow:
			isNaN = k.GateBelow(c.Out, c.In[0], c.In[1], c.In[2])
		case kernel.CodeGateSign:
			isNaN = k.GateSign(c.Out, c.In[0], c.In[1], c.In[2])
		default:
			isNaN = k.GateStep(c.Out, c.In[0], c.In[1], c.In[2], a, b)
		}
		if isNaN {
			c.Fail(slices.IndexFunc(c.In[0], func(z T) bool { return z != z }), FaultNaN)
		}
	}
}

// weightsOfTies are the weights that a rule among ties gives the entries of a row of keys, the first operand, once these have
// been looked at; gateOfTies is gate(w, x) for these weights w and the last operand x: most of them are 0.
var (
	weightsOfTies = afterLook(Op{Name: "weights of ties", MinArgs: 2, Gates: gateOfTies}, weightsByLook(f64), weightsByLook(f32))
	gateOfTies    = afterLook(Op{Name: "gate of ties", MinArgs: 3}, gateByLook(f64), gateByLook(f32))
)

func afterLook(op Op, run func(*Call[float64]), run32 func(*Call[float32])) *Op {
	op.Eval, op.Eval32, op.ByBlocks = run, run32, &ByBlocks{Whole: 1, Run: run, Run32: run32}
	op.Flops = func(in []Shape, out Shape, _ Attr) int { return (len(in) - 1) * out.Size() }
	return &op
}

// extremeOfLook is the largest or the smallest entry of a row, the first operand, that has been looked at.
var extremeOfLook = &Op{
	Name: "extreme of ties", MinArgs: 2,
	Eval:   func(c *Call[float64]) { c.Out[0] = c.In[1][0] },
	Eval32: func(c *Call[float32]) { c.Out[0] = c.In[1][0] },
	Flops:  func([]Shape, Shape, Attr) int { return 0 },
}

// gateAdded is y + gate(s, x): how cotangents add up.
var gateAdded = &Op{
	Name: "sum with gate", MinArgs: 3, Elementwise: true, Code: kernel.CodeGateAdd,
	Eval: gatedSum(f64.GateAdd), Eval32: gatedSum(f32.GateAdd),
	Flops: func(_ []Shape, out Shape, _ Attr) int { return 2 * out.Size() },
}

func gatedSum[T Real](k func(dst, s, x, y []T)) func(*Call[T]) {
	return func(c *Call[T]) { k(c.Out, c.In[0], c.In[1], c.In[2]) }
}

// sortInOrder is sort of x where its order, a permutation of the same entries, is known: that has looked for it.
var sortInOrder = &Op{
	Name: "sort in order", MinArgs: 2,
	Eval:   takenInOrder(permutedOr(kernel.PermuteRows, permute(floats))),
	Eval32: takenInOrder(permutedOr(kernel.PermuteRows, permute(floats32))),
}

// takenInOrder permutes, but for rows with a NaN, which have no order.
func takenInOrder[T Real](permuted func(*Call[T])) func(*Call[T]) {
	return func(c *Call[T]) {
		permuted(c)
		n, x := c.Shape.Dim(-1), c.In[1]
		for b := 0; b < len(x); b += n {
			row := x[b : b+n]
			if bad := slices.IndexFunc(row, func(v T) bool { return v != v }); bad >= 0 {
				clearTo(c.Out[b:b+n], row[bad])
			}
		}
	}
}
