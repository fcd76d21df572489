package ad

import "github.com/tamegrad/tamegrad/expr"

// HessianVector returns the program of a scalar f, its gradient and the product
// of its Hessian with a direction, wired by pieces: see WireByPieces, whose
// *PieceError it returns for other wirings. Inputs are those of f, then one
// direction for each input of f.Wrt(), named "dx" for x, then what the wiring
// brings in. Outputs are f, a gradient and then a product for each input of
// f.Wrt(), and two scalars that tell what the product means at the point:
//
//	active     entries of kinks that are active, and of where, sign and floor at a
//	           jump. If 0, f is smooth near the point and the product is exact.
//	unsettled  those of them that the directions of Along leave tied; for other
//	           wirings all.
//
// At an active kink the gradient is discontinuous in general, and f has no
// Hessian. Selectors have derivative 0 in their keys, so the gradient is that of
// the branch program: P_σ, in which every kink is replaced by the branch σ that
// its slot takes. P_σ is smooth, and the product is its Hessian's, symmetric
// therefore. P_σ is one of the finitely many smooth functions that f selects from,
// a selection in the sense of Bolte and Pauwels (A mathematical model for
// automatic differentiation in machine learning, NeurIPS 2020), but branches
// chosen kink by kink need not occur together: |x|·|x| with slots 1 and 0 at its
// two occurrences has the branch program −x², whose Hessian is −2 at 0 although f
// is x².
//
// If unsettled is 0 they do. Every active switch then moves off its tie along
// the directions d₁, d₂, … of Along at first order, and f coincides with P_σ on an
// open set that reaches to x along x + t(d₁ + εd₂ + …); so the product is that of a
// limit of Hessians at nearby points, an element of the generalised Hessian
// ∂_B ∇f(x). What tangents do not settle counts at second order: |x²| at 0 has
// unsettled 1, and the branch −x² may be taken.
//
// The norm of a vector has no second derivative at 0; the product is NaN or
// infinite there.
func HessianVector(f *expr.Func, w Wiring) (*expr.Func, error) {
	g, err := Gradient(f)
	if err != nil {
		return nil, err
	}
	open, err := Forward(g)
	if err != nil {
		return nil, err
	}
	products := open.Out()[len(g.Out())+1:] // the tangent of f itself is not asked for
	second, err := f.Graph().Func(expr.In(open.In()...), expr.Out(g.Out()...), expr.Out(products...))
	if err != nil {
		return nil, err
	}
	return flagged(f, second, w)
}

// Hessian is HessianVector for all directions: its outputs are f, a gradient for
// each input of f.Wrt(), the dense N × N matrix over all their entries in order,
// and the two flags. See Jacobian for the cost and the errors; V is that of the
// gradient.
func Hessian(f *expr.Func, w Wiring) (*expr.Func, error) {
	if err := differentiable(f); err != nil {
		return nil, err
	}
	g, err := Gradient(f)
	if err != nil {
		return nil, err
	}
	gradients, err := f.Graph().Func(expr.In(f.In()...), expr.Out(g.Out()[1:]...))
	if err != nil {
		return nil, err
	}
	j, err := JacobianForward(gradients)
	if err != nil {
		return nil, err
	}
	second, err := f.Graph().Func(expr.In(f.In()...), expr.Out(g.Out()...), expr.Out(j.Out()[len(gradients.Out())]))
	if err != nil {
		return nil, err
	}
	return flagged(f, second, w)
}

// flagged wires a second derivative of f by pieces and adds the two flags.
func flagged(f, second *expr.Func, w Wiring) (*expr.Func, error) {
	g := f.Graph()
	jumps := activeJumps(f)
	active, unsettled := jumps, jumps
	recorded := byPieces(w)
	choose := recorded.choose
	recorded.choose = func(s *expr.Slot, keys []expr.Node) (expr.Node, error) {
		further := 0 // keys that are no tangents settle nothing
		if w.extra != nil {
			further = len(w.extra(s))
		}
		active = append(active, expr.Sum(tiedEntries(s, keys[:1])))
		unsettled = append(unsettled, expr.Sum(tiedEntries(s, keys[:len(keys)-further])))
		return choose(s, keys)
	}
	wired, err := Wire(second, recorded)
	if err != nil {
		return nil, err
	}
	return closeFunc(wired, append(wired.Out(), sumOf(g, active), sumOf(g, unsettled)))
}

func sumOf(g *expr.Graph, terms []expr.Node) expr.Node {
	sum := g.Const(0)
	for i, t := range terms {
		if i == 0 {
			sum = t
			continue
		}
		sum = expr.Add(sum, t)
	}
	return sum
}

// tiedEntries returns 1 at the entries of a slot that count, else 0: the
// derivative of its selector with respect to it.
func tiedEntries(s *expr.Slot, keys []expr.Node) expr.Node {
	switch s.Kind {
	case expr.RankSlot:
		return tiedRank.Apply(expr.Ints(s.From, s.To), keys...)
	case expr.PermutationSlot:
		return tiedPermutation.Apply(expr.Ints(0), keys...)
	case expr.DirectionSlot:
		return tiedDirection.Apply(nil, keys...)
	}
	return expr.Tied(keys...)
}

var (
	tiedRank        = primitive("tiedrank")
	tiedPermutation = primitive("tiedpermutation")
	tiedDirection   = primitive("tieddirection")
)

// primitive returns an op of the language that has no building function.
func primitive(name string) *expr.Op {
	op, ok := expr.Lookup(name)
	if !ok {
		panic("ad: the language lacks " + name)
	}
	return op
}

// activeJumps counts the entries at which an op of f that is no kink changes its
// branch: its derivative says nothing about the other side.
func activeJumps(f *expr.Func) []expr.Node {
	var out []expr.Node
	moving := map[expr.Node]bool{} // depends on f.Wrt()
	for _, n := range f.Wrt() {
		moving[n] = true
	}
	for _, n := range f.Nodes() {
		args := n.Args()
		for _, a := range args {
			moving[n] = moving[n] || moving[a]
		}
		if len(args) == 0 || !moving[args[0]] {
			continue
		}
		switch n.Op().Name {
		case "where", "compare", "sign":
			out = append(out, expr.Sum(expr.Tied(args[0])))
		case "floor":
			out = append(out, expr.Sum(expr.Tied(expr.Sub(args[0], n))))
		}
	}
	return out
}
