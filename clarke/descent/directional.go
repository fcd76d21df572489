package descent

import (
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// DirectionalOracle is an Oracle that knows the gradients next to a kink. Without it nothing links the gradients
// on a segment in a kink to the change of f along the segment.
type DirectionalOracle interface {
	Oracle
	// EvaluateAlong returns f(x) and writes to gradient a g ∈ ∂f(x) with ⟨g, d⟩ = f′(x; d), the one-sided
	// derivative along d. Equal arguments give equal gradients. For NaN and errors it is as Evaluate.
	EvaluateAlong(x, d, gradient []float64) (float64, error)
}

// tieStream draws the second direction of EvaluateAlong, which is one and the same for all points.
const tieStream = 0x616c6f6e67

// EvaluateAlong implements DirectionalOracle: g is the gradient of the branch that the program takes when x
// moves along d and, where that leaves a kink open, a second direction in general position. It is the
// lexicographic derivative of the two (Nesterov 2005), hence ⟨g, d⟩ = f′(x; d), and a limit of gradients
// (Kakade and Lee 2018), up to the rounding of tangents. Neither need hold where the comparison of a Where
// is a tie, since that takes the branch at x. It is compiled at the first call.
func (p *Program) EvaluateAlong(x, d, gradient []float64) (float64, error) {
	if p.along == nil {
		if err := p.compileAlong(); err != nil {
			return 0, err
		}
	}
	n := len(p.sizes)
	for i, size := range p.sizes {
		x = x[copy(p.along.In(i), x[:size]):]
		d = d[copy(p.along.In(n+i), d[:size]):]
	}
	return p.run(p.along, gradient)
}

// compileAlong prepares EvaluateAlong: inputs are those of the program, then d, then the second direction.
func (p *Program) compileAlong() error {
	g, err := ad.Gradient(p.f)
	if err != nil {
		return err
	}
	directions := func(name string) (out []expr.Node) {
		for i, in := range p.f.In() {
			out = append(out, p.f.Graph().Data(fmt.Sprintf("%s %d", name, i), in.Shape().Dims()...))
		}
		return out
	}
	first, second := directions("direction"), directions("tie")
	w, err := ad.Wire(g, ad.Along(first, second))
	if err != nil {
		return err
	}
	f, err := p.f.Graph().Func(expr.In(g.In()...), expr.In(first...), expr.In(second...), expr.Out(w.Out()...))
	if err != nil {
		return err
	}
	program, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return err
	}
	p.along = program.NewWorkspace()
	rng := rand.New(rand.NewPCG(0, tieStream))
	for i := range p.sizes {
		random.Normals(p.along.In(2*len(p.sizes)+i), 1, rng)
	}
	return nil
}
