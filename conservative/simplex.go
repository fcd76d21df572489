package conservative

import (
	"context"
	"math/big"
)

// lp asks for x ≥ 0 with Ax = b, in rationals.
type lp struct {
	rows [][]*big.Rat // A, with trailing zeros left out
	b    []*big.Rat
	n    int  // columns
	work *int // what is left of a budget of updates of numbers; nil is none
}

// infeasibility is a Farkas vector y: yᵀA ≤ 0 and yᵀb > 0, so that no x ≥ 0 can
// have Ax = b.
type infeasibility []*big.Rat

// tableau is the simplex method on integers: all entries are over the common
// denominator, which is the last pivot, and every division is exact (J. Edmonds,
// "Systems of distinct representatives and linear algebra", J. Res. NBS 71B, 1967).
// Row 0 has the reduced costs, column n + i belongs to the artificial variable of
// row i, the last column is the right-hand side.
type tableau struct {
	rows        [][]*big.Int
	denominator *big.Int
	basis       []int
	scale       []*big.Rat // what each row was multiplied by
	n           int
	work        *int
	ctx         context.Context
}

// solve returns a solution, or a proof that there is none with the x that misses
// b least; neither if the context or the budget ends first. It minimises the sum of artificial variables. Columns enter by the
// steepest cost at first and by Bland's rule later (R. G. Bland, "New finite
// pivoting rules for the simplex method", Math. Oper. Res. 2, 1977), so it ends.
func (p *lp) solve(ctx context.Context) (x []*big.Rat, proof infeasibility) {
	t := p.tableau(ctx)
	if !t.run() {
		return nil, nil
	}
	if last := t.rows[0]; last[len(last)-1].Sign() < 0 {
		return t.solution(), t.proof()
	}
	return t.solution(), nil
}

// minimise returns a solution with the least ⟨cost, x⟩, which must be bounded
// below, or nil if there is no solution or the context or the budget ends.
func (p *lp) minimise(ctx context.Context, cost []*big.Rat) []*big.Rat {
	t := p.tableau(ctx)
	if !t.run() || t.rows[0][len(t.rows[0])-1].Sign() < 0 {
		return nil
	}
	if !t.expel() {
		return nil
	}
	t.charge(cost)
	if !t.run() {
		return nil
	}
	return t.solution()
}

// run pivots until no cost is negative; false if the context or the budget ends.
func (t *tableau) run() bool {
	for pivots := 0; t.pays(); pivots++ { // also for a tableau that needs no pivot
		column := t.entering(pivots > 4*(t.n+len(t.basis)))
		if column < 0 {
			return true
		}
		t.pivot(t.leaving(column), column)
	}
	return false
}

// longNumber is how many bits make a number count for one more in the budget.
const longNumber = 256

// pays takes a round over the tableau from the budget, and reports whether the search
// may go on.
func (t *tableau) pays() bool {
	if t.work != nil {
		*t.work -= len(t.rows) * len(t.rows[0]) * (1 + t.denominator.BitLen()/longNumber)
	}
	return t.ctx.Err() == nil && (t.work == nil || *t.work >= 0)
}

// expel takes artificial variables out of the basis, all of which are 0. A row
// without a column to put in their place says 0 = 0. It is false if the context or the
// budget ends.
func (t *tableau) expel() bool {
	for i := range t.basis {
		if t.basis[i] < t.n {
			continue
		}
		r := t.rows[i+1]
		for j, c := range r[:t.n] {
			if c.Sign() != 0 {
				if c.Sign() < 0 {
					for _, entry := range r {
						entry.Neg(entry)
					}
				}
				if !t.pays() {
					return false
				}
				t.pivot(i+1, j)
				break
			}
		}
	}
	return true
}

// charge replaces the costs by others.
func (t *tableau) charge(cost []*big.Rat) {
	factor := integral(cost)
	whole := zeroInts(t.n)
	for j, c := range cost {
		whole[j].Set(new(big.Rat).Mul(c, factor).Num())
	}
	product := new(big.Int)
	for j := range t.rows[0] {
		v := new(big.Int)
		if j < t.n {
			v.Mul(whole[j], t.denominator)
		}
		for i, k := range t.basis {
			if k < t.n {
				v.Sub(v, product.Mul(whole[k], t.rows[i+1][j]))
			}
		}
		t.rows[0][j] = v
	}
}

func (p *lp) tableau(ctx context.Context) *tableau {
	m := len(p.rows)
	t := &tableau{denominator: big.NewInt(1), n: p.n, work: p.work, ctx: ctx}
	costs := zeroInts(p.n + m + 1)
	t.rows = append(t.rows, costs)
	for i, r := range p.rows {
		factor := integral(append([]*big.Rat{p.b[i]}, r...))
		if p.b[i].Sign() < 0 {
			factor.Neg(factor)
		}
		row := zeroInts(p.n + m + 1)
		for j, c := range r {
			row[j].Set(new(big.Rat).Mul(c, factor).Num())
			costs[j].Sub(costs[j], row[j])
		}
		row[p.n+i].SetInt64(1)
		row[p.n+m].Set(new(big.Rat).Mul(p.b[i], factor).Num())
		costs[p.n+m].Sub(costs[p.n+m], row[p.n+m])
		t.rows, t.basis, t.scale = append(t.rows, row), append(t.basis, p.n+i), append(t.scale, factor)
	}
	return t
}

func zeroInts(n int) []*big.Int {
	out := make([]*big.Int, n)
	for i := range out {
		out[i] = new(big.Int)
	}
	return out
}

// integral returns the least positive factor that makes the numbers integers
// without a common divisor, or 1 if all are 0.
func integral(list []*big.Rat) *big.Rat {
	common, divisor := big.NewInt(1), new(big.Int)
	for _, c := range list {
		g := new(big.Int).GCD(nil, nil, common, c.Denom())
		common.Mul(common, g.Quo(c.Denom(), g))
	}
	for _, c := range list {
		n := new(big.Int).Mul(c.Num(), new(big.Int).Quo(common, c.Denom()))
		divisor.GCD(nil, nil, divisor, n.Abs(n))
	}
	if divisor.Sign() == 0 {
		return big.NewRat(1, 1)
	}
	return new(big.Rat).SetFrac(common, divisor)
}

// entering returns a column whose cost is negative, or −1.
func (t *tableau) entering(bland bool) int {
	best := -1
	for j, c := range t.rows[0][:t.n] {
		if c.Sign() < 0 && (best < 0 || c.Cmp(t.rows[0][best]) < 0) {
			if best = j; bland {
				break
			}
		}
	}
	return best
}

// leaving returns the row of least ratio, of equal ones that with the first
// variable. There is one: the sum of artificial variables is bounded.
func (t *tableau) leaving(column int) int {
	best, left, right := 0, new(big.Int), new(big.Int)
	for i := 1; i < len(t.rows); i++ {
		r := t.rows[i]
		if r[column].Sign() <= 0 {
			continue
		}
		if best > 0 {
			b := t.rows[best]
			c := left.Mul(r[len(r)-1], b[column]).Cmp(right.Mul(b[len(b)-1], r[column]))
			if c > 0 || c == 0 && t.basis[i-1] > t.basis[best-1] {
				continue
			}
		}
		best = i
	}
	return best
}

// pivot exchanges a basic variable for another. It stops in the middle if the context
// ends: the tableau is of no use then.
func (t *tableau) pivot(row, column int) {
	by := t.rows[row]
	p := new(big.Int).Set(by[column])
	product, factor := new(big.Int), new(big.Int)
	for i, r := range t.rows {
		switch {
		case t.ctx.Err() != nil:
			return
		case i == row:
			continue
		}
		factor.Set(r[column])
		for j, entry := range r {
			entry.Mul(entry, p)
			if factor.Sign() != 0 && by[j].Sign() != 0 {
				entry.Sub(entry, product.Mul(factor, by[j]))
			}
			entry.Quo(entry, t.denominator)
		}
	}
	t.denominator, t.basis[row-1] = p, column
}

func (t *tableau) solution() []*big.Rat {
	x := zeroRats(t.n)
	for i, j := range t.basis {
		if r := t.rows[i+1]; j < t.n {
			x[j] = new(big.Rat).SetFrac(r[len(r)-1], t.denominator)
		}
	}
	return x
}

// proof reads y off the costs 1 − y of the artificial variables.
func (t *tableau) proof() (y infeasibility) {
	for i, factor := range t.scale {
		v := new(big.Rat).SetFrac(t.rows[0][t.n+i], t.denominator)
		v.Sub(big.NewRat(1, 1), v)
		y = append(y, v.Mul(v, factor))
	}
	return y
}

// margin returns yᵀb of a Farkas vector for rows scaled to ‖y‖∞ = 1, or nil if it
// is none.
func (p *lp) margin(y infeasibility) *big.Rat {
	if len(y) != len(p.rows) {
		return nil
	}
	sums, value, largest := zeroRats(p.n), new(big.Rat), new(big.Rat)
	for i, r := range p.rows {
		ratAxpy(sums, y[i], r)
		value.Add(value, new(big.Rat).Mul(y[i], p.b[i]))
		if a := new(big.Rat).Abs(y[i]); a.Cmp(largest) > 0 {
			largest = a
		}
	}
	for _, s := range sums {
		if s.Sign() > 0 {
			return nil
		}
	}
	if value.Sign() <= 0 {
		return nil
	}
	return value.Quo(value, largest)
}
