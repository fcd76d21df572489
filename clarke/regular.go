package clarke

import (
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// Refusal returns the reason why f is not certified to be definable and locally
// Lipschitz near x, or "" if it is: the first op that spoils it, such as a root
// of 0, a floor of an integer or a where whose switch is 0. Neither ∂f(x) nor the
// conservative field is given then. What is not differentiated counts as constant.
// See ad.ClassAt.
func Refusal(f *expr.Func, x Point) (string, error) {
	if err := x.Check(f); err != nil {
		return "", err
	}
	c, err := classAt(f, x)
	switch {
	case err != nil || c.Certified():
		return "", err
	case c.Refused() == "":
		return "the class of the program is " + c.String(), nil
	}
	return c.Refused(), nil
}

// classAt returns the class of the germ of f at x as a function of the inputs to
// differentiate.
func classAt(f *expr.Func, x Point) (expr.Class, error) {
	c, err := classOf(f, x)
	if err != nil || c.Certified() && c.Kind <= expr.PiecewiseAffine || len(f.Wrt()) == len(f.In()) {
		return c, err
	}
	g, y, err := fixed(f, x)
	if err != nil {
		return c, err
	}
	if d, err := classOf(g, y); err != nil || d.Certified() {
		return d, err
	}
	return c, nil // with reasons that name nodes of f
}

func classOf(f *expr.Func, x Point) (expr.Class, error) {
	if x.IsExact() {
		return ad.ClassAtExact(f, x.Exact())
	}
	return ad.ClassAt(f, x.Floats())
}

// fixed returns the program, in a graph of its own, in which all inputs that are
// not differentiated are constants, and the point without them.
func fixed(f *expr.Func, x Point) (*expr.Func, Point, error) {
	g, to := expr.NewGraph(), map[expr.Node]expr.Node{}
	var in []expr.Node
	var at Point
	for i, n := range f.In() {
		if dims := n.Shape().Dims(); slices.Contains(f.Wrt(), n) {
			to[n] = g.Input(n.String(), dims...)
			in, at = append(in, to[n]), append(at, x[i])
		} else {
			to[n] = g.Numbers(x[i].numbers(), dims...)
		}
	}
	h, err := g.Func(expr.In(in...), expr.Out(f.CopyTo(g, to)...))
	return h, at, err
}

// numbers returns the entries as constants of programs.
func (v Vector) numbers() []expr.Number {
	out := make([]expr.Number, len(v.Float))
	for i, x := range v.Float {
		if out[i] = expr.Num(x); v.Exact != nil {
			out[i] = expr.Rational(v.Exact[i])
		}
	}
	return out
}
