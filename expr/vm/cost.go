package vm

// Cost counts what one run of a program does.
type Cost struct {
	// Operations counts 1 for every scalar that an arithmetic or kink operation
	// produces and 1 for every entry that a structural operation moves. Equal
	// operations count once; constants and reshapes count nothing.
	Operations int
	// Instructions is the number of primitives applied.
	Instructions int
	// Bytes is the size of the arena.
	Bytes int
}

// Cost returns the counts of one run over all lanes.
func (p *Program) Cost() Cost { return p.cost }

func (p *Program) count() Cost {
	c := Cost{Instructions: len(p.code) - p.static, Bytes: 8 * p.arena}
	for i := range p.code[p.static:] {
		in := &p.code[p.static+i]
		switch {
		case in.op.View:
		case in.op.Flops != nil:
			c.Operations += in.op.Flops(in.in0, in.shape, in.attr)
		default:
			c.Operations += in.shape.Size()
		}
	}
	return c
}
