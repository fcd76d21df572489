package clarke

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// qualified reports whether the linear independence kink qualification is proved
// (LIKQ: A. Griewank, A. Walther, "First- and second-order optimality conditions
// for piecewise smooth objective functions", Optim. Methods Softw. 31, 2016): the
// rows of active Steps, the differences to one entry in each tie and all rows of
// the arguments of active Directions are jointly linearly independent. Other
// choices change the rows by multiples of earlier ones, so it does not matter for
// which they are taken; here all slots are 0.
//
// Every combination of choices then has an open cone of directions, also beside
// the point, so ∂f is the hull of all of them, conv D.
func (g *germ) qualified() bool {
	if !g.exact {
		return false
	}
	e := elimination{}
	for _, b := range g.live {
		for _, r := range g.switching(b) {
			if !e.independent(r) {
				return false
			}
		}
	}
	return true
}

// switching returns the rows that decide the choice at a block, for slots 0.
func (g *germ) switching(b int) (rows [][]*big.Rat) {
	lo, hi := g.lin.Members(b)
	kind := g.kink(b).Slot.Kind
	for i := lo; i < hi; i++ {
		r := Rational(g.lin.Switch[i].Exact)
		switch {
		case kind == expr.StepSlot || kind == expr.DirectionSlot:
			rows = append(rows, r.Exact)
		case i > lo:
			rows = append(rows, difference(r, Rational(g.lin.Switch[lo].Exact)).Exact)
		}
	}
	return rows
}

// elimination keeps rows in echelon form.
type elimination struct {
	rows  [][]*big.Rat // with a 1 at their pivots
	pivot []int
}

// independent adds a row and reports whether it does not depend on those before.
func (e *elimination) independent(r []*big.Rat) bool {
	rest := Rational(r).clone().Exact
	p := new(big.Rat)
	for i, row := range e.rows {
		c := new(big.Rat).Set(rest[e.pivot[i]])
		if c.Sign() == 0 {
			continue
		}
		for j, x := range row {
			rest[j].Sub(rest[j], p.Mul(c, x))
		}
	}
	for j, x := range rest {
		if x.Sign() != 0 {
			c := new(big.Rat).Inv(x)
			for k := range rest {
				rest[k].Mul(rest[k], c)
			}
			e.rows, e.pivot = append(e.rows, rest), append(e.pivot, j)
			return true
		}
	}
	return false
}
