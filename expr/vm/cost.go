package vm

import simd "github.com/tamegrad/tamegrad/expr/vm/kernel"

// Cost counts what one run of a program does.
type Cost struct {
	// Operations counts 1 for every scalar that an arithmetic or kink operation
	// produces and 1 for every entry that a structural operation moves. Equal
	// operations count once, but for those of long values that are computed again
	// where they are read; constants and reshapes count nothing.
	Operations int
	// Instructions is the number of primitives applied.
	Instructions int
	// Bytes is the memory of a workspace with one worker, the inputs and
	// outputs of further blocks of lanes excepted.
	Bytes int
}

// Cost returns the counts of one run over all lanes.
func (p *Program) Cost() Cost { return p.cost() }

func (p *Program) count() Cost {
	c := Cost{Bytes: p.options.Precision.bytes() * p.base[regions]}
	laned := 0
	for i := range p.code {
		in := &p.code[i]
		operations := 0
		switch {
		case in.group > 0:
			for k := range in.members {
				operations += in.members[k].operations()
			}
			c.Instructions += len(in.members)
		case in.op == nil:
			for k := range p.tape[in.lo:in.hi] {
				operations += p.operationsOf(&p.tape[in.lo+k])
			}
			c.Instructions += in.hi - in.lo
		default:
			operations = in.operations()
			c.Instructions++
		}
		if i < p.common {
			c.Operations += operations
		} else {
			laned += operations
		}
	}
	if p.block > 0 {
		laned = laned / p.block * p.options.Lanes
	}
	c.Operations += laned
	return c
}

// operations counts those of one op.
func (in *instruction) operations() int {
	if in.op.Flops != nil {
		return in.op.Flops(in.shapes, in.shape, in.attr)
	}
	return in.shape.Size()
}

// operationsOf counts those of an entry of the tape.
func (p *Program) operationsOf(s *simd.Entry) int {
	switch code := s.Variant.Code(); {
	case code.GatesStep():
		if p.pairs[s.Extra] == [2]float64{1, 0} {
			return 2
		}
		return 3
	case code == simd.CodeGateAdd:
		return 2
	}
	return 1
}
