package conservative

import (
	"context"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// Part is a part of the choices at kinks: those for which the adjoint that arrives
// at a kink has a given sign. In a part where all signs are known the elements of
// D form a polytope.
type Part struct {
	// Signs has for every kink 1 or −1, or 0 where the sign is not prescribed.
	Signs []int8
	// Orders has for a Permutation the order of the adjoints of its positions, from
	// the largest, or nil where it is not prescribed.
	Orders [][]int
}

// Cut is a vector a with ‖a‖ ≤ 1 for an active Direction: since its u is α times a
// vector of the ball, ⟨a, u⟩ ≤ |α|.
type Cut struct {
	Kink   int
	Normal []*big.Rat
}

// affineForm is a constant plus a linear function of the columns of an lp.
type affineForm struct {
	constant *big.Rat
	at       []*big.Rat // nil entries and those missing are 0
}

// add adds c times another form.
func (f *affineForm) add(c *big.Rat, g affineForm) {
	if c.Sign() == 0 {
		return
	}
	f.constant = new(big.Rat).Add(f.constant, new(big.Rat).Mul(c, g.constant))
	for len(f.at) < len(g.at) {
		f.at = append(f.at, nil)
	}
	for j, v := range g.at {
		if v == nil || v.Sign() == 0 {
			continue
		}
		v = new(big.Rat).Mul(c, v)
		if f.at[j] != nil {
			v.Add(v, f.at[j])
		}
		f.at[j] = v
	}
}

func constantForm(c *big.Rat) affineForm { return affineForm{constant: c} }

// sumOf adds forms with coefficients.
func sumOf(c []int64, forms ...affineForm) affineForm {
	out := constantForm(new(big.Rat))
	for i, f := range forms {
		out.add(big.NewRat(c[i], 1), f)
	}
	return out
}

// leaf is the lp of a part: whether the elements of D there meet the hull of some
// targets. Blocks without a known sign are relaxed to the convex hull of
// {(α, u) : u ∈ α·(slot set), lo ≤ α ≤ hi}, so that "no" holds for them as well.
type leaf struct {
	*system[*big.Rat]
	part   Part
	lp     lp
	bounds []interval[*big.Rat] // of the adjoints, by through
	held   slots[*big.Rat]
	cuts   []Cut
	alpha  []affineForm // by through
	u      []affineForm // by member

	firstWeight int // column of the first target's weight
}

// newLeaf writes the lp down. All numbers follow from the part, the blocks that are
// held at a value, the cuts and the targets. It is nil if the context ends.
func newLeaf(ctx context.Context, s *system[*big.Rat], part Part, held slots[*big.Rat], cuts []Cut, targets [][]*big.Rat) *leaf {
	l := &leaf{system: s, part: part, held: held, cuts: cuts, bounds: make([]interval[*big.Rat], len(s.back))}
	l.alpha, l.u = make([]affineForm, len(s.back)), make([]affineForm, len(s.z))
	for k := range l.u {
		l.u[k] = constantForm(new(big.Rat))
	}
	list := l.liveBlocks()
	copy(l.bounds, s.relax(ctx, list, region[*big.Rat]{held, part.Signs}).bounds[0])
	for i := len(list) - 1; i >= 0; i-- {
		if ctx.Err() != nil {
			return nil
		}
		l.write(list[i])
	}
	l.aim(targets)
	for i := range l.lp.rows {
		for len(l.lp.rows[i]) < l.lp.n {
			l.lp.rows[i] = append(l.lp.rows[i], new(big.Rat))
		}
	}
	return l
}

// column returns a new variable.
func (l *leaf) column() affineForm {
	f := affineForm{new(big.Rat), make([]*big.Rat, l.lp.n+1)}
	f.at[l.lp.n] = big.NewRat(1, 1)
	l.lp.n++
	return f
}

// vanish adds the row form = 0.
func (l *leaf) vanish(f affineForm) {
	row := make([]*big.Rat, len(f.at))
	for j, v := range f.at {
		if row[j] = v; v == nil {
			row[j] = new(big.Rat)
		}
	}
	l.lp.rows, l.lp.b = append(l.lp.rows, row), append(l.lp.b, new(big.Rat).Neg(f.constant))
}

// positive adds the row form = a new variable, which is returned.
func (l *leaf) positive(f affineForm) affineForm {
	x := l.column()
	l.vanish(sumOf([]int64{1, -1}, f, x))
	return x
}

// write adds the variables and rows of a block.
func (l *leaf) write(b int) {
	e := &l.blocks[b]
	for t := e.from; t < e.to; t++ {
		l.alpha[t] = constantForm(l.jacobi[0][t])
		for _, r := range l.back[t] {
			l.alpha[t].add(r.c, l.u[r.at])
		}
	}
	m := e.members()
	switch {
	case l.held[b] != nil:
		for k := range m {
			for t := range e.to - e.from {
				l.u[e.lo+k].add(l.held[b][t*m+k], l.alpha[e.from+t])
			}
		}
	case e.kind == expr.PermutationSlot:
		l.writeOrder(b)
	case e.kind == expr.DirectionSlot:
		l.writeBall(b)
	default:
		l.writeShares(b)
	}
}

// signOf returns the sign of a scalar adjoint, or 0 if it is open.
func (l *leaf) signOf(b int) int8 {
	a := l.bounds[l.blocks[b].from]
	switch {
	case l.part.Signs[b] != 0:
		return l.part.Signs[b]
	case a.lo.Sign() >= 0:
		return 1
	case a.hi.Sign() <= 0:
		return -1
	}
	return 0
}

// writeShares is for a Step, and for a Rank of which count members get α each:
// uₖ is between 0 and α, and Σ uₖ = count·α.
func (l *leaf) writeShares(b int) {
	e := &l.blocks[b]
	alpha, sign := l.alpha[e.from], int64(l.signOf(b))
	for k := e.lo; k < e.hi; k++ {
		switch {
		case sign == 0:
			l.u[k] = l.between(alpha, l.bounds[e.from])
		case e.kind == expr.RankSlot && e.count == 1: // the sum bounds each
			l.u[k] = sumOf([]int64{sign}, l.column())
		default:
			x := l.column()
			l.positive(sumOf([]int64{sign, -1}, alpha, x))
			l.u[k] = sumOf([]int64{sign}, x)
		}
	}
	if e.kind == expr.RankSlot {
		total := sumOf([]int64{int64(-e.count)}, alpha)
		for k := e.lo; k < e.hi; k++ {
			total.add(big.NewRat(1, 1), l.u[k])
		}
		l.vanish(total)
	}
}

// between returns u of the convex hull of {(α, u) : u between 0 and α} for α
// between bounds on both sides of 0: with s = hi/(hi − lo),
//
//	−(1 − s)(hi − α) ≤ u ≤ s(α − lo).
func (l *leaf) between(alpha affineForm, a interval[*big.Rat]) affineForm {
	one := big.NewRat(1, 1)
	s := new(big.Rat).Quo(a.hi, new(big.Rat).Sub(a.hi, a.lo))
	rest := new(big.Rat).Sub(one, s)
	low := constantForm(new(big.Rat).Neg(new(big.Rat).Mul(rest, a.hi)))
	low.add(rest, alpha)
	high := constantForm(new(big.Rat).Neg(new(big.Rat).Mul(s, a.lo)))
	high.add(s, alpha)
	u := sumOf([]int64{1, 1}, low, l.column())
	l.positive(sumOf([]int64{1, -1}, high, u))
	return u
}

// writeBall is for a Direction: −|α| ≤ uₖ ≤ |α| and the cuts, with the chord of
// |α| where its sign is open.
func (l *leaf) writeBall(b int) {
	e := &l.blocks[b]
	size := l.sizeOf(b)
	for k := e.lo; k < e.hi; k++ {
		x := l.column() // u + |α|
		l.u[k] = sumOf([]int64{1, -1}, x, size)
		l.positive(sumOf([]int64{1, -1}, size, l.u[k]))
	}
	for _, c := range l.cuts {
		if c.Kink != b {
			continue
		}
		rest := sumOf([]int64{1}, size)
		for k, a := range c.Normal {
			rest.add(new(big.Rat).Neg(a), l.u[e.lo+k])
		}
		l.positive(rest)
	}
}

// sizeOf is |α|, or an upper bound of it that is affine.
func (l *leaf) sizeOf(b int) affineForm {
	e := &l.blocks[b]
	if sign := l.signOf(b); sign != 0 {
		return sumOf([]int64{int64(sign)}, l.alpha[e.from])
	}
	a := l.bounds[e.from]
	slope := new(big.Rat).Quo(new(big.Rat).Add(a.hi, a.lo), new(big.Rat).Sub(a.hi, a.lo))
	size := constantForm(new(big.Rat).Sub(a.hi, new(big.Rat).Mul(slope, a.hi)))
	size.add(slope, l.alpha[e.from])
	return size
}

// orderOf returns the order of a Permutation's adjoints from the largest, if it is
// prescribed or their bounds show it.
func (l *leaf) orderOf(b int) []int {
	if l.part.Orders[b] != nil {
		return l.part.Orders[b]
	}
	e := &l.blocks[b]
	order := make([]int, e.members())
	for i := range order {
		order[i] = i
	}
	a := l.bounds[e.from:e.to]
	slices.SortStableFunc(order, func(i, j int) int { return a[j].lo.Cmp(a[i].lo) })
	for i := range order[1:] {
		if a[order[i]].lo.Cmp(a[order[i+1]].hi) < 0 {
			return nil
		}
	}
	return order
}

// writeOrder is for a Permutation. In a known order u is what a sorting network
// can make of the ordered α when each comparator may mix its two numbers (M. X.
// Goemans, "Smallest compact formulation for the permutahedron", Math. Programming
// 153, 2015). Else u has the sum of α and is between its bounds.
func (l *leaf) writeOrder(b int) {
	e := &l.blocks[b]
	order := l.orderOf(b)
	if order == nil {
		l.writeUnordered(b)
		return
	}
	u := l.u[e.lo:e.hi]
	for i, p := range order {
		u[i] = l.alpha[e.from+p]
		if i > 0 && l.part.Orders[b] != nil {
			l.positive(sumOf([]int64{1, -1}, u[i-1], u[i]))
		}
	}
	for _, i := range comparators(len(u)) {
		x := l.column()
		l.positive(sumOf([]int64{1, -1, -1}, u[i], u[i+1], x))
		u[i], u[i+1] = sumOf([]int64{1, -1}, u[i], x), sumOf([]int64{1, 1}, u[i+1], x)
	}
}

func (l *leaf) writeUnordered(b int) {
	e := &l.blocks[b]
	low, high := l.bounds[e.from].lo, l.bounds[e.from].hi
	total := constantForm(new(big.Rat))
	for t := e.from; t < e.to; t++ {
		if l.bounds[t].lo.Cmp(low) < 0 {
			low = l.bounds[t].lo
		}
		if l.bounds[t].hi.Cmp(high) > 0 {
			high = l.bounds[t].hi
		}
		total.add(big.NewRat(-1, 1), l.alpha[t])
	}
	for k := e.lo; k < e.hi; k++ {
		l.u[k] = sumOf([]int64{1, 1}, constantForm(low), l.column())
		l.positive(sumOf([]int64{1, -1}, constantForm(high), l.u[k]))
		total.add(big.NewRat(1, 1), l.u[k])
	}
	l.vanish(total)
}

// comparators lists the comparators (i, i+1) of the bubble sorting network of m
// wires from its end.
func comparators(m int) (list []int) {
	for pass := m - 2; pass >= 0; pass-- {
		for i := m - 2 - pass; i >= 0; i-- {
			list = append(list, i)
		}
	}
	return list
}

// aim adds the rows Y + Σ uₖ Zₖ = Σ μᵢ targetᵢ with Σ μᵢ = 1.
func (l *leaf) aim(targets [][]*big.Rat) {
	var weights []affineForm
	l.firstWeight = l.lp.n
	if len(targets) > 1 {
		total := constantForm(big.NewRat(-1, 1))
		for range targets {
			w := l.column()
			weights = append(weights, w)
			total.add(big.NewRat(1, 1), w)
		}
		l.vanish(total)
	} else {
		weights = []affineForm{constantForm(big.NewRat(1, 1))}
	}
	for j, y := range l.y[0] {
		sum := constantForm(y)
		for k := range l.u {
			sum.add(l.z[k][j], l.u[k])
		}
		for i, w := range weights {
			sum.add(new(big.Rat).Neg(targets[i][j]), w)
		}
		l.vanish(sum)
	}
}

// value returns a form at a solution.
func (f *affineForm) value(x []*big.Rat) *big.Rat {
	sum := new(big.Rat).Set(f.constant)
	for j, v := range f.at {
		if v != nil && v.Sign() != 0 && x[j].Sign() != 0 {
			sum.Add(sum, new(big.Rat).Mul(v, x[j]))
		}
	}
	return sum
}

// coefficients returns those of all n columns.
func (f *affineForm) coefficients(n int) []*big.Rat {
	out := zeroRats(n)
	for j, v := range f.at {
		if v != nil {
			out[j] = v
		}
	}
	return out
}
