package optest

import "github.com/tamegrad/tamegrad/expr"

func slice(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(1)
	axis := 1 + b.below(x.Shape().Rank())
	n := x.Shape().Dim(-axis)
	lo := b.below(n)
	hi := lo + 1 + b.below(n-lo)
	return b.apply(op, expr.Ints(axis, lo, hi, 1+b.below(2)), x)
}

func index(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(1)
	axis := 1 + b.below(x.Shape().Rank())
	return b.apply(op, expr.Ints(axis, b.below(x.Shape().Dim(-axis))), x)
}

func gather(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(1)
	axis := 1 + b.below(x.Shape().Rank())
	return b.apply(op, append(expr.Ints(axis), b.positions(1+b.below(3), x.Shape().Dim(-axis))...), x)
}

func take(b *builder, op *expr.Op) expr.Node {
	x := b.any()
	k, m := b.below(x.Shape().Rank()+1), 1+b.below(3)
	at := expr.Ints(k, 1, m)
	return b.apply(op, append(at, b.positions(m, x.Shape().Trail(k).Size())...), x)
}

func assemble(b *builder, op *expr.Op) expr.Node {
	size := 2 + b.below(3)
	at := expr.Ints(1, size)
	var args []expr.Node
	for range 1 + b.below(3) {
		x := b.pick(func(s expr.Shape) bool { return s.Rank() <= 2 })
		if !x.Valid() {
			return x
		}
		args = append(args, x)
		at = append(at, expr.Num(float64(x.Shape().Rank())))
		at = append(at, b.positions(x.Shape().Size(), size)...)
	}
	return b.apply(op, at, args...)
}

// positions draws a list of positions below n.
func (b *builder) positions(count, n int) expr.Attr {
	var at expr.Attr
	for range count {
		at = append(at, expr.Num(float64(b.below(n))))
	}
	return at
}

// broadcast stretches extents of 1, and adds an axis half of the time.
func broadcast(b *builder, op *expr.Op) expr.Node {
	x := b.any()
	k := b.below(x.Shape().Rank() + 1)
	at := expr.Ints(k)
	if b.below(2) == 1 {
		at = append(at, expr.Num(2))
	}
	for _, d := range x.Shape().Trail(k).Dims() {
		if d == 1 {
			d = 1 + b.below(3)
		}
		at = append(at, expr.Num(float64(d)))
	}
	return b.apply(op, at, x)
}

func reshape(b *builder, op *expr.Op) expr.Node {
	x := b.any()
	k := b.below(x.Shape().Rank() + 1)
	tail := x.Shape().Trail(k)
	forms := [][]int{{tail.Size()}, {1, tail.Size()}, {tail.Size(), 1}}
	for d := 2; d < tail.Size(); d++ {
		if tail.Size()%d == 0 {
			forms = append(forms, []int{d, tail.Size() / d})
		}
	}
	return b.apply(op, append(expr.Ints(k), expr.Ints(forms[b.below(len(forms))]...)...), x)
}

func transpose(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(1)
	k := 1 + b.below(x.Shape().Rank())
	return b.apply(op, expr.Ints(b.rng().Perm(k)...), x)
}

func concat(b *builder, op *expr.Op) expr.Node {
	x := b.ranked(1)
	args := []expr.Node{x}
	for range b.below(3) {
		args = append(args, b.partner(x))
	}
	return b.apply(op, expr.Ints(1+b.below(x.Shape().Rank())), args...)
}
