package optest

import (
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// Floats computes every node of f in float64, one after the other and each into
// memory of its own: an oracle for executors, which plan, reuse and share. The
// inputs are those of f, then its slots. The fault is the first one met.
func Floats(f *expr.Func, in ...[]float64) (map[expr.Node][]float64, expr.Fault) {
	return trace(f, in, func(op *expr.Op) func(*expr.Call[float64]) { return op.Eval })
}

// Noise bounds what rounding does to results of f: it is a few units in the last
// place of the largest finite number that a run meets, which slopes may multiply
// by a number of that size again.
func Noise(f *expr.Func, in ...[]float64) float64 {
	value, _ := Floats(f, in...)
	m := 1.0
	for _, x := range value {
		for _, v := range x {
			if finite(v) {
				m = max(m, math.Abs(v))
			}
		}
	}
	return 0x1p-46 * m * m
}

// Rounded is Floats with every value, that of inputs and constants included,
// rounded to float32 as soon as it is computed. Sums and products, which run in
// float32 throughout, are those of the ops themselves.
func Rounded(f *expr.Func, in ...[]float64) (map[expr.Node][]float64, expr.Fault) {
	short := make([][]float64, len(in))
	for i, x := range in {
		short[i] = widened(narrowed(x))
	}
	return trace(f, short, func(op *expr.Op) func(*expr.Call[float64]) {
		return func(c *expr.Call[float64]) {
			if inFloat32[op.Name] {
				copy(c.Out, widened(eval32(op, c)))
				return
			}
			op.Eval(c)
			copy(c.Out, widened(narrowed(c.Out)))
		}
	})
}

// inFloat32 are the ops of which each operation, not the result alone, is rounded.
var inFloat32 = map[string]bool{
	"sum": true, "mean": true, "dot": true, "matmul": true, "matvec": true,
	"conv2d": true, "conv2dimages": true, "conv2dkernel": true,
}

// eval32 runs an op's kernel for float32 on the operands of a call, rounded.
func eval32(op *expr.Op, c *expr.Call[float64]) []float32 {
	short := &expr.Call[float32]{
		Out: make([]float32, len(c.Out)), Shape: c.Shape, Shapes: c.Shapes, Attr: c.Attr,
		Index: c.Index, Work: c.Work, Scratch: make([]float32, len(c.Scratch)), Fault: c.Fault, Node: c.Node,
	}
	for _, x := range c.In {
		short.In = append(short.In, narrowed(x))
	}
	op.Eval32(short)
	return short.Out
}

func narrowed(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func widened(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// Rationals is Floats in exact arithmetic, for programs of ops that all have it.
func Rationals(f *expr.Func, in ...[]*big.Rat) (map[expr.Node][]*big.Rat, expr.Fault) {
	return trace(f, in, func(op *expr.Op) func(*expr.Call[*big.Rat]) { return op.Exact })
}

func trace[T any](f *expr.Func, in [][]T, kernel func(*expr.Op) func(*expr.Call[T])) (map[expr.Node][]T, expr.Fault) {
	value := map[expr.Node][]T{}
	for i, n := range append(f.In(), f.Slots()...) {
		value[n] = in[i]
	}
	var fault expr.Fault
	for _, n := range f.Nodes() {
		if !n.IsInput() {
			value[n] = apply(n, value, kernel(n.Op()), &fault)
		}
	}
	return value, fault
}

// apply computes one node from the values of its operands.
func apply[T any](n expr.Node, value map[expr.Node][]T, kernel func(*expr.Call[T]), fault *expr.Fault) []T {
	c := callOf[T](n, fault)
	for _, a := range n.Args() {
		c.In = append(c.In, value[a])
	}
	kernel(c)
	return c.Out
}

// callOf prepares one application of a node's op, its operands excepted.
func callOf[T any](n expr.Node, fault *expr.Fault) *expr.Call[T] {
	op := n.Op()
	c := &expr.Call[T]{
		Out: make([]T, n.Shape().Size()), Shape: n.Shape(), Attr: n.Attr(),
		Fault: fault, Node: n.ID(),
	}
	for _, a := range n.Args() {
		c.Shapes = append(c.Shapes, a.Shape())
	}
	if op.Index != nil {
		c.Index = op.Index(c.Shapes, c.Shape, c.Attr)
	}
	if op.Work != nil {
		c.Work = make([]int, op.Work(c.Shapes))
	}
	if op.Scratch != nil {
		c.Scratch = make([]T, op.Scratch(c.Shapes, c.Attr))
	}
	return c
}
