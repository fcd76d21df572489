package clarke

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// qualified reports whether the linear independence kink qualification is proved
// (LIKQ: A. Griewank, A. Walther, "First- and second-order optimality conditions
// for piecewise smooth objective functions", Optim. Methods Softw. 31, 2016): the
// rows of active Steps, the differences to one entry in each tie and all rows of
// the arguments of active Directions are jointly linearly independent. They are
// taken under one choice at each block; other choices change later rows by
// multiples of earlier ones, so it does not matter which.
//
// Every combination of choices then has an open cone of directions, also beside
// the point, so ∂f is the hull of all of them, conv D.
func (g *germ) qualified() bool {
	if !g.exact {
		return false
	}
	e, v := elimination{}, g.start()
	for _, b := range g.live {
		rows := g.members(b, v)
		for _, r := range g.switching(b, rows) {
			if !e.independent(r.Exact) {
				return false
			}
		}
		g.anyhow(b, rows, v)
	}
	return true
}

// switching returns the rows that decide the choice at a block.
func (g *germ) switching(b int, rows []Vector) (out []Vector) {
	switch g.kink(b).Slot.Kind {
	case expr.StepSlot, expr.DirectionSlot:
		return rows
	}
	for _, r := range rows[1:] {
		out = append(out, difference(r, rows[0]))
	}
	return out
}

// anyhow makes the choice that lets members pass in their order: a Step and a
// Direction let nothing pass. It has to be a choice of the slot's set, or the
// differences from another would not be multiples of the switching rows.
func (g *germ) anyhow(b int, rows []Vector, v passing) {
	from, _ := g.lin.Throughs(b)
	switch k := g.kink(b); k.Slot.Kind {
	case expr.RankSlot:
		for _, r := range rows[:k.Count] {
			v[from] = plus(v[from], r)
		}
	case expr.PermutationSlot:
		copy(v[from:], rows)
	}
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
