package vm

import "github.com/tamegrad/tamegrad/expr"

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

// Codes lists the codes of the tape.
func Codes(p *Program) (out []expr.Code) {
	for _, s := range p.tape {
		out = append(out, s.code)
	}
	return out
}
