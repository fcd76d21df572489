package expr

import (
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
				c.Out[b] = kernel.LogSumExp(c.row(0, b, n))
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
				kernel.Softmax(c.Out[b*n:(b+1)*n], c.row(0, b, n))
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

// exponentials counts a subtraction, an exponential and a sum or quotient for
// every entry of the operand.
func exponentials(in []Shape, _ Shape, _ Attr) int { return 3 * in[0].Size() }
