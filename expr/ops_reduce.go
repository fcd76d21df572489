package expr

import (
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// sumShape is the shape rule of reductions of the trailing k axes to the given
// extents, the adjoint of broadcast's.
func sumShape(in []Shape, at Attr) (Shape, error) {
	_, tail, out, err := retail(in[0], at)
	if err != nil {
		return out, err
	}
	own := in[0].Trail(at.Int(0))
	if b, err := Broadcast(own, tail); err != nil || b != own {
		return out, fmt.Errorf("%v is not a broadcast of %v", own, tail)
	}
	return out, nil
}

var sumAttr = AttrSpec{
	Names: tailAttr.Names, Min: 1, Max: tailAttr.Max, Integer: true,
	Default: func(in []Shape) Attr { return Ints(in[0].Rank()) },
}

// sumIndex gives first the position of every output's first summand, then the
// offsets of its summands in row-major order.
func sumIndex(in []Shape, out Shape, at Attr) []int32 {
	full, own := strides(in[0]), stretched(out, in[0], len(at)-1)
	kept, summed := in[0].Dims(), in[0].Dims()
	lead := in[0].Rank() - at.Int(0)
	for a := range kept {
		if a >= lead && own[a] == 0 {
			kept[a] = 1
		} else {
			summed[a] = 1
		}
	}
	return append(positions(kept, full), positions(summed, full)...)
}

// sumBy adds the summands of every output entry in interleaved accumulators, eight in float64 and sixteen in
// float32.
func sumBy[T Real](c *Call[T]) {
	first, offs := c.Index[:len(c.Out)], c.Index[len(c.Out):]
	x, n, step := c.In[0], len(offs), 1
	if n > 1 {
		step = int(offs[1])
	}
	switch evenly := int(offs[n-1]) == (n-1)*step; {
	case evenly && step == 1:
		kernel.SumRows(c.Out, x, n)
	case evenly: // summands are as far apart as there are outputs between them
		for o := 0; o < len(c.Out); o += step {
			kernel.SumColumns(c.Out[o:o+step], x[first[o]:], n, step)
		}
	default:
		for o, p := range first {
			c.Out[o] = sumPicked(x[p:], offs)
		}
	}
}

// sumPicked sums the entries at some places.
func sumPicked[T Real](x []T, at []int32) T {
	var room [16]T
	a := room[:kernel.Accumulators[T]()]
	for j, q := range at {
		a[j&(len(a)-1)] += x[q]
	}
	return kernel.Combine(a)
}

func sumByExact(c *Call[*big.Rat]) {
	first, offs := c.Index[:len(c.Out)], c.Index[len(c.Out):]
	for o, p := range first {
		s := new(big.Rat)
		for _, q := range offs {
			s.Add(s, c.In[0][p+q])
		}
		c.Out[o] = s
	}
}

var (
	opSum = new(Op)
	_     = define(opSum, Op{
		Name: "sum", Doc: "sums the trailing k axes, all by default, down to the given extents", MinArgs: 1, MaxArgs: 1,
		Attrs: sumAttr, Shape: sumShape, Class: Affine, Index: sumIndex,
		Range: func(k *Known) Interval { return k.In[0].times(k.Terms) },
		Eval:  sumBy[float64], Eval32: sumBy[float32], Exact: sumByExact, InBlocks: sumInBlocks,
		Flops:     func(in []Shape, out Shape, _ Attr) int { return in[0].Size() - out.Size() },
		Transpose: func(r *Rule, ct Node) []Node { return []Node{spread(r, ct)} },
		Sample:    sampleShaped(Ints(2, 1, 3), dyadic, []int{2, 3}),
	})

	opMean = new(Op)
	_      = define(opMean, Op{
		Name: "mean", Doc: "averages the trailing k axes, all by default, down to the given extents", MinArgs: 1, MaxArgs: 1,
		Attrs: sumAttr, Shape: sumShape, Class: Affine, Index: sumIndex, Flops: inputSize,
		Range: func(k *Known) Interval { return k.In[0].mean() },
		Eval:  mean[float64], Eval32: mean[float32], InBlocks: meanInBlocks,
		Exact: func(c *Call[*big.Rat]) {
			sumByExact(c)
			n := big.NewRat(int64(len(c.In[0])/len(c.Out)), 1)
			for i, s := range c.Out {
				c.Out[i] = s.Quo(s, n)
			}
		},
		Transpose: func(r *Rule, ct Node) []Node {
			n := r.In(0).Shape().Size() / r.Out().Shape().Size()
			return []Node{spread(r, ScaleNumber(Ratio(1, int64(n)), ct))}
		},
		Sample: sampleShaped(Ints(1), dyadic, []int{2, 4}),
	})
)

func mean[T Real](c *Call[T]) {
	sumBy(c)
	n := T(len(c.In[0]) / len(c.Out))
	for i := range c.Out {
		c.Out[i] /= n
	}
}

// spread is the adjoint of a sum: it broadcasts the cotangent over the summands.
func spread(r *Rule, ct Node) Node {
	at := r.Attr()
	own := r.In(0).Shape().Trail(at.Int(0))
	return opBroadcast.Apply(append(Ints(len(at)-1), Ints(own.Dims()...)...), ct)
}

func inputSize(in []Shape, _ Shape, _ Attr) int { return in[0].Size() }
