package expr

import (
	"fmt"
	"math"
)

// application is one application of an op, to single entries of its operands
// or, with entry −1, to all of them.
type application struct {
	n     Node
	args  []fact
	entry int
	terms int
}

// apply returns the fact of an application.
func (a *analysis) apply(p *application) fact {
	if f, done := a.branch(p); done {
		return f
	}
	level, why := a.regularity(p)
	return a.combine(p, level, why)
}

// combine returns the fact of an op that is itself of the given regularity,
// with the reason if it is not locally Lipschitz.
func (a *analysis) combine(p *application, level Regularity, why string) fact {
	f := p.args[0]
	for _, g := range p.args[1:] {
		f = a.join(f, g)
	}
	k := a.opKind(p, level)
	if level < LocallyLipschitz {
		f.why = a.reasons.union(f.why, a.reasons.add(p.n, why))
	}
	f.in = a.interval(p)
	f.level = min(f.level, level)
	if !f.constant {
		p.classify(&f, k)
	}
	if f.kind == NotDefinable && k == NotDefinable {
		f.why = a.reasons.union(f.why, a.reasons.add(p.n, undefinable(p.n.Op())))
	}
	if a.germ() && f.level >= Continuous {
		f.settle(p.n.Op())
	}
	return f
}

// settle makes a fact about a germ that is continuous: it is bounded near the
// point, and constant if it takes finitely many values. Whatever its operands
// lack does not count then.
func (f *fact) settle(op *Op) {
	f.in.Bounded = true
	if op.Constant || f.kind == 0 && f.degree == 0 {
		*f = constantFact(f.in)
	}
}

func undefinable(op *Op) string {
	return fmt.Sprintf("%s of an argument that is not proved bounded is not definable in any o-minimal structure", op.Name)
}

// opKind returns the class of the op, restricted as far as its operands are.
func (a *analysis) opKind(p *application, level Regularity) Kind {
	op := p.n.Op()
	k := op.Class
	if op.ClassAt != nil {
		k = op.ClassAt(p.n.Attr())
	}
	switch {
	case op == opDiv && p.args[1].constant && level == LocallyLipschitz:
		return Affine // it scales the numerator
	case op.movesByFirst() && p.args[0].constant:
		return Affine // a fixed order, or fixed rows
	case op.Local != 0 && (a.germ() || !k.Within(DefinableAnExp)) && a.restricted(p, level):
		return op.Local
	}
	return k
}

// restricted reports whether the operands stay in a compact set on which the op
// is regular.
func (a *analysis) restricted(p *application, level Regularity) bool {
	inside := !p.n.Op().Partial || p.n.Op().Constant
	if !inside && (!a.germ() || level < LocallyLipschitz) {
		return false
	}
	for _, f := range p.args {
		if !f.in.Bounded || !inside && f.level < Continuous {
			return false
		}
	}
	return true
}

// classify gives the fact joined from the operands the class of the result,
// for an op of class k.
func (p *application) classify(f *fact, k Kind) {
	f.raise(k)
	if f.kind != 0 {
		f.degree, f.cut, f.pieces = 0, 0, false
		return
	}
	if k > Affine {
		f.pieces, f.cut = true, max(f.cut, f.degree)
	}
	if k > PiecewiseAffine { // polynomials of the op itself cut its pieces
		f.cut = max(f.cut, 2)
	}
	f.degree = p.degree()
	if f.degree > maxDegree {
		*f = fact{kind: Semialgebraic, level: f.level, why: f.why, in: f.in}
	}
}

func (p *application) degree() int {
	op := p.n.Op()
	deg, top := make([]int, len(p.args)), 0
	for i, f := range p.args {
		deg[i] = f.degree
		top = max(top, f.degree)
	}
	switch {
	case op.Constant:
		return 0
	case op.Degree != nil:
		return op.Degree(deg, p.n.Attr())
	}
	return top
}

// regularity returns what is certified about the op near its operands.
func (a *analysis) regularity(p *application) (Regularity, string) {
	op := p.n.Op()
	if !op.Partial {
		return LocallyLipschitz, ""
	}
	level, why := Unproved, fmt.Sprintf("%s is not continuous everywhere", op.Name)
	if op.Everywhere != nil {
		level, why = op.Everywhere(p.known())
	}
	if level == LocallyLipschitz {
		return level, ""
	}
	if c := a.call(p); c != nil {
		here := regularAt(op, c, p.entry)
		if here == "" || p.constant() && finite(c.Out) {
			return LocallyLipschitz, ""
		}
		return level, here
	}
	if p.constant() && (op.Constant || level == Continuous) {
		return LocallyLipschitz, ""
	}
	return level, why
}

// regularAt is Regular, which an operand that is not a number never passes.
func regularAt(op *Op, c *Call[float64], entry int) string {
	for i, x := range c.In {
		for _, v := range x {
			if v != v {
				return fmt.Sprintf("operand %d is not a number", i)
			}
		}
	}
	why := op.Regular(c)
	if why != "" && entry >= 0 && c.Shape.Size() > 1 {
		why += fmt.Sprintf(" at entry %d", entry)
	}
	return why
}

func finite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// constant reports whether all operands are constant.
func (p *application) constant() bool {
	for _, f := range p.args {
		if !f.constant {
			return false
		}
	}
	return true
}

func (p *application) known() *Known {
	k := &Known{Attr: p.n.Attr(), Terms: p.terms}
	for _, f := range p.args {
		k.In = append(k.In, f.in)
	}
	ids := p.n.ArgIDs()
	k.Same = len(ids) > 1
	for _, id := range ids {
		k.Same = k.Same && id == ids[0]
	}
	return k
}

// interval returns the range of an application. Continuous functions and those
// of finitely many affine pieces are bounded on bounded sets.
func (a *analysis) interval(p *application) Interval {
	op := p.n.Op()
	out := anything
	if op.Range != nil {
		out = op.Range(p.known())
	}
	bounded := !op.Partial || op.Constant || op.Class <= PiecewiseAffine
	for _, f := range p.args {
		bounded = bounded && f.in.Bounded
	}
	out.Bounded = out.Bounded || op.Bounded || bounded
	return out
}

// call returns the application on values at the point, nil if they are unknown.
// It asks for all of them even so: who supplies them learns what is needed.
func (a *analysis) call(p *application) *Call[float64] {
	n := p.n
	c := &Call[float64]{Shape: n.Shape(), Attr: n.Attr(), Fault: new(Fault), Node: n.ID()}
	known := true
	entry := func(m Node) []float64 {
		v := a.values(m)
		known = known && v != nil
		if p.entry >= 0 && v != nil {
			return v[p.entry : p.entry+1]
		}
		return v
	}
	c.Out = entry(n)
	for _, m := range n.Args() {
		c.In, c.Shapes = append(c.In, entry(m)), append(c.Shapes, m.Shape())
	}
	if !known {
		return nil
	}
	if n.Op().Work != nil {
		c.Work = make([]int, n.Op().Work(c.Shapes))
	}
	if n.Op().Scratch != nil {
		c.Scratch = make([]float64, n.Op().Scratch(c.Shapes, c.Attr))
	}
	return c
}
