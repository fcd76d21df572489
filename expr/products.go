package expr

import "github.com/tamegrad/tamegrad/expr/vm/kernel"

// products is what a call that multiplies matrices keeps: how it does, and the parts
// of large products.
type products[T Real] struct {
	parts   []partOf[T]
	c       *Call[T]
	a, b, r []T
	run     func(part int)
}

type partOf[T Real] struct {
	kernel.Part
	multiplier *kernel.Multiplier[T]
	scratch    []T // its own, if there are several
}

// multiply computes the products of a call of matrices a and b, with rows added
// unless they are nil.
func multiply[T Real](c *Call[T], product func(in []Shape, at Attr) kernel.Product, a, b, rows []T) {
	p, _ := c.memo.(*products[T])
	if p == nil {
		p = newProducts(c, product(c.Shapes, c.Attr))
		c.memo = p
	}
	if len(p.parts) == 1 {
		p.parts[0].multiplier.Multiply(c.Out, a, b, rows, c.Scratch)
		return
	}
	p.a, p.b, p.r = a, b, rows
	c.Team.Do(len(p.parts), p.run)
}

func newProducts[T Real](c *Call[T], whole kernel.Product) *products[T] {
	most := 1
	if c.Team != nil {
		most = c.Team.Size()
	}
	p := &products[T]{c: c}
	for _, part := range whole.Parts(most) {
		p.parts = append(p.parts, partOf[T]{Part: part, multiplier: kernel.NewMultiplier[T](part.Product)})
	}
	if len(p.parts) > 1 {
		for i := range p.parts {
			p.parts[i].scratch = make([]T, p.parts[i].Scratch())
		}
	}
	p.run = p.part
	return p
}

func (p *products[T]) part(i int) {
	q := &p.parts[i]
	rows := p.r
	if rows != nil {
		rows = rows[q.Bias:]
	}
	q.multiplier.Multiply(p.c.Out[q.C:], p.a[q.A:], p.b[q.B:], rows, q.scratch)
}
