package expr

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// attrBetween checks the one attribute of an elementwise op: lo < a < hi.
func attrBetween(name string, lo, hi float64) func(in []Shape, at Attr) (Shape, error) {
	return func(in []Shape, at Attr) (Shape, error) {
		switch a := at[0].Float(); {
		case a > lo && a < hi:
			return in[0], nil
		case math.IsInf(hi, 1):
			return Shape{}, fmt.Errorf("%s is %v; it must be above %v", name, at[0], lo)
		}
		return Shape{}, fmt.Errorf("%s is %v; it must be between %v and %v", name, at[0], lo, hi)
	}
}

// sampleAttr draws one of the attributes, then entries.
func sampleAttr(draw sampler, at ...Number) func(r *rand.Rand) Example {
	return func(r *rand.Rand) Example {
		return sample(1, Attr{at[r.IntN(len(at))]}, draw)(r)
	}
}

var (
	opELU = new(Op)
	_     = define(opELU, Op{
		Name: "elu", Doc: "x for x ≥ 0, a·(eˣ − 1) for x < 0, a > 0", MinArgs: 1, MaxArgs: 1, Elementwise: true,
		Attrs: AttrSpec{Names: "a", Min: 1, Max: 1}, Shape: attrBetween("a", 0, inf),
		Class: DefinableExp, Local: DefinableAn, Range: eluRange,
		Eval: func(c *Call[float64]) {
			a := c.Attr[0].Float()
			for i, x := range c.In[0] {
				if x < 0 {
					x = float64(a * kernel.Expm1(x))
				}
				c.Out[i] = x
			}
		},
		Slopes: eluSlope,
		Sample: sampleAttr(kinked(0), Num(0.25), Num(2), Num(1)),
	})

	opHuber = new(Op)
	_       = define(opHuber, Op{
		Name: "huber", Doc: "x²/2 for |x| ≤ δ, δ·(|x| − δ/2) beyond, δ > 0", MinArgs: 1, MaxArgs: 1, Elementwise: true,
		Attrs: AttrSpec{Names: "δ", Min: 1, Max: 1}, Shape: attrBetween("δ", 0, inf),
		Class: PiecewisePolynomial, Degree: func(deg []int, _ Attr) int { return 2 * deg[0] }, Range: huberRange,
		Eval: func(c *Call[float64]) {
			d := c.Attr[0].Float()
			for i, x := range c.In[0] {
				c.Out[i] = huber(d, x)
			}
		},
		Exact: huberExact,
		Slopes: func(r *Rule) []Node {
			d := r.Attr()[0]
			return []Node{Clamp(r.In(0), r.node.g.unit(d.Neg()), r.node.g.unit(d))}
		},
		Sample: sampleAttr(kinked(-1, 1, 0.5, -0.5), Num(1), Num(0.5)),
	})

	opPinball = new(Op)
	_         = define(opPinball, Op{
		Name: "pinball", Doc: "max(τ·x, (τ − 1)·x), 0 < τ < 1", MinArgs: 1, MaxArgs: 1, Elementwise: true,
		Attrs: AttrSpec{Names: "τ", Min: 1, Max: 1}, Shape: attrBetween("τ", 0, 1),
		Class: PiecewiseAffine, Range: pinballRange,
		Eval: func(c *Call[float64]) {
			up := c.Attr[0].Float()
			for i, x := range c.In[0] {
				if x < 0 {
					c.Out[i] = (up - 1) * x
				} else {
					c.Out[i] = up * x
				}
			}
		},
		Exact: func(c *Call[*big.Rat]) {
			up, down := c.Attr[0].Rat(), lessOne(c.Attr[0]).Rat()
			for i, x := range c.In[0] {
				slope := up
				if x.Sign() < 0 {
					slope = down
				}
				c.Out[i] = new(big.Rat).Mul(slope, x)
			}
		},
		Slopes: func(r *Rule) []Node {
			return []Node{affineNumbers(r.Step("s", r.In(0)), Num(1), lessOne(r.Attr()[0]))}
		},
		Sample: sampleAttr(kinked(0), Num(0.25), Num(0.5)),
	})
)

// lessOne returns a − 1.
func lessOne(a Number) Number { return Rational(new(big.Rat).Sub(a.Rat(), ratOne)) }

// eluSlope is 1 on one side of the kink and a·eˣ on the other, which the gate
// keeps out where it may overflow. For a = 1 elu is continuously differentiable,
// with the slope e^min(x, 0), and has no slot.
func eluSlope(r *Rule) []Node {
	x, a := r.In(0), r.Attr()[0]
	if a.Equal(Num(1)) {
		return []Node{Exp(Min(x, r.Const(0)))}
	}
	up := r.Step("s", x)
	return []Node{Add(up, Gate(complement(up), ScaleNumber(a, Exp(x))))}
}

func eluRange(k *Known) Interval {
	i, a := k.In[0], k.Attr[0]
	if i.Lo >= 0 {
		return i
	}
	r := rising(func(x float64) float64 { return max(x, 0) + float64(a.Float()*kernel.Expm1(min(x, 0))) }, pointOf(a).neg().Lo, inf)(k)
	r.Zero = i.Zero
	return r
}

func huber(d, x float64) float64 {
	if x = math.Abs(x); x <= d {
		return x * x / 2
	}
	return d * (x - d/2)
}

func huberExact(c *Call[*big.Rat]) {
	d, half := c.Attr[0].Rat(), big.NewRat(1, 2)
	for i, x := range c.In[0] {
		y := new(big.Rat).Abs(x)
		if y.Cmp(d) <= 0 {
			y.Mul(y, y)
			c.Out[i] = y.Mul(y, half)
			continue
		}
		y.Sub(y, new(big.Rat).Mul(d, half))
		c.Out[i] = y.Mul(y, d)
	}
}

// huberRange uses that huber rises with |x|.
func huberRange(k *Known) Interval {
	i, d := k.In[0].abs(), k.Attr[0].Float()
	lo, hi := outwards(huber(d, i.Lo), huber(d, i.Hi))
	r := between(max(lo, 0), hi)
	r.Zero, r.Bounded = i.Zero, i.Bounded
	return r
}

func pinballRange(k *Known) Interval {
	i, a := k.In[0], k.Attr[0]
	r := i.mul(pointOf(a)).larger(i.mul(pointOf(lessOne(a)))).larger(between(0, 0))
	r.Zero = i.Zero
	return r
}
