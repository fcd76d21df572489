package conservative

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// explain finds the nodes to blame. Programs that cannot be compiled, or runs that
// fail, leave the list empty: the witness stands without it.
func (t *curveTester) explain(w *CurveWitness, s *site, g *gap) {
	nodes := t.dependent()
	adjoints, err := t.adjoints(nodes)
	if err != nil {
		return
	}
	in := slices.Concat(t.at(s.p), t.slotsFor(adjoints.f, g.worst.slots))
	if g.lowest == nil {
		w.Blame = blameNaN(nodes, adjoints, clarke.RationalPoint(in...).Floats())
		return
	}
	tangents, ok := t.tangentsOf(nodes, s.p, g.u)
	if !ok {
		return
	}
	if sent, err := t.run(adjoints, in...); err == nil {
		w.Blame = t.blame(nodes, sent, tangents)
	}
}

// blame compares what the nodes sent with what they should have.
func (t *curveTester) blame(nodes []expr.Node, sent [][]*big.Rat, tangents map[expr.Node][]*big.Rat) (out []NodeError) {
	faint := new(big.Rat)
	for _, v := range sent {
		faint.Add(faint, largestOf(v))
	}
	faint.Mul(faint, t.faint())
	for _, n := range nodes {
		off := new(big.Rat).Neg(ratDot(sent[0], tangents[n]))
		for k, a := range n.Args() {
			if of, moves := tangents[a]; moves {
				off.Add(off, ratDot(sent[1+k], of))
			}
		}
		sent = sent[1+len(n.Args()):]
		if new(big.Rat).Abs(off).Cmp(faint) > 0 {
			e, _ := off.Float64()
			out = append(out, NodeError{n, e})
		}
	}
	slices.SortStableFunc(out, func(a, b NodeError) int { return cmp.Compare(math.Abs(b.Error), math.Abs(a.Error)) })
	return out
}

// blameNaN lists the nodes that have a finite adjoint and send what is not finite.
func blameNaN(nodes []expr.Node, adjoints *twofold, in [][]float64) (out []NodeError) {
	sent := make([][]float64, len(adjoints.f.Out()))
	for i, n := range adjoints.f.Out() {
		sent[i] = make([]float64, n.Shape().Size())
	}
	if adjoints.float.Run(sent, in...) != nil {
		return nil
	}
	infinite := func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
	for _, n := range nodes {
		own, to := sent[0], slices.Concat(sent[1:1+len(n.Args())]...)
		sent = sent[1+len(n.Args()):]
		if !slices.ContainsFunc(own, infinite) && slices.ContainsFunc(to, infinite) {
			out = append(out, NodeError{n, math.NaN()})
		}
	}
	return out
}

// slotsFor orders the rule's slots as another program has them; those that the
// gradient does not need are 0.
func (t *curveTester) slotsFor(f *expr.Func, slots [][]*big.Rat) [][]*big.Rat {
	at := map[expr.Node][]*big.Rat{}
	for i, n := range t.open {
		at[n] = slots[i]
	}
	var out [][]*big.Rat
	for _, n := range f.Slots() {
		v, ok := at[n]
		if !ok {
			v = ratZeros(n.Shape().Size())
		}
		out = append(out, v)
	}
	return out
}

// faint is the relative size of an error that may be rounding.
func (t *curveTester) faint() *big.Rat {
	if t.exactly {
		return truncated
	}
	return ratOf(slopeTolerance)
}

// dependent lists the nodes of f that are computed from the inputs f.Wrt().
func (t *curveTester) dependent() []expr.Node {
	var out []expr.Node
	order := t.f.Order()
	for i, depends := range order.Depends(t.f.Wrt()) {
		if n := order.Node(i); depends && !n.IsInput() {
			out = append(out, n)
		}
	}
	return out
}

// adjoints compiles what the rule sends.
func (t *curveTester) adjoints(nodes []expr.Node) (*twofold, error) {
	a, err := t.rule.Rules.Adjoints(t.f, nodes...)
	if err != nil {
		return nil, err
	}
	if a, err = ad.Wire(a, t.rule.Wiring); err != nil {
		return nil, err
	}
	return compileTwofold(a)
}

// tangentsOf returns the tangents of nodes along u, as difference quotients of their
// values: those of the inputs f.Wrt() included.
func (t *curveTester) tangentsOf(nodes []expr.Node, p, u []*big.Rat) (map[expr.Node][]*big.Rat, bool) {
	all, err := t.f.Graph().Func(expr.In(t.f.In()...), expr.Out(nodes...))
	if err != nil {
		return nil, false
	}
	values, err := compileTwofold(all)
	if err != nil {
		return nil, false
	}
	h := ratPower(-stepBits)
	if !t.exactly {
		h = ratOf(roundedStep * t.o.Radius / 4)
	}
	ahead, err := t.run(values, t.at(t.round(ratPlus(p, h, u)))...)
	if err != nil {
		return nil, false
	}
	behind, err := t.run(values, t.at(t.round(ratPlus(p, new(big.Rat).Neg(h), u)))...)
	if err != nil {
		return nil, false
	}
	out := map[expr.Node][]*big.Rat{}
	over := new(big.Rat).Inv(h)
	over.Quo(over, big.NewRat(2, 1))
	for i, n := range nodes {
		difference := ratPlus(ahead[i], big.NewRat(-1, 1), behind[i])
		out[n] = ratPlus(ratZeros(len(difference)), over, difference)
	}
	for _, n := range t.f.Wrt() {
		size := n.Shape().Size()
		out[n], u = u[:size], u[size:]
	}
	return out, true
}
