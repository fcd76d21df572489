package verify

import (
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/mixed"
	"github.com/tamegrad/tamegrad/expr"
)

// valuesOf runs the program up to a node, in rationals.
func (p *program) valuesOf(n expr.Node) ([]*big.Rat, error) {
	f, err := p.f.Graph().Func(expr.In(p.f.In()...), expr.Out(n))
	if err != nil {
		return nil, err
	}
	run, err := mixed.Compile(f)
	if err != nil {
		return nil, err
	}
	out, err := run.Run(p.x...)
	switch {
	case err != nil:
		return nil, err
	case out[0].Exact == nil:
		return nil, errFloatSwitches
	}
	return out[0].Exact, nil
}

// errFloatSwitches says that choices at kinks have no rational certificates.
var errFloatSwitches = errors.New("switches are decided in float64")

// curved says which of the switches is not piecewise affine near the point: then
// cells of directions need not be those of points near it. A switch whose row is 0
// under all choices does not matter: what its choice multiplies tends to 0.
func (r *recheck) curved(moving map[*expr.Slot]bool) (why string, err error) {
	for s := range moving {
		c, err := r.switchClass(s)
		if err != nil {
			return "", err
		}
		if c.Kind > expr.PiecewiseAffine || !c.Certified() {
			why = max(why, fmt.Sprintf("the switch of %s is %v", s, c.Kind)) // one of them, whatever the order
		}
	}
	return why, nil
}

// switchClass is the class of a switch. One that the rule of a piecewise affine op
// makes with choices of its own is piecewise affine if the operands of the op are.
func (r *recheck) switchClass(s *expr.Slot) (expr.Class, error) {
	g := r.p.f.Graph()
	f, err := g.Func(expr.In(r.p.f.In()...), expr.Out(s.Keys()[0]))
	if err == nil && len(f.Slots()) > 0 && s.Owner.Op().Class <= expr.PiecewiseAffine {
		f, err = g.Func(expr.In(r.p.f.In()...), expr.Out(s.Owner.Args()...))
	}
	if err != nil {
		return expr.Class{}, err
	}
	return r.classAt(f)
}

// independent checks that a set that is no polytope is conv D: the rows of all
// switches, for choices 0, are linearly independent, so that every combination of
// choices is made by an open cone of directions, also beside the point (LIKQ,
// Griewank and Walther 2016).
func (r *recheck) independent() (string, error) {
	if r.p.keys == nil {
		return "", faulty("clarke.vertices", "it is null although the program has no kinks")
	}
	kinks, err := r.p.keys.kinks(slices.Concat(r.p.x, r.p.unit(r.p.f.Wrt(), -1)))
	if err != nil {
		return "", err
	}
	tangents, err := r.p.tangents(r.p.keys.blank())
	if err != nil {
		return "", err
	}
	var rows [][]*big.Rat
	for i := range kinks {
		k := &kinks[i]
		members, err := r.p.membersOf(k)
		if err != nil {
			return "", err
		}
		slot := slices.Index(r.p.keySlots, k.Slot.Node)
		rows = append(rows, switching(k, func(a, b int) []*big.Rat { return rowOf(tangents, slot, members, [2]int{a, b}) })...)
	}
	if rank(rows) < len(rows) {
		return "", open("the rows of the switches are not independent; that the set is conv D has another reason")
	}
	return fmt.Sprintf("the %d rows of the switches are independent, so the set is conv D", len(rows)), nil
}

// switching lists the rows that decide at a kink.
func switching(k *ad.Kink, row func(a, b int) []*big.Rat) (rows [][]*big.Rat) {
	for i := range k.Tied() {
		switch {
		case k.Slot.Kind == expr.StepSlot || k.Slot.Kind == expr.DirectionSlot:
			rows = append(rows, row(i, -1))
		case i > 0:
			rows = append(rows, row(i, 0))
		}
	}
	return rows
}

// rank is the rank of a matrix, by elimination.
func rank(rows [][]*big.Rat) (n int) {
	rows = slices.Clone(rows)
	for column := 0; len(rows) > 0 && column < len(rows[0]); column++ {
		pivot := slices.IndexFunc(rows, func(r []*big.Rat) bool { return r[column].Sign() != 0 })
		if pivot < 0 {
			continue
		}
		n++
		top := rows[pivot]
		rows = slices.Delete(rows, pivot, pivot+1)
		for i, r := range rows {
			rows[i] = reduced(r, top, column)
		}
	}
	return n
}

// reduced returns r less the multiple of top that makes its column 0.
func reduced(r, top []*big.Rat, column int) []*big.Rat {
	factor := new(big.Rat).Quo(r[column], top[column])
	out := make([]*big.Rat, len(r))
	for j := range out {
		out[j] = new(big.Rat).Mul(factor, top[j])
		out[j].Sub(r[j], out[j])
	}
	return out
}
