package clarke

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// curved says which active switch is not certified piecewise affine near x by
// its own program, "" if all are. Smooth pieces may be anything.
func (a *Analyzer) curved(g *germ, x Point) (why string, err error) {
	seen := map[expr.Node]bool{}
	for _, b := range g.live {
		k := g.kink(b)
		if seen[k.Slot.Node] {
			continue
		}
		seen[k.Slot.Node] = true
		class, err := a.switchClass(k.Slot, x)
		if err != nil {
			return "", err
		}
		if class.Kind > expr.PiecewiseAffine || !class.Certified() {
			return fmt.Sprintf("the switch of %s is not piecewise affine near the point (it is %v), and the kinks do not satisfy LIKQ: more limiting gradients may exist", name(k), class.Kind), nil
		}
	}
	return "", nil
}

// switchClass returns the class of the germ of a switch at x. A switch that the
// rule of a piecewise affine op makes with selectors of its own, as |x| in
// norminf, is piecewise affine if the op's operands are.
func (a *Analyzer) switchClass(s *expr.Slot, x Point) (expr.Class, error) {
	roots := s.Keys()[:1]
	f, err := a.f.Graph().Func(expr.In(a.f.In()...), expr.Out(roots...))
	if err == nil && len(f.Slots()) > 0 && s.Owner.Op().Class <= expr.PiecewiseAffine {
		f, err = a.f.Graph().Func(expr.In(a.f.In()...), expr.Out(s.Owner.Args()...))
	}
	switch {
	case err != nil:
		return expr.Class{}, err
	case len(f.Slots()) > 0:
		return f.Class(), nil
	}
	return classAt(f, x)
}
