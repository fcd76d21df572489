package expr

import (
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// kink is the record of a continuous piecewise affine function of scalars.
func kink(name, doc string, f func(float64) float64, exact func(z, x *big.Rat) *big.Rat, slope func(r *Rule) Node, kinks ...float64) Op {
	return Op{
		Name: name, Doc: doc, MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: same,
		Class: PiecewiseAffine,
		Eval:  map1(f), Scalar: scalar1(f), Exact: exact1(exact),
		Slopes: func(r *Rule) []Node { return []Node{slope(r)} },
		Sample: sample(1, nil, kinked(kinks...)),
	}
}

var (
	opReLU = new(Op)
	_      = define(opReLU, kink("relu", "max(x, 0)",
		relu, ratReLU, func(r *Rule) Node { return r.Step("s", r.In(0)) }, 0).
		along(f64.ReLU, f32.ReLU).coded(kernel.CodeReLU).
		within(func(k *Known) Interval { return k.In[0].larger(between(0, 0)) }))

	opAbs = new(Op)
	_     = define(opAbs, kink("abs", "|x|",
		math.Abs, (*big.Rat).Abs, func(r *Rule) Node { return sign(r.Step("s", r.In(0))) }, 0).
		along(f64.Abs, f32.Abs).coded(kernel.CodeAbs).
		within(func(k *Known) Interval { return k.In[0].abs() }))

	opHinge = new(Op)
	_       = define(opHinge, kink("hinge", "max(1 − x, 0)",
		func(x float64) float64 { return relu(1 - x) },
		func(z, x *big.Rat) *big.Rat { return ratReLU(z, z.Sub(ratOne, x)) },
		func(r *Rule) Node { return Neg(r.Step("s", AffineOf(r.In(0), -1, 1))) }, 1).
		within(func(k *Known) Interval { return k.In[0].neg().add(between(1, 1)).larger(between(0, 0)) }))

	opLeakyReLU = new(Op)
	_           = define(opLeakyReLU, Op{
		Name: "leakyrelu", Doc: "x for x ≥ 0, a·x for x < 0", MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: same,
		Attrs: AttrSpec{Names: "a", Min: 1, Max: 1},
		Class: PiecewiseAffine,
		Eval:  leaky(f64.Leaky), Eval32: leaky(f32.Leaky),
		Scalar: func(at Attr, _ int) Scalar {
			a := at[0].Float()
			return func(_ *Fault, x, _, _ float64) float64 {
				if x < 0 {
					x *= a
				}
				return x
			}
		},
		Exact: func(c *Call[*big.Rat]) {
			for i, x := range c.In[0] {
				if x.Sign() < 0 {
					x = new(big.Rat).Mul(x, c.Attr[0].Rat())
				}
				c.Out[i] = x
			}
		},
		Slopes: func(r *Rule) []Node {
			a := r.Attr()[0]
			rise := Rational(new(big.Rat).Sub(ratOne, a.Rat()))
			return []Node{affineNumbers(r.Step("s", r.In(0)), rise, a)}
		},
		Sample: sample(1, Attr{Num(0.25)}, kinked(0)),
	})

	opSoftThreshold = new(Op)
	_               = define(opSoftThreshold, Op{
		Name: "softthreshold", Doc: "relu(x − t) − relu(−x − t), t > 0", MinArgs: 1, MaxArgs: 1, Elementwise: true,
		Attrs: AttrSpec{Names: "t", Min: 1, Max: 1},
		Shape: func(in []Shape, at Attr) (Shape, error) {
			if at[0].Float() <= 0 {
				return Shape{}, fmt.Errorf("the threshold is %v; it must be positive", at[0])
			}
			return in[0], nil
		},
		Class: PiecewiseAffine,
		Eval: func(c *Call[float64]) {
			t := c.Attr[0].Float()
			for i, x := range c.In[0] {
				c.Out[i] = relu(x-t) - relu(-x-t)
			}
		},
		Scalar: func(at Attr, _ int) Scalar {
			t := at[0].Float()
			return func(_ *Fault, x, _, _ float64) float64 { return relu(x-t) - relu(-x-t) }
		},
		Exact: func(c *Call[*big.Rat]) {
			for i, x := range c.In[0] {
				t, up, down := c.Attr[0].Rat(), new(big.Rat), new(big.Rat)
				ratReLU(up, up.Sub(x, t))
				ratReLU(down, down.Sub(down.Neg(x), t))
				c.Out[i] = up.Sub(up, down)
			}
		},
		Slopes: func(r *Rule) []Node {
			t := r.Attr()[0].Neg()
			up := r.Step("hi", affineNumbers(r.In(0), Num(1), t))
			down := r.Step("lo", affineNumbers(r.In(0), Num(-1), t))
			return []Node{Add(up, down)}
		},
		Sample: sample(1, Ints(1), kinked(-1, 1)),
	})

	opMax = new(Op)
	_     = define(opMax, extremum("max", "the larger of x and y", 1, func(r *Rule) Node { return Sub(r.In(0), r.In(1)) }))

	opMin = new(Op)
	_     = define(opMin, extremum("min", "the smaller of x and y", -1, func(r *Rule) Node { return Sub(r.In(1), r.In(0)) }))

	opClamp = new(Op)
	_       = define(opClamp, Op{
		Name: "clamp", Doc: "min(max(x, lo), hi)", MinArgs: 3, MaxArgs: 3, Elementwise: true, Shape: same,
		Class: PiecewiseAffine,
		Range: func(k *Known) Interval { return k.In[0].larger(k.In[1]).smaller(k.In[2]) },
		Eval: func(c *Call[float64]) {
			for i, x := range c.In[0] {
				c.Out[i] = min(max(x, c.In[1][i]), c.In[2][i])
			}
		},
		Scalar: plain(func(_ *Fault, x, lo, hi float64) float64 { return min(max(x, lo), hi) }),
		Exact: func(c *Call[*big.Rat]) {
			for i, x := range c.In[0] {
				c.Out[i] = ratPick(ratPick(x, c.In[1][i], 1), c.In[2][i], -1)
			}
		},
		Slopes: func(r *Rule) []Node {
			x, lo, hi := r.In(0), r.In(1), r.In(2)
			above := r.Step("lo", Sub(x, lo))
			below := complement(above)
			inner := Add(Gate(above, x), Gate(below, lo))
			under := r.Step("hi", Sub(hi, inner))
			return []Node{Gate(under, above), Gate(under, below), complement(under)}
		},
		Sample: sampleTied(3, nil),
	})

	opSign = new(Op)
	_      = define(opSign, Op{
		Name: "sign", Doc: "−1, 0 or 1", MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: same,
		Class: PiecewiseAffine, Range: signRange,
		Partial: true, Regular: regular(0, "sign jumps at 0", func(x float64) bool { return x != 0 }),
		Everywhere: everywhere(0, "sign jumps where its argument is 0", lipschitzIf(nonzeroInterval)),
		Eval: map1(func(x float64) float64 {
			switch {
			case x > 0:
				return 1
			case x < 0:
				return -1
			}
			return x // ±0 and NaN stay
		}),
		Exact:    exact1(func(z, x *big.Rat) *big.Rat { return z.SetInt64(int64(x.Sign())) }),
		Constant: true,
		Sample:   sample(1, nil, kinked(0)),
	})

	opFloor = new(Op)
	_       = define(opFloor, Op{
		Name: "floor", Doc: "the largest integer ≤ x", MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: same,
		Class: NotDefinable, Local: PiecewiseAffine, Range: floorRange,
		Partial: true, Regular: regular(0, "floor jumps at an integer", func(x float64) bool { return x != math.Floor(x) }),
		Everywhere: everywhere(0, "floor jumps at integers", lipschitzIf(betweenIntegers)),
		Eval:       map1(math.Floor),
		Exact: exact1(func(z, x *big.Rat) *big.Rat {
			q := new(big.Int)
			q.DivMod(x.Num(), x.Denom(), new(big.Int)) // Euclidean: rounds down for a positive divisor
			return z.SetInt(q)
		}),
		Constant: true,
		Sample:   sample(1, nil, kinked(0, 1, -1)),
	})
)

func relu(x float64) float64 {
	if x < 0 {
		return 0
	}
	return x
}

func ratReLU(z, x *big.Rat) *big.Rat {
	if x.Sign() < 0 {
		return z.SetInt64(0)
	}
	return z.Set(x)
}

// ratPick returns the larger (sign 1) or the smaller (sign −1) of x and y.
func ratPick(x, y *big.Rat, sign int) *big.Rat {
	if x.Cmp(y)*sign >= 0 {
		return x
	}
	return y
}

// extremum is the record of max (sign 1) and min (sign −1) of two arguments;
// slot 1 is the first of them.
func extremum(name, doc string, sign int, key func(r *Rule) Node) Op {
	eval, eval32, code := f64.Max, f32.Max, kernel.CodeMax
	if sign < 0 {
		eval, eval32, code = f64.Min, f32.Min, kernel.CodeMin
	}
	return Op{
		Name: name, Doc: doc, MinArgs: 2, MaxArgs: 2, Elementwise: true, Shape: same,
		Class: PiecewiseAffine,
		Range: func(k *Known) Interval {
			if sign < 0 {
				return k.In[0].smaller(k.In[1])
			}
			return k.In[0].larger(k.In[1])
		},
		Eval: vector2(eval), Eval32: vector2(eval32), Code: code,
		Exact: exact2(func(_, x, y *big.Rat) *big.Rat { return ratPick(x, y, sign) }),
		Slopes: func(r *Rule) []Node {
			first := r.Step("s", key(r))
			return []Node{first, complement(first)}
		},
		Sample: sampleTied(2, nil),
	}
}

func leaky[T Real](k func(dst, x []T, a float64)) func(*Call[T]) {
	return func(c *Call[T]) { k(c.Out, c.In[0], c.Attr[0].Float()) }
}

// sign turns a step into −1 or 1; complement turns it over.
func sign(step Node) Node       { return AffineOf(step, 2, -1) }
func complement(step Node) Node { return AffineOf(step, -1, 1) }
