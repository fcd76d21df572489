package ad

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Derivative is a rule of one's own for the derivative of an op, right or wrong:
// either Slopes, one for each operand of an elementwise op, or JVP and VJP, of
// which one may be missing if only the other mode is asked for. They build
// graphs, as those of the op's record do, see [expr.Op], and may use selectors:
// a slot whose key differs from that of the record's slot needs a name of its
// own.
type Derivative struct {
	Slopes func(r *expr.Rule) []expr.Node
	JVP    func(r *expr.Rule, dx []expr.Node) expr.Node
	VJP    func(r *expr.Rule, ct expr.Node) []expr.Node
}

// Rules say how ops are differentiated. The zero value is the records' own
// rules, those of Gradient, Backward and Forward.
type Rules struct{ own map[*expr.Op]Derivative }

// WithRule returns rules that differentiate every application of op by a rule of
// one's own, so that a framework's or a hand-written rule can be audited against
// the set that the record's slots span:
//
//	g, err := ad.WithRule(relu, ad.Derivative{Slopes: ones}).Gradient(f)
func WithRule(op *expr.Op, d Derivative) Rules { return Rules{}.WithRule(op, d) }

// WithRule returns these rules with one more op overridden.
func (r Rules) WithRule(op *expr.Op, d Derivative) Rules {
	own := map[*expr.Op]Derivative{op: d}
	for o, e := range r.own {
		if o != op {
			own[o] = e
		}
	}
	return Rules{own}
}

// RuleError says what is wrong with a rule given to WithRule.
type RuleError struct {
	Node expr.Node // the application that was to be differentiated
	Why  string
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("ad: the rule given for %v: %s", e.Node, e.Why)
}

// rules is one use of Rules.
type rules struct {
	own map[*expr.Op]Derivative
	err error // the first defect of a rule
}

// complain keeps the first defect.
func (r *rules) complain(n expr.Node, format string, a ...any) {
	if r.err == nil {
		r.err = &RuleError{n, fmt.Sprintf(format, a...)}
	}
}

// guard makes a panic of a rule a defect of it.
func (r *rules) guard(n expr.Node) {
	if p := recover(); p != nil {
		r.complain(n, "it panicked: %v", p)
	}
}

// ownForward is pushforward by a rule of one's own.
func (r *rules) ownForward(n expr.Node, d Derivative, dx []expr.Node) (dy expr.Node) {
	defer r.guard(n)
	switch {
	case d.Slopes != nil:
		return slopesForward(n, r.ownSlopes(n, d), dx)
	case d.JVP == nil:
		r.complain(n, "it has neither Slopes nor a JVP, which forward mode needs")
		return expr.Node{}
	}
	return r.fitting(n, d.JVP(expr.NewRule(n), dx), n, "the tangent")
}

// ownBackward is pullback by a rule of one's own.
func (r *rules) ownBackward(n expr.Node, d Derivative, ct expr.Node) (bar []expr.Node) {
	bar = make([]expr.Node, len(n.Args()))
	defer r.guard(n)
	switch {
	case d.Slopes != nil:
		return slopesBackward(n, r.ownSlopes(n, d), ct)
	case d.VJP == nil:
		r.complain(n, "it has neither Slopes nor a VJP, which backward mode needs")
		return bar
	}
	return r.each(n, d.VJP(expr.NewRule(n), ct), "the cotangent")
}

func (r *rules) ownSlopes(n expr.Node, d Derivative) []expr.Node {
	for _, a := range n.Args() {
		if a.Shape() != n.Shape() {
			r.complain(n, "Slopes are for elementwise ops; give JVP and VJP")
			return make([]expr.Node, len(n.Args()))
		}
	}
	return r.each(n, d.Slopes(expr.NewRule(n)), "the slope")
}

// each checks a list that has one node for every operand.
func (r *rules) each(n expr.Node, list []expr.Node, what string) []expr.Node {
	args := n.Args()
	if len(list) != len(args) {
		r.complain(n, "%d results for %d operands; an invalid Node stands for 0", len(list), len(args))
		return make([]expr.Node, len(args))
	}
	for i, d := range list {
		list[i] = r.fitting(n, d, args[i], fmt.Sprintf("%s of operand %d", what, i))
	}
	return list
}

// fitting returns d if it has the shape of the node that it belongs to, or a
// constant's.
func (r *rules) fitting(n, d, of expr.Node, what string) expr.Node {
	switch {
	case d == expr.Node{}:
		return d
	case !d.Valid():
		r.complain(n, "%s has failed: %v", what, n.Graph().Err())
	case d.Graph() != n.Graph():
		r.complain(n, "%s belongs to another graph; build it from the rule's operands", what)
	case d.Shape() == of.Shape():
		return d
	case d.Shape().Rank() == 0:
		return expr.BroadcastTo(d, of.Shape().Dims()...)
	default:
		r.complain(n, "%s has shape %v; it needs %v", what, d.Shape(), of.Shape())
	}
	return expr.Node{}
}
