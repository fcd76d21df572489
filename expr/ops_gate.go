package expr

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

var (
	opGate = new(Op)
	_      = define(opGate, Op{
		Name: "gate", Doc: "s·x, and 0 where s = 0 whatever x is", MinArgs: 2, MaxArgs: 2, Elementwise: true, Shape: same,
		Class: Affine, Degree: sumDegrees, Range: productRange,
		Eval: vector2(f64.Gate), Eval32: vector2(f32.Gate),
		Code:   kernel.CodeGate,
		OfStep: gateOfStep, Added: gateAdded,
		Exact: exact2((*big.Rat).Mul),
		JVP: func(r *Rule, dx []Node) Node {
			var out Node
			if dx[0].Valid() {
				out = Gate(dx[0], r.In(1))
			}
			if dx[1].Valid() {
				out = addTo(out, Gate(r.In(0), dx[1]))
			}
			return out
		},
		VJP: func(r *Rule, ct Node) []Node {
			return []Node{Gate(ct, r.In(1)), Gate(r.In(0), ct)}
		},
		Sample: sample(2, nil, dyadic),
	})

	opDirection = new(Op)
	_           = define(opDirection, directionRecord())

	opTiedDirection = new(Op)
	_               = define(opTiedDirection, tiedDirectionRecord())
)

// Direction is the selector of the Euclidean norm. Unlike the others it varies
// with its key: its derivative is (v − u⟨u, v⟩)/‖x‖, which is not defined at 0.
func directionRecord() Op {
	op := selector("direction", "the first non-zero key divided by its norm, the slot if all are 0", 1, direction, nil)
	op.Class, op.Range = Semialgebraic, chosenRange(-1, 1)
	op.Regular = directionRegular
	op.JVP = func(r *Rule, dx []Node) Node {
		last := len(dx) - 1
		var out Node
		if dx[0].Valid() {
			out = tangential(r, dx[0])
		}
		if dx[last].Valid() {
			out = addTo(out, Gate(opTiedDirection.Apply(nil, r.Args()[:last]...), dx[last]))
		}
		return out
	}
	op.VJP = func(r *Rule, ct Node) []Node {
		last := len(r.Args()) - 1
		out := make([]Node, last+1)
		out[0] = tangential(r, ct)
		out[last] = Gate(opTiedDirection.Apply(nil, r.Args()[:last]...), ct)
		return out
	}
	op.Sample = sampleShaped(nil, dyadic, []int{3}, []int{3})
	return op
}

func directionRegular(c *Call[float64]) string {
	n := c.Shape.Dim(-1)
	for b := range c.rows(n) {
		if isZero(c.row(0, b, n)) {
			return "a direction jumps at the zero vector"
		}
	}
	return ""
}

// tangential is (v − u⟨u, v⟩)/‖x‖, and 0 on rows where v is 0: a direction that nothing moves does not move, even at x = 0.
// It is linear in v there too, so that it can be differentiated with respect to slots on which v depends.
func tangential(r *Rule, v Node) Node {
	u, n := r.Out(), r.Out().Shape().Dim(-1)
	norm := Expand(Norm2(r.In(0)), n)
	w := Gate(v, Div(r.Const(1), norm))
	return Sub(w, Mul(Expand(Dot(u, w), n), u))
}

func tiedDirectionRecord() Op {
	op := selector("tieddirection", "1 on rows where all keys are the zero vector, else 0", 1, tiedDirection, nil)
	op.MinArgs, op.Constant, op.Range, op.Class = 1, true, fixedRange(0, 1), Semialgebraic
	op.Regular = directionRegular
	op.Sample = sampleShaped(nil, dyadic, []int{3})
	return op
}

func isZero(x []float64) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// firstVector returns the number of the first key whose row b is not zero, or
// keys if all are.
func firstVector(c *Call[float64], keys, b, n int) int {
	for k := range keys {
		row := c.row(k, b, n)
		for i, v := range row {
			if v != v {
				c.Fail(b*n+i, FaultNaN)
				return k
			}
		}
		if !isZero(row) {
			return k
		}
	}
	return keys
}

func direction(c *Call[float64]) {
	n, m := c.Shape.Dim(-1), len(c.In)-1
	for b := range c.rows(n) {
		k := firstVector(c, m, b, n)
		out, x := c.Out[b*n:(b+1)*n], c.row(k, b, n)
		if k == m {
			copy(out, x)
			continue
		}
		norm := kernel.Norm(x)
		for i, v := range x {
			out[i] = v / norm
		}
	}
}

func tiedDirection(c *Call[float64]) {
	n := c.Shape.Dim(-1)
	for b := range c.rows(n) {
		v := 0.0
		if firstVector(c, len(c.In), b, n) == len(c.In) {
			v = 1
		}
		for i := range n {
			c.Out[b*n+i] = v
		}
	}
}
