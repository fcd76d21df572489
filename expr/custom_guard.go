package expr

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// guarded returns the record with every function wrapped, so that whatever a
// user's code does, the invariants of graphs and runs hold.
func (op Op) guarded() Op {
	op.Shape = guardShape(op.Shape)
	op.Eval = guardRun("Eval", op.Eval, math.NaN(), nil)
	op.Eval32 = guardRun("Eval32", op.Eval32, float32(math.NaN()), nil)
	op.Exact = guardRun("Exact", op.Exact, ratZero, hasNoValue)
	op.guardDerivatives()
	op.guardAnalysis()
	return op
}

func panicked(what any) error { return fmt.Errorf("it panicked: %v", what) }

func guardShape(f func([]Shape, Attr) (Shape, error)) func([]Shape, Attr) (Shape, error) {
	return func(in []Shape, at Attr) (s Shape, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = panicked(p)
			}
		}()
		return f(in, at)
	}
}

func hasNoValue(v *big.Rat) bool { return v == nil }

// guardRun makes a panic a fault of the run, with a blank result, and likewise
// entries that are missing, if there is such a thing. It allocates nothing.
func guardRun[T any](rule string, f func(*Call[T]), blank T, missing func(T) bool) func(*Call[T]) {
	if f == nil {
		return nil
	}
	return func(c *Call[T]) {
		defer func() {
			if p := recover(); p != nil {
				c.void(blank, fmt.Sprintf("a panic (%v) of %s", p, rule))
			}
		}()
		f(c)
		if missing != nil && slices.ContainsFunc(c.Out, missing) {
			c.void(blank, "an entry without a value from "+rule)
		}
	}
}

// void blanks the result of a call that failed.
func (c *Call[T]) void(blank T, why string) {
	for i := range c.Out {
		c.Out[i] = blank
	}
	c.Fail(0, why)
}

// guardDerivatives makes mistakes of derivatives those of the graph.
func (op *Op) guardDerivatives() {
	if f := op.Slopes; f != nil {
		op.Slopes = func(r *Rule) []Node {
			return r.guard("Slopes", shapesOfNodes(r.Args()), true, func() []Node { return f(r) })
		}
	}
	if f := op.Weights; f != nil {
		op.Weights = func(r *Rule) Node {
			return r.guard("Weights", shapesOfNodes(r.Args()[:1]), true, func() []Node { return []Node{f(r)} })[0]
		}
	}
	if f := op.Transpose; f != nil {
		op.Transpose = func(r *Rule, ct Node) []Node {
			return r.guard("Transpose", shapesOfNodes(r.Args()), false, func() []Node { return f(r, ct) })
		}
	}
	if f := op.JVP; f != nil {
		op.JVP = func(r *Rule, dx []Node) Node {
			return r.guard("JVP", []Shape{r.Out().Shape()}, false, func() []Node { return []Node{f(r, r.tangents(dx))} })[0]
		}
	}
	if f := op.VJP; f != nil {
		op.VJP = func(r *Rule, ct Node) []Node {
			return r.guard("VJP", shapesOfNodes(r.Args()), false, func() []Node { return f(r, ct) })
		}
	}
}

// tangents puts zeros in the place of missing tangents: the zero Node would be
// a mistake wherever a user's rule applies an op to it.
func (r *Rule) tangents(dx []Node) []Node {
	out := make([]Node, len(dx))
	for i, d := range dx {
		if out[i] = d; !d.Valid() {
			out[i] = stretch(r.Const(0), r.In(i).Shape())
		}
	}
	return out
}

// guard runs a derivative. What it returns must have the given shapes or, for
// slopes and weights, broadcast to them; the zero Node is a structural zero.
func (r *Rule) guard(rule string, want []Shape, broadcasts bool, f func() []Node) (out []Node) {
	fail := func(err error) []Node {
		r.node.g.fail(r.node.Op().Name, r.Args(), fmt.Errorf("%s: %w", rule, err))
		return make([]Node, len(want))
	}
	defer func() {
		if p := recover(); p != nil {
			out = fail(panicked(p))
		}
	}()
	got := f()
	if len(got) != len(want) {
		return fail(fmt.Errorf("it returned %d nodes; return %d", len(got), len(want)))
	}
	for i, n := range got {
		if err := r.fits(n, want[i], broadcasts); err != nil {
			return fail(fmt.Errorf("result %d: %w", i, err))
		}
	}
	return got
}

func (r *Rule) fits(n Node, want Shape, broadcasts bool) error {
	switch {
	case n == Node{}:
		return nil
	case n.g != r.node.g:
		return errors.New("it belongs to another graph; build it from the operands of the rule")
	case n.id < 0:
		return errFailed // the graph keeps the mistake that came first
	}
	s := n.Shape()
	if b, err := Broadcast(s, want); s == want || broadcasts && err == nil && b == want {
		return nil
	}
	return fmt.Errorf("its shape is %v; it must be %v", s, want)
}

// orElse ends a panic: the result is then v.
func orElse[T any](out *T, v T) {
	if p := recover(); p != nil {
		*out = v
	}
}

// guardAnalysis makes nothing known what cannot be told.
func (op *Op) guardAnalysis() {
	if f := op.ClassAt; f != nil {
		op.ClassAt = func(at Attr) (k Kind) {
			defer orElse(&k, NotDefinable)
			if k = f(at); k <= Undeclared || k > NotDefinable {
				k = NotDefinable
			}
			return k
		}
	}
	if f := op.Degree; f != nil {
		op.Degree = func(deg []int, at Attr) (d int) {
			defer orElse(&d, maxDegree+1)
			return f(deg, at)
		}
	}
	if f := op.Range; f != nil {
		op.Range = func(k *Known) (i Interval) {
			defer orElse(&i, anything)
			if i = f(k); !(i.Lo <= i.Hi) {
				i = anything
			}
			return i
		}
	}
	op.guardCertificates()
	op.guardSizes()
}

func (op *Op) guardCertificates() {
	if f := op.Regular; f != nil {
		op.Regular = func(c *Call[float64]) (why string) {
			defer orElse(&why, "Regular of "+op.Name+" panicked")
			return f(c)
		}
	}
	if f := op.Everywhere; f != nil {
		op.Everywhere = func(k *Known) (r Regularity, why string) {
			why = "Everywhere of " + op.Name + " panicked"
			defer orElse(&r, Unproved)
			return f(k)
		}
	}
}

// guardSizes: an Eval without the table or the scratch that it needs panics,
// which is dealt with there.
func (op *Op) guardSizes() {
	if f := op.Work; f != nil {
		op.Work = func(in []Shape) (n int) {
			defer orElse(&n, 0)
			return max(f(in), 0)
		}
	}
	if f := op.Scratch; f != nil {
		op.Scratch = func(in []Shape, at Attr) (n int) {
			defer orElse(&n, 0)
			return max(f(in, at), 0)
		}
	}
	if f := op.Index; f != nil {
		op.Index = func(in []Shape, out Shape, at Attr) (t []int32) {
			defer orElse(&t, nil)
			return f(in, out, at)
		}
	}
	if f := op.Flops; f != nil {
		op.Flops = func(in []Shape, out Shape, at Attr) (n int) {
			defer orElse(&n, 0)
			return max(f(in, out, at), 0)
		}
	}
}
