package expr

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// logsumexp is a primitive because its stable spelling is not a program: with
// m = max x written as a node, log Σ e^(x−m) + m has the kinks of m in it,
// although the function is analytic. Here the maximum only rescales numbers
// inside Eval, and the program keeps the conservative field {softmax(x)}.

var (
	opLogSumExp = new(Op)
	_           = define(opLogSumExp, Op{
		Name: "logsumexp", Doc: "log Σ e^(xᵢ) over the last axis", MinArgs: 1, MaxArgs: 1,
		Shape: vector, Class: DefinableExp, Local: DefinableAn, Range: logSumExpRange, Flops: exponentials,
		Eval: func(c *Call[float64]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.Out {
				c.Out[b] = logSumExp(c.row(0, b, n))
			}
		},
		Weights: func(r *Rule) Node { return Softmax(r.In(0)) },
		Sample:  sampleRows(nil),
	})

	opSoftmax = new(Op)
	_         = define(opSoftmax, Op{
		Name: "softmax", Doc: "e^(xᵢ)/Σ e^(xⱼ) over the last axis", MinArgs: 1, MaxArgs: 1,
		Shape: func(in []Shape, _ Attr) (Shape, error) {
			_, err := vector(in, nil)
			return in[0], err
		},
		Class: DefinableExp, Local: DefinableAn, Range: softmaxRange, Flops: exponentials,
		Eval: func(c *Call[float64]) {
			n := c.Shapes[0].Dim(-1)
			for b := range c.rows(n) {
				softmax(c.Out[b*n:(b+1)*n], c.row(0, b, n))
			}
		},
		JVP:    func(r *Rule, dx []Node) Node { return softmaxDerivative(r, dx[0]) },
		VJP:    func(r *Rule, ct Node) []Node { return []Node{softmaxDerivative(r, ct)} },
		Sample: sampleRows(nil),
	})
)

// LogSumExp returns log Σ e^(xᵢ) over the last axis, without overflow.
func LogSumExp(x Node) Node { return opLogSumExp.Apply(nil, x) }

// Softmax returns e^(xᵢ)/Σ e^(xⱼ) over the last axis, without overflow: the
// gradient of LogSumExp.
func Softmax(x Node) Node { return opSoftmax.Apply(nil, x) }

// softmaxDerivative is y∘(v − ⟨y, v⟩): the Jacobian diag(y) − yyᵀ is symmetric,
// so it serves forward and backward mode.
func softmaxDerivative(r *Rule, v Node) Node {
	if !v.Valid() {
		return v
	}
	y := r.Out()
	return Mul(y, Sub(v, Expand(Dot(y, v), y.Shape().Dim(-1))))
}

// logSumExp factors the largest term out, so that nothing overflows and small
// terms keep their digits: m + log1p(Σ e^(xᵢ−m)) over the others.
func logSumExp(x []float64) float64 {
	at := argmax(x)
	m := x[at]
	if m != m || math.IsInf(m, 0) {
		return m
	}
	var a [8]float64
	for j, v := range x {
		if j != at {
			a[j&7] += kernel.Exp(v - m)
		}
	}
	return m + kernel.Log1p(pairwise(&a))
}

// softmax is NaN in all entries if one of x is NaN or +Inf, or all are −Inf.
func softmax(out, x []float64) {
	m := x[argmax(x)]
	for j, v := range x {
		out[j] = kernel.Exp(v - m)
	}
	s := sumFloat(out)
	for j := range out {
		out[j] /= s
	}
}

// argmax returns the first index of the largest entry, or of a NaN.
func argmax(x []float64) int {
	at := 0
	for j, v := range x {
		if v != v {
			return j
		}
		if v > x[at] {
			at = j
		}
	}
	return at
}

// exponentials counts a subtraction, an exponential and a sum or quotient for
// every entry of the operand.
func exponentials(in []Shape, _ Shape, _ Attr) int { return 3 * in[0].Size() }
