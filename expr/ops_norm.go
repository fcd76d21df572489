package expr

import (
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

var (
	opNorm1 = new(Op)
	_       = define(opNorm1, Op{
		Name: "norm1", Doc: "Σ |xᵢ| over the last axis", MinArgs: 1, MaxArgs: 1, Shape: vector,
		Class: PiecewiseAffine, Flops: func(in []Shape, _ Shape, _ Attr) int { return 2 * in[0].Size() },
		Range: func(k *Known) Interval { return k.In[0].abs().times(k.Terms) },
		Eval: func(c *Call[float64]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				c.Out[b] = sumAbs(c.row(0, b, n))
			}
		},
		Exact: func(c *Call[*big.Rat]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				s, t := new(big.Rat), new(big.Rat)
				for _, v := range c.row(0, b, n) {
					s.Add(s, t.Abs(v))
				}
				c.Out[b] = s
			}
		},
		Weights: func(r *Rule) Node { return sign(r.Step("s", r.In(0))) },
		Sample:  sampleRows(nil),
	})

	opNormInf = new(Op)
	_         = define(opNormInf, Op{
		Name: "norminf", Doc: "max |xᵢ| over the last axis", MinArgs: 1, MaxArgs: 1, Shape: vector,
		Range: func(k *Known) Interval { return k.In[0].abs() },
		Class: PiecewiseAffine, Flops: func(in []Shape, _ Shape, _ Attr) int { return 2 * in[0].Size() },
		Eval: func(c *Call[float64]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				m := 0.0
				for _, v := range c.row(0, b, n) {
					m = max(m, math.Abs(v))
				}
				c.Out[b] = m
			}
		},
		Exact: func(c *Call[*big.Rat]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				m := new(big.Rat)
				for _, v := range c.row(0, b, n) {
					m = ratPick(m, new(big.Rat).Abs(v), 1)
				}
				c.Out[b] = m
			}
		},
		Weights: func(r *Rule) Node {
			s := sign(r.Step("s", r.In(0)))
			return Gate(r.Rank("w", Mul(s, r.In(0)), 0, 1), s)
		},
		Sample: sampleRows(nil),
	})

	opNorm2 = new(Op)
	_       = define(opNorm2, Op{
		Name: "norm2", Doc: "√Σ xᵢ² over the last axis", MinArgs: 1, MaxArgs: 1, Shape: vector,
		Class: Semialgebraic, Flops: func(in []Shape, _ Shape, _ Attr) int { return 2 * in[0].Size() },
		Range: func(k *Known) Interval { return k.In[0].abs().hull(k.In[0].abs().times(k.Terms)) },
		Eval: func(c *Call[float64]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				c.Out[b] = kernel.Norm(c.row(0, b, n))
			}
		},
		Weights: func(r *Rule) Node { return r.Direction("u", r.In(0)) },
		Sample:  sampleRows(nil),
	})
)

func sumAbs(x []float64) float64 {
	var a [8]float64
	for j, v := range x {
		a[j&7] += math.Abs(v)
	}
	return kernel.Pairwise(&a)
}
