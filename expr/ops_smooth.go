package expr

import (
	"math"
	"strings"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// smooth is the record of a scalar function that is analytic on its domain.
func smooth(name, doc string, class Kind, f func(float64) float64, slope func(r *Rule) Node) Op {
	local := class
	if class > Semialgebraic {
		local = DefinableAn
	}
	return Op{
		Name: name, Doc: doc, MinArgs: 1, MaxArgs: 1, Elementwise: true, Shape: same, Class: class, Local: local,
		Eval: map1(f), Scalar: scalar1(f),
		Slopes: func(r *Rule) []Node { return []Node{slope(r)} },
		Sample: sample(1, nil, dyadic),
	}
}

// on restricts a record to arguments that pass; test tells for intervals.
func (op Op) on(why string, draw sampler, ok func(float64) bool, test func(Interval) Regularity) Op {
	op.Partial, op.Regular, op.Sample = true, regular(0, why, ok), sample(1, nil, draw)
	op.Everywhere = everywhere(0, strings.Replace(why, " is not ", " may not be ", 1), test)
	return op
}

// along gives a record kernels on slices, which have the bits of its scalar function.
func (op Op) along(k func(dst, x []float64), k32 func(dst, x []float32)) Op {
	op.Eval, op.Eval32 = vector1(k), vector1(k32)
	return op
}

// coded gives a record a code instead of a scalar kernel.
func (op Op) coded(c Code) Op {
	op.Code, op.Scalar = c, nil
	return op
}

// rising marks a record of an increasing function f with values in the open
// interval (lo, hi).
func (op Op) rising(f func(float64) float64, lo, hi float64) Op { return op.within(rising(f, lo, hi)) }

// within gives a record its range.
func (op Op) within(values func(*Known) Interval) Op {
	op.Range = values
	return op
}

var inf = math.Inf(1)

var (
	opExp = new(Op)
	_     = define(opExp, smooth("exp", "eˣ", DefinableExp, kernel.Exp, func(r *Rule) Node { return r.Out() }).
		along(f64.Exp, f32.Exp).
		rising(kernel.Exp, 0, inf))

	opLog = new(Op)
	_     = define(opLog, smooth("log", "natural logarithm", DefinableExp, kernel.Log,
		func(r *Rule) Node { return Div(r.Const(1), r.In(0)) }).
		along(f64.Log, f32.Log).
		on("the argument of log is not positive", positive, func(x float64) bool { return x > 0 }, lipschitzIf(Interval.Positive)).
		rising(kernel.Log, -inf, inf))

	opLog1p = new(Op)
	_       = define(opLog1p, smooth("log1p", "log(1 + x)", DefinableExp, kernel.Log1p,
		func(r *Rule) Node { return Div(r.Const(1), Shift(r.In(0), 1)) }).
		along(f64.Log1p, f32.Log1p).
		on("the argument of log1p is not above −1", positive, func(x float64) bool { return x > -1 },
			lipschitzIf(func(i Interval) bool { return i.Lo > -1 })).
		rising(kernel.Log1p, -inf, inf))

	opExpm1 = new(Op)
	_       = define(opExpm1, smooth("expm1", "eˣ − 1", DefinableExp, kernel.Expm1,
		func(r *Rule) Node { return Exp(r.In(0)) }).
		along(f64.Expm1, f32.Expm1).
		rising(kernel.Expm1, -1, inf))

	opSqrt = new(Op)
	_      = define(opSqrt, smooth("sqrt", "√x", Semialgebraic, math.Sqrt,
		func(r *Rule) Node { return Div(r.Const(0.5), r.Out()) }).
		along(f64.Sqrt, f32.Sqrt).
		on("the argument of sqrt is not positive, and sqrt is not Lipschitz at 0", positive, func(x float64) bool { return x > 0 }, rootRegularity).
		within(func(k *Known) Interval { return k.In[0].power(Num(0.5)) }))

	opSin = new(Op)
	_     = define(opSin, smooth("sin", "sine", NotDefinable, kernel.Sin,
		func(r *Rule) Node { return Cos(r.In(0)) }).
		along(f64.Sin, f32.Sin).within(fixedRange(-1, 1)))

	opCos = new(Op)
	_     = define(opCos, smooth("cos", "cosine", NotDefinable, kernel.Cos,
		func(r *Rule) Node { return Neg(Sin(r.In(0))) }).
		along(f64.Cos, f32.Cos).within(fixedRange(-1, 1)))

	opTanh = new(Op)
	_      = define(opTanh, smooth("tanh", "hyperbolic tangent", DefinableExp, kernel.Tanh,
		func(r *Rule) Node { return Sub(r.Const(1), Mul(r.Out(), r.Out())) }).
		along(f64.Tanh, f32.Tanh).rising(kernel.Tanh, -1, 1))

	opSigmoid = new(Op)
	_         = define(opSigmoid, smooth("sigmoid", "1/(1 + e⁻ˣ)", DefinableExp, kernel.Sigmoid,
		func(r *Rule) Node { return Mul(r.Out(), Sub(r.Const(1), r.Out())) }).
		along(f64.Sigmoid, f32.Sigmoid).rising(kernel.Sigmoid, 0, 1))

	opSoftplus = new(Op)
	_          = define(opSoftplus, smooth("softplus", "log(1 + eˣ)", DefinableExp, kernel.Softplus,
		func(r *Rule) Node { return Sigmoid(r.In(0)) }).
		along(f64.Softplus, f32.Softplus).rising(kernel.Softplus, 0, inf))

	opErf = new(Op)
	_     = define(opErf, smooth("erf", "2/√π ∫₀ˣ e^(−t²) dt", Pfaffian, kernel.Erf, func(r *Rule) Node {
		return Scale(2/math.Sqrt(math.Pi), Exp(Neg(Mul(r.In(0), r.In(0)))))
	}).
		along(f64.Erf, f32.Erf).rising(kernel.Erf, -1, 1))
)
