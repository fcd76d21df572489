package expr

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
)

// The quantile q of n entries lies at the position (n − 1)q of the ascending
// order, counted from 0: Hyndman and Fan's definition 7 (American Statistician
// 50, 1996), the default of numpy and PyTorch. Between two ranks it is linear.
//
// A sum of entries of sorted order with weights w has at a tied block the convex
// hull of all arrangements of the block's weights as its Clarke subdifferential,
// a permutohedron. That is the Minkowski sum of hypersimplices, each weighted by
// the gap between sorted weights (Postnikov, IMRN 2009, proposition 2.3 and
// section 16). Two adjacent ranks with weights a and b are therefore
// min(a, b)·Rank of both + |a − b|·Rank of the heavier one.

// quantileRank is where a quantile lies: between ascending ranks k and k + 1,
// with the weight of the latter, 0 ≤ weight < 1.
type quantileRank struct {
	k      int
	weight *big.Rat
}

func rankOf(q Number, n int) quantileRank {
	at := new(big.Rat).Mul(q.Rat(), big.NewRat(int64(n-1), 1))
	k := new(big.Int).Quo(at.Num(), at.Denom())
	return quantileRank{int(k.Int64()), at.Sub(at, new(big.Rat).SetInt(k))}
}

var (
	opQuantile = new(Op)
	_          = define(opQuantile, Op{
		Name: "quantile", Doc: "the entry at position (n − 1)·q of the sorted last axis, linear between entries, 0 ≤ q ≤ 1",
		MinArgs: 1, MaxArgs: 1, Attrs: AttrSpec{Names: "q", Min: 1, Max: 1},
		Shape: func(in []Shape, at Attr) (Shape, error) {
			if q := at[0].Rat(); q.Sign() < 0 || q.Cmp(ratOne) > 0 {
				return Shape{}, fmt.Errorf("q is %v; it must be between 0 and 1", at[0])
			}
			return vector(in, at)
		},
		Class: PiecewiseAffine, Work: rowWork, Flops: inputSize,
		Range: func(k *Known) Interval { return k.In[0].mean() },
		Index: quantileIndex,
		Eval:  quantileReals(&floats), Eval32: quantileReals(&floats32),
		Exact: func(c *Call[*big.Rat]) {
			p := rankOf(c.Attr[0], c.Shapes[0].Dim(-1))
			quantile(c, &rats, p.k, p.weight.Sign() > 0, func(y, z *big.Rat) *big.Rat {
				return rats.add(rats.mul(new(big.Rat).Sub(ratOne, p.weight), y), rats.mul(p.weight, z))
			})
		},
		Weights: quantileWeights,
		Sample: func(r *rand.Rand) Example {
			q := [...]float64{0.5, 0.375, 0.75, 0, 1}[r.IntN(5)]
			return sampleRows(Attr{Num(q)})(r)
		},
	})
)

// quantileIndex is the lower rank and, in two halves each, the bits of the
// weights of it and of the next: they are rounded once, from exact numbers.
func quantileIndex(in []Shape, _ Shape, at Attr) []int32 {
	p := rankOf(at[0], in[0].Dim(-1))
	high, _ := p.weight.Float64()
	low, _ := new(big.Rat).Sub(ratOne, p.weight).Float64()
	u, v := math.Float64bits(low), math.Float64bits(high)
	return []int32{int32(p.k), int32(u >> 32), int32(u), int32(v >> 32), int32(v)}
}

func quantileTable(t []int32) (k int, low, high float64) {
	join := func(hi, lo int32) float64 { return math.Float64frombits(uint64(uint32(hi))<<32 | uint64(uint32(lo))) }
	return int(t[0]), join(t[1], t[2]), join(t[3], t[4])
}

// quantileReals rounds once: the weights and what they mix are float64.
func quantileReals[T Real](a *arith[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		k, low, high := quantileTable(c.Index)
		quantile(c, a, k, high > 0, func(y, z T) T {
			return T(float64(low*float64(y)) + float64(high*float64(z)))
		})
	}
}

// quantile takes the entry of rank k, or mixes it with the next.
func quantile[T any](c *Call[T], a *arith[T], k int, isBetween bool, mix func(y, z T) T) {
	n := c.Shapes[0].Dim(-1)
	for b := range c.Out {
		x := c.row(0, b, n)
		if i := firstNaN(a, x); i >= 0 {
			c.Out[b] = x[i]
			continue
		}
		idx := order(c.Work, a, c.In, b*n, n, 1)
		y := x[idx[k]]
		if isBetween {
			if z := x[idx[k+1]]; a.cmp(y, z) != 0 {
				y = mix(y, z)
			}
		}
		c.Out[b] = y
	}
}

// quantileWeights counts ranks from the largest, as Rank does: the upper of the
// two is n − 2 − k.
func quantileWeights(r *Rule) Node {
	n := r.In(0).Shape().Dim(-1)
	p := rankOf(r.Attr()[0], n)
	upper := n - 2 - p.k
	if p.weight.Sign() == 0 {
		return r.Rank("w", r.In(0), upper+1, upper+2)
	}
	a, b := p.weight, new(big.Rat).Sub(ratOne, p.weight) // of the upper rank and the lower
	both := r.Rank("pair", r.In(0), upper, upper+2)
	switch gap := new(big.Rat).Sub(a, b); gap.Sign() {
	case 1:
		return Add(ScaleNumber(Rational(b), both), ScaleNumber(Rational(gap), r.Rank("w", r.In(0), upper, upper+1)))
	case -1:
		heavy := r.Rank("w", r.In(0), upper+1, upper+2)
		return Add(ScaleNumber(Rational(a), both), ScaleNumber(Rational(gap.Neg(gap)), heavy))
	}
	return ScaleNumber(Rational(a), both)
}
