package ad

import "github.com/tamegrad/tamegrad/expr"

// Locked is a program whose kinks are locked. It is written by absolute values of s switches z, as in
// AbsNormal, and each |zᵢ| is replaced by the product τᵢ·zᵢ of the switch and a number that is an input:
//
//	P(x, τ) and zᵢ(x, τ₁, …, τᵢ₋₁)    smooth in x and τ
//
// With τᵢ = sign zᵢ for all i it is the program; with all τᵢ in {−1, 1} one of its branch programs, on
// both sides of every kink that has such a form. Orders of up to 16 entries (sort, median, top k) are written by
// networks of maxima. Norms, longer orders and jumps have none and stay as they are, with the slots of their
// derivatives open: the program is smooth where they are. At a point where the switches of some kinks are 0 the value does not
// depend on their τ, and the gradient in x for τᵢ in [−1, 1] is the element of the conservative field for
// the slot (1 + τᵢ)/2 of a kink that is written by zᵢ.
type Locked struct {
	// Func has the inputs of the program, then those of τ. Its outputs are those of the program,
	// then z as one vector.
	Func *expr.Func
	// Switches computes z from the inputs of the program, under the branches taken there. It is nil
	// if there are none.
	Switches *expr.Func
	// Names are those of the switches: see AbsForm. Those of networks are like sort#3.P[2,0], which compares
	// positions 0 and 1 in the pass that settles position 2.
	Names []string
}

// Lock returns the locked program of f. Kinks that do not depend on f.Wrt() stay as they are, too.
func Lock(f *expr.Func) (*Locked, error) {
	if err := differentiable(f); err != nil {
		return nil, err
	}
	r := newAbsRewriter(f)
	r.absolute = func(tau, z expr.Node) expr.Node { return expr.Mul(tau, z) }
	r.partial = true
	if err := r.write(); err != nil {
		return nil, err
	}
	g := f.Graph()
	if len(r.symbols) == 0 {
		return &Locked{Func: f}, nil
	}
	var out []expr.Node
	for _, y := range f.Out() {
		out = append(out, r.twin(y).symbolic)
	}
	l := &Locked{Names: r.names}
	var err error
	if l.Func, err = g.Func(expr.In(f.In()...), expr.In(r.symbols...), expr.Out(append(out, flatten(r.switches))...)); err != nil {
		return nil, err
	}
	l.Switches, err = g.Func(expr.In(f.In()...), expr.Out(flatten(r.actual)))
	return l, err
}
