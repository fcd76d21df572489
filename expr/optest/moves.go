package optest

import (
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// move applies an op to nodes of the pool; an invalid node means that it found
// no operands that fit.
type move func(b *builder, op *expr.Op) expr.Node

// moves holds the ops whose operands or attributes are worth drawing; the others
// have moves in common.
var moves = map[string]move{
	"topk": rowWithCount, "topksum": rowWithCount,
	"sum": reduce, "mean": reduce,
	"matvec": matvec, "matmul": matmul, "outer": outer, "permute": permuted, "unpermute": permuted,
	"conv2d": convolved, "conv2dimages": convolved, "conv2dkernel": convolved,
	"slice": slice, "index": index, "gather": gather, "take": take, "assemble": assemble,
	"gatherrows": indexedRows, "scatterrows": indexedRows,
	"broadcast": broadcast, "reshape": reshape, "transpose": transpose, "concat": concat,
}

// moveOf returns the move that draws an op; nil if programs do not contain it.
func moveOf(op *expr.Op) move {
	switch {
	case moves[op.Name] != nil:
		return moves[op.Name]
	case op.MinArgs == 0:
		return nil
	case op.Elementwise:
		return elementwise
	case op.MaxArgs == 1 && op.Attrs.Max == 0:
		return row
	}
	return likeSample
}

// likeSample gives the operands the shapes of the op's own sampler.
func likeSample(b *builder, op *expr.Op) expr.Node {
	e := op.Sample(b.rng())
	args := make([]expr.Node, len(e.Shapes))
	for i, s := range e.Shapes {
		x := b.any()
		at := append(expr.Ints(x.Shape().Rank(), s.Rank()), expr.Ints(s.Dims()...)...)
		for j := range s.Size() {
			at = append(at, expr.Num(float64(j%x.Shape().Size())))
		}
		op, _ := expr.Lookup("take")
		args[i] = op.Apply(at, x)
		if !b.know(args[i]) {
			return expr.Node{}
		}
	}
	return b.apply(op, e.Attr, args...)
}

// convolved is a convolution whose images become rows, so that axes are left for
// directions.
func convolved(b *builder, op *expr.Op) expr.Node {
	y := likeSample(b, op)
	if !y.Valid() {
		return y
	}
	s := y.Shape()
	return expr.Reshape(y, s.Dim(0), s.Size()/s.Dim(0))
}

// drawn lists the ops that a config admits, except for what depends on operands.
func drawn(cfg Config) []*expr.Op {
	var out []*expr.Op
	for _, op := range expr.Ops() {
		wanted := cfg.Ops == nil || slices.Contains(cfg.Ops, op.Name)
		if moveOf(op) != nil && wanted && (op.Class <= cfg.Class || op.ClassAt != nil) {
			out = append(out, op)
		}
	}
	return out
}

func elementwise(b *builder, op *expr.Op) expr.Node {
	x := b.any()
	if op.Name == "dot" {
		x = b.ranked(1)
	}
	count := max(op.MinArgs, 1)
	if op.MaxArgs < 0 {
		count += b.below(3)
	}
	args := []expr.Node{x}
	for len(args) < count {
		args = append(args, b.partner(x))
	}
	if k := b.below(count); k > 0 {
		args[0], args[k] = args[k], args[0]
	}
	return b.apply(op, op.Sample(b.rng()).Attr, args...)
}

func row(b *builder, op *expr.Op) expr.Node { return b.apply(op, nil, b.ranked(1)) }

func rowWithCount(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(1)
	return b.apply(op, expr.Ints(1+b.below(x.Shape().Dim(-1))), x)
}

// reduce sums k trailing axes, some of them kept with extent 1.
func reduce(b *builder, op *expr.Op) expr.Node {
	x := b.any()
	s := x.Shape()
	k := b.below(s.Rank() + 1)
	at := expr.Ints(k)
	if k > 0 && b.below(2) == 1 {
		keep := b.below(k)
		for i, d := range s.Trail(k).Dims() {
			if i != keep {
				d = 1
			}
			at = append(at, expr.Num(float64(d)))
		}
	}
	return b.apply(op, at, x)
}

func matvec(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(1)
	n, flip := x.Shape().Dim(-1), b.below(2)
	w := b.pick(func(s expr.Shape) bool { return s.Rank() >= 2 && s.Dim(-1-flip) == n })
	if !w.Valid() || b.below(2) == 0 {
		dims := []int{2, n}
		if flip == 1 {
			dims = []int{n, 2}
		}
		w = b.constant(dims...)
	}
	return b.apply(op, expr.Ints(flip), w, x)
}

func matmul(b *builder, op *expr.Op) expr.Node {
	x, ta, tb := b.ranked(2), b.below(2), b.below(2)
	k := x.Shape().Dim(-1 - ta)
	fits := func(s expr.Shape) bool { return s.Rank() >= 2 && s.Dim(-2+tb) == k }
	y := b.pick(fits)
	if !y.Valid() || b.below(2) == 0 {
		dims := []int{k, 2}
		if tb == 1 {
			dims = []int{2, k}
		}
		y = b.constant(dims...)
	}
	if b.below(2) == 1 { // the operands change places, and so do the flags: xy = (yᵀxᵀ)ᵀ
		return b.apply(op, expr.Ints(1-tb, 1-ta), y, x)
	}
	return b.apply(op, expr.Ints(ta, tb), x, y)
}

func outer(b *builder, op *expr.Op) expr.Node { return b.apply(op, nil, b.ranked(1), b.ranked(1)) }

// permuted applies a constant permutation.
func permuted(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(1)
	n := x.Shape().Dim(-1)
	order := make([]float64, 2*n)
	for i, p := range b.rng().Perm(n) {
		order[i], order[n+i] = float64(p), float64(i)
	}
	p := b.g.Tensor(order, 2, n)
	b.know(p)
	return op.Apply(nil, p, x)
}

// indexedRows gathers or scatters rows by constant indices.
func indexedRows(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(2)
	n := x.Shape().Dim(-2)
	var at expr.Attr
	count := 1 + b.below(3)
	if op.Attrs.Min > 0 { // it scatters all rows
		at, count = expr.Ints(n), n
	}
	list := make([]float64, count)
	for i := range list {
		list[i] = float64(b.below(n))
	}
	i := b.g.Tensor(list, count)
	b.know(i)
	if s, err := op.Shape([]expr.Shape{i.Shape(), x.Shape()}, at); err != nil || s.Size() > maxEntries {
		return expr.Node{}
	}
	return op.Apply(at, i, x)
}
