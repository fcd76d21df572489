package optest

import (
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/expr"
)

// pick draws a node that passes; the zero Node if none does.
func (b *builder) pick(ok func(expr.Shape) bool) expr.Node {
	var fit []expr.Node
	for i := len(b.pool) - 1; i >= 0; i-- { // the newest first: deep programs
		if ok(b.pool[i].Shape()) {
			fit = append(fit, b.pool[i])
		}
	}
	if len(fit) == 0 {
		return expr.Node{}
	}
	return fit[b.below(len(fit))]
}

func (b *builder) any() expr.Node { return b.pick(func(expr.Shape) bool { return true }) }

// ranked draws a node with at least k axes, one made of a scalar if need be.
func (b *builder) ranked(k int) expr.Node {
	x := b.pick(func(s expr.Shape) bool { return s.Rank() >= k })
	if !x.Valid() {
		x = b.any()
		for x.Shape().Rank() < k {
			x = expr.Expand(x, 2)
		}
		b.know(x)
	}
	return x
}

// partner draws a second operand of the shape of x: a number, x itself, the
// current value of x as a constant, another node, or a scalar stretched.
func (b *builder) partner(x expr.Node) expr.Node {
	s := x.Shape()
	y := b.g.Const(dyadics.Draw(b.t, "constant"))
	switch b.below(5) {
	case 1:
		return x
	case 2:
		y = expr.Neg(b.shift(x, make([]float64, s.Size())).Args()[1])
	case 3:
		if z := b.pick(func(t expr.Shape) bool { return t == s }); z.Valid() {
			y = z
		}
	case 4:
		if z := b.pick(func(t expr.Shape) bool { return t.Rank() == 0 }); z.Valid() {
			y = z
		}
	}
	if y.Shape() != s {
		y = expr.BroadcastTo(y, s.Dims()...)
	}
	b.know(y)
	return y
}

// constant draws a constant tensor.
func (b *builder) constant(dims ...int) expr.Node {
	size := 1
	for _, d := range dims {
		size *= d
	}
	n := b.g.Tensor(Dyadics(b.t, size, "constant"), dims...)
	b.know(n)
	return n
}

// below draws an integer in [0, n).
func (b *builder) below(n int) int { return rapid.IntRange(0, n-1).Draw(b.t, "choice") }

// outputs returns the program's outputs: one or two of the last nodes, or one
// scalar to which every node that nothing uses contributes.
func (b *builder) outputs() []expr.Node {
	last := len(b.pool) - 1
	if b.cfg.Vector {
		out := []expr.Node{b.pool[last]}
		if b.below(2) == 1 {
			out = append(out, b.any())
		}
		return out
	}
	total := b.scalar(b.pool[last])
	for _, n := range b.pool[:last] {
		if !b.used[n] {
			total = expr.Add(total, b.scalar(n))
		}
	}
	return []expr.Node{total}
}

// scalar reduces x to one number.
func (b *builder) scalar(x expr.Node) expr.Node {
	if x.Shape().Rank() == 0 {
		return x
	}
	flat := x
	if x.Shape().Rank() > 1 {
		flat = expr.Reshape(x, x.Shape().Size())
	}
	reductions := []func(expr.Node) expr.Node{
		expr.Sum, func(x expr.Node) expr.Node { return expr.Max(x) }, expr.Norm1, expr.NormInf, expr.Median,
		func(x expr.Node) expr.Node { return expr.Dot(b.constant(x.Shape().Dim(0)), x) },
	}
	if b.cfg.Ops != nil || b.cfg.Class == expr.Affine {
		reductions = reductions[:1]
	}
	return reductions[b.below(len(reductions))](flat)
}
