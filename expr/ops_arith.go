package expr

import (
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// same is the shape rule of elementwise ops: the operands agree by then.
func same(in []Shape, _ Attr) (Shape, error) { return in[0], nil }

func sumDegrees(deg []int, _ Attr) int {
	d := 0
	for _, k := range deg {
		d += k
	}
	return d
}

var (
	opAdd = new(Op)
	_     = define(opAdd, Op{
		Name: "add", Doc: "x + y", MinArgs: 2, MaxArgs: 2, Elementwise: true, Shape: same,
		Class: Affine, Range: func(k *Known) Interval { return k.In[0].add(k.In[1]) },
		Eval: vector2(f64.Add), Eval32: vector2(f32.Add),
		Code:   kernel.CodeAdd,
		Exact:  exact2((*big.Rat).Add),
		Slopes: func(r *Rule) []Node { return []Node{r.Const(1), r.Const(1)} },
		Sample: sample(2, nil, dyadic),
	})

	opSub = new(Op)
	_     = define(opSub, Op{
		Name: "sub", Doc: "x − y", MinArgs: 2, MaxArgs: 2, Elementwise: true, Shape: same,
		Class: Affine, Range: func(k *Known) Interval { return k.In[0].add(k.In[1].neg()) },
		Eval: vector2(f64.Sub), Eval32: vector2(f32.Sub),
		Code:   kernel.CodeSub,
		Exact:  exact2((*big.Rat).Sub),
		Slopes: func(r *Rule) []Node { return []Node{r.Const(1), r.Const(-1)} },
		Sample: sample(2, nil, dyadic),
	})

	opNeg = new(Op)
	_     = define(opNeg, Op{
		Name: "neg", Doc: "−x", MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: same,
		Class: Affine, Range: func(k *Known) Interval { return k.In[0].neg() },
		Eval: vector1(f64.Neg), Eval32: vector1(f32.Neg),
		Code:   kernel.CodeNeg,
		Exact:  exact1((*big.Rat).Neg),
		Slopes: func(r *Rule) []Node { return []Node{r.Const(-1)} },
		Sample: sample(1, nil, dyadic),
	})

	opMul = new(Op)
	_     = define(opMul, Op{
		Name: "mul", Doc: "x·y", MinArgs: 2, MaxArgs: 2, Elementwise: true, Shape: same,
		Class: Affine, Degree: sumDegrees, Range: productRange,
		Eval: vector2(f64.Mul), Eval32: vector2(f32.Mul),
		Code:   kernel.CodeMul,
		Exact:  exact2((*big.Rat).Mul),
		Slopes: func(r *Rule) []Node { return []Node{r.In(1), r.In(0)} },
		Sample: sample(2, nil, dyadic),
	})

	opAffine = new(Op)
	_        = define(opAffine, Op{
		Name: "affine", Doc: "a·x + b with constants a and b", MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: same,
		Attrs: AttrSpec{Names: "a b", Min: 2, Max: 2},
		Class: Affine,
		Range: func(k *Known) Interval { return k.In[0].mul(pointOf(k.Attr[0])).add(pointOf(k.Attr[1])) },
		Eval:  affine(f64.Affine), Eval32: affine(f32.Affine),
		Code: kernel.CodeAffine,
		Exact: func(c *Call[*big.Rat]) {
			a, b := c.Attr[0].Rat(), c.Attr[1].Rat()
			for i, x := range c.In[0] {
				z := new(big.Rat).Mul(a, x)
				c.Out[i] = z.Add(z, b)
			}
		},
		Slopes: func(r *Rule) []Node { return []Node{r.node.g.unit(r.Attr()[0])} },
		Sample: sample(1, Attr{Num(-1.5), Num(0.25)}, dyadic),
	})

	opDiv = new(Op)
	_     = define(opDiv, Op{
		Name: "div", Doc: "x / y", MinArgs: 2, MaxArgs: 2, Elementwise: true, Shape: same,
		Class: Semialgebraic, Partial: true, Regular: regular(1, "the denominator is 0", func(y float64) bool { return y != 0 }),
		Everywhere: everywhere(1, "the denominator may be 0", lipschitzIf(nonzeroInterval)),
		Range:      func(k *Known) Interval { return k.In[0].mul(k.In[1].inverse()) },
		Eval:       vector2(f64.Div), Eval32: vector2(f32.Div),
		Code: kernel.CodeDiv,
		Exact: func(c *Call[*big.Rat]) {
			for i, y := range c.In[1] {
				if y.Sign() == 0 {
					c.Fail(i, FaultDivision)
					y = ratOne
				}
				c.Out[i] = new(big.Rat).Quo(c.In[0][i], y)
			}
		},
		Slopes: func(r *Rule) []Node {
			inv := Div(r.Const(1), r.In(1))
			return []Node{inv, Neg(Mul(r.Out(), inv))}
		},
		Sample: sample(2, nil, nonzero),
	})

	opPow = new(Op)
	_     = define(opPow, Op{
		Name: "pow", Doc: "x^p with a constant rational p; 0^0 = 1", MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: same,
		Attrs: AttrSpec{Names: "p", Min: 1, Max: 1},
		Class: Semialgebraic, Partial: true, Regular: regularPow, Everywhere: powEverywhere,
		Range: func(k *Known) Interval { return k.In[0].power(k.Attr[0]) },
		ClassAt: func(at Attr) Kind {
			if natural(at[0]) {
				return Affine
			}
			return Semialgebraic
		},
		Degree: func(deg []int, at Attr) int { return deg[0] * int(min(at[0].Float(), maxDegree+1)) },
		Eval:   powVector(f64), Eval32: powVector(f32),
		Scalar: func(at Attr, _ int) Scalar { return scalar1(powFunc(at[0]))(nil, 1) },
		Exact:  exactPow,
		Slopes: func(r *Rule) []Node {
			p := r.Attr()[0]
			switch p.Float() {
			case 0:
				return []Node{{}}
			case 1:
				return []Node{r.Const(1)}
			}
			q := Rational(new(big.Rat).Sub(p.Rat(), ratOne))
			return []Node{ScaleNumber(p, PowNumber(r.In(0), q))}
		},
		Sample: sample(1, Ints(3), dyadic),
	})

	opPower = new(Op)
	_       = define(opPower, Op{
		Name: "power", Doc: "x^y = exp(y·log x) for x > 0", MinArgs: 2, MaxArgs: 2, Elementwise: true, Shape: same,
		Class: DefinableExp, Partial: true, Regular: regular(0, "the base is not positive", func(x float64) bool { return x > 0 }),
		Everywhere: powerEverywhere, Local: DefinableAn, Range: powerRange,
		Eval: vector2(f64.Pow), Eval32: vector2(f32.Pow), Scalar: scalar2(kernel.Pow),
		Slopes: func(r *Rule) []Node {
			x, y := r.In(0), r.In(1)
			return []Node{Mul(y, Power(x, Sub(y, r.Const(1)))), Mul(r.Out(), Log(x))}
		},
		Sample: sample(2, nil, positive),
	})
)

func affine[T Real](k func(dst, x []T, a, b float64)) func(*Call[T]) {
	return func(c *Call[T]) { k(c.Out, c.In[0], c.Attr[0].Float(), c.Attr[1].Float()) }
}

// natural reports whether p is an integer of at least 0: then pow is a polynomial.
func natural(p Number) bool { return p.Rat().IsInt() && p.f >= 0 }

// MaxExactBits bounds the length of numerator and denominator in exact
// arithmetic: longer numbers are a fault rather than an endless computation.
const MaxExactBits = 1 << 16

// FaultLength is the reason of an exact number that is longer than that.
const FaultLength = "a number too long for exact arithmetic"

func powFunc(p Number) func(float64) float64 {
	switch p.f {
	case 1:
		return func(x float64) float64 { return x }
	case 2:
		return func(x float64) float64 { return x * x }
	case 3:
		return func(x float64) float64 { return x * x * x }
	}
	return func(x float64) float64 { return kernel.Pow(x, p.f) }
}

// powVector is pow along the kernels. Like other ops it rounds to float32 once.
func powVector[T Real](k kernel.Vectors[T]) func(*Call[T]) {
	return func(c *Call[T]) {
		x, p := c.In[0], c.Attr[0].Float()
		switch {
		case p == 1:
			copy(c.Out, x)
		case p == 2:
			k.Mul(c.Out, x, x)
		case p == 3 || float64(T(p)) != p: // the kernel takes exponents in T
			f := powFunc(c.Attr[0])
			for i, v := range x {
				c.Out[i] = T(f(float64(v)))
			}
		default:
			exponents := repeated(c, T(p))
			for at := 0; at < len(x); at += len(exponents) {
				k.Pow(c.Out[at:], x[at:], exponents)
			}
		}
	}
}

// repeated returns many times the same number, made once for a call.
func repeated[T Real](c *Call[T], v T) []T {
	if known, ok := c.memo.(*[256]T); ok {
		return known[:]
	}
	var many [256]T
	for i := range many {
		many[i] = v
	}
	c.memo = &many
	return many[:]
}

func exactPow(c *Call[*big.Rat]) {
	p := c.Attr[0]
	for i, x := range c.In[0] {
		switch {
		case !p.Rat().IsInt() || math.Abs(p.f)*float64(ratBits(x)) > MaxExactBits && !isUnit(x):
			c.Fail(i, FaultLength)
			c.Out[i] = ratZero
		case p.f < 0 && x.Sign() == 0:
			c.Fail(i, FaultDivision)
			c.Out[i] = ratZero
		case p.f < 0:
			c.Out[i] = ratPow(new(big.Rat).Inv(x), new(big.Int).Neg(p.Rat().Num()))
		default:
			c.Out[i] = ratPow(x, p.Rat().Num())
		}
	}
}

// ratBits is the length of the longer of numerator and denominator.
func ratBits(x *big.Rat) int { return max(x.Num().BitLen(), x.Denom().BitLen()) }

// isUnit reports whether powers of x stay short.
func isUnit(x *big.Rat) bool { return x.IsInt() && x.Num().BitLen() <= 1 }

func ratPow(x *big.Rat, e *big.Int) *big.Rat {
	num := new(big.Int).Exp(x.Num(), e, nil)
	return new(big.Rat).SetFrac(num, new(big.Int).Exp(x.Denom(), e, nil))
}

func regularPow(c *Call[float64]) string {
	p := c.Attr[0]
	if natural(p) {
		return ""
	}
	ok, why := func(x float64) bool { return x > 0 }, "the base of a fractional power is not positive"
	if p.Rat().IsInt() {
		ok, why = func(x float64) bool { return x != 0 }, "the base of a negative power is 0"
	}
	return regular(0, why, ok)(c)
}

// regular certifies an application if every entry of operand arg passes.
func regular(arg int, why string, ok func(float64) bool) func(*Call[float64]) string {
	return func(c *Call[float64]) string {
		for _, x := range c.In[arg] {
			if !ok(x) {
				return fmt.Sprintf("%s (here %v)", why, x+0) // −0 is 0
			}
		}
		return ""
	}
}
