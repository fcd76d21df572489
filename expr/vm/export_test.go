package vm

import (
	"github.com/tamegrad/tamegrad/expr"
	simd "github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// CompileInBlocks is Compile with blocks of so many entries, at least 2, for long elementwise operations.
var CompileInBlocks = compileInBlocks

// Ops lists the ops of a program in the order in which they run; those of the tape are left out.
func Ops(p *Program) (out []string) {
	for _, in := range p.code {
		if in.op != nil {
			out = append(out, in.op.Name)
		}
		for _, m := range in.members {
			out = append(out, m.op.Name)
		}
	}
	return out
}

// NotElementwise lists the ops that end groups, or begin with a look at their operands.
func NotElementwise(p *Program) (out []string) {
	for _, in := range p.code {
		for _, m := range in.members {
			if m.ends || m.begins {
				out = append(out, m.op.Name)
			}
		}
	}
	return out
}

// Codes lists the codes of the tape.
func Codes(p *Program) (out []simd.Code) {
	for _, s := range p.tape {
		out = append(out, s.Variant.Code())
	}
	return out
}

// CompileOnTape is Compile for as many lanes at once as the tape runs.
func CompileOnTape(f *expr.Func, o Options) (*Program, error) {
	p, err := compile(f, o, int(o.Precision.wide()), blockEntries)
	if err != nil {
		return nil, err
	}
	return p.finished(), nil
}
