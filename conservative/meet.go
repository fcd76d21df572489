package conservative

import (
	"context"
	"iter"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
)

// meeting is the search for an element of D, of a program with one output, in the
// hull of some targets.
//
// With u what members of blocks get and α what arrives, as in system, all α are
// affine in the u of later blocks, and u ∈ α·(slot set) is a convex condition as
// soon as the sign of α is known (the order of the α of a Permutation). So D is a
// finite union of polytopes, of which each is asked by linear programming; parts
// where signs are open are asked in a relaxed form, and split only if the solution
// found there is not one of slots. Directions are balls, which cuts close in on.
type meeting struct {
	*system[*big.Rat]
	held      slots[*big.Rat] // blocks that are not free to choose
	targets   [][]*big.Rat
	tolerance *big.Rat // 0 in rationals; a smaller margin may be rounding
	budget    int      // of updates in linear programs, and in bounds of adjoints
	cuts      []Cut
	leaves    []Leaf
	open      string // why some part is neither yes nor no
	found     slots[*big.Rat]
	weights   []*big.Rat // of the targets
}

// cutRounds bounds the cuts of one part.
const cutRounds = 64

// run returns Yes with found, No with leaves, or Unknown with open.
func (m *meeting) run(ctx context.Context) clarke.Verdict {
	n := len(m.blocks)
	m.explore(ctx, Part{make([]int8, n), make([][]int, n)})
	switch {
	case m.found != nil:
		return clarke.Yes
	case m.open == "":
		return clarke.No
	}
	return clarke.Unknown
}

// explore decides a part.
func (m *meeting) explore(ctx context.Context, part Part) {
	for range cutRounds {
		if err := ctx.Err(); err != nil {
			m.open = err.Error()
			return
		}
		var x []*big.Rat
		var proof infeasibility
		l := m.leaf(ctx, part)
		if l != nil {
			x, proof = l.lp.solve(ctx)
		}
		if m.budget < 0 {
			m.open = "the budget is spent"
			return
		}
		if x == nil {
			continue // the context has ended
		}
		if proof != nil && l.lp.margin(proof).Cmp(m.tolerance) > 0 {
			m.leaves = append(m.leaves, Leaf{part, len(m.cuts), clarke.Rational(proof)})
			return
		}
		b := m.worst(l, x)
		if b < 0 {
			m.accept(l, x)
			return
		}
		if parts := m.split(l, b, x); parts != nil {
			for p := range parts {
				if m.explore(ctx, p); m.found != nil || m.budget < 0 || ctx.Err() != nil {
					return
				}
			}
			return
		}
		if c := l.centre(ctx, b, x); m.worst(l, c) < 0 {
			m.accept(l, c)
			return
		}
		m.cut(l, b, x)
	}
	m.open = "a norm is active, and 0 is too near the boundary to tell"
}

// leaf is the lp of a part, which takes from the budget, as its bounds do. It is nil if
// that or the context ends.
func (m *meeting) leaf(ctx context.Context, part Part) *leaf {
	if m.budget -= m.work(m.liveBlocks()); m.budget < 0 {
		return nil
	}
	l := newLeaf(ctx, m.system, part, m.held, m.cuts, m.targets)
	if l != nil {
		l.lp.work = &m.budget
	}
	return l
}

// worst returns the block where u is farthest from α·(slot set), or −1.
func (m *meeting) worst(l *leaf, x []*big.Rat) int {
	worst, block := m.tolerance, -1
	for _, b := range m.liveBlocks() {
		if l.held[b] != nil {
			continue
		}
		if excess := l.excess(b, x); excess.Cmp(worst) > 0 {
			worst, block = excess, b
		}
	}
	return block
}

func (s *system[T]) liveBlocks() (list []int) {
	for b, live := range s.shape.live {
		if live {
			list = append(list, b)
		}
	}
	return list
}

// values returns α and u of a block at a solution.
func (l *leaf) values(b int, x []*big.Rat) (alpha, u []*big.Rat) {
	e := &l.blocks[b]
	for t := e.from; t < e.to; t++ {
		alpha = append(alpha, l.alpha[t].value(x))
	}
	for k := e.lo; k < e.hi; k++ {
		u = append(u, l.u[k].value(x))
	}
	return alpha, u
}

// excess measures how far u is from α·(slot set), 0 if it is there.
func (l *leaf) excess(b int, x []*big.Rat) *big.Rat {
	alpha, u := l.values(b, x)
	worst := new(big.Rat)
	note := func(v *big.Rat) {
		if v.Cmp(worst) > 0 {
			worst = v
		}
	}
	switch l.blocks[b].kind {
	case expr.PermutationSlot: // u is majorised by α
		order, share := ratNumbers.descendingSums(alpha), ratNumbers.descendingSums(u)
		for i := range order {
			note(new(big.Rat).Sub(share[i], order[i]))
		}
	case expr.DirectionSlot:
		note(new(big.Rat).Sub(ratDot(u, u), ratDot(alpha, alpha)))
	default:
		low, high := new(big.Rat), alpha[0]
		if high.Sign() < 0 {
			low, high = high, low
		}
		for _, v := range u {
			note(new(big.Rat).Sub(low, v))
			note(new(big.Rat).Sub(v, high))
		}
	}
	return worst
}

// descendingSums returns the sums of the 1, 2, … largest numbers.
func (a *numbers[T]) descendingSums(v []T) (out []T) {
	sorted := slices.Clone(v)
	slices.SortFunc(sorted, func(p, q T) int { return a.compare(q, p) })
	sum := a.of(0, 1)
	for _, x := range sorted {
		sum = a.add(sum, x)
		out = append(out, sum)
	}
	return out
}

// split returns the parts into which the sign of a block splits a part, or nil if
// it is known; the likelier one first.
func (m *meeting) split(l *leaf, b int, x []*big.Rat) iter.Seq[Part] {
	if m.blocks[b].kind == expr.PermutationSlot {
		if l.orderOf(b) != nil {
			return nil
		}
		return func(yield func(Part) bool) {
			for order := range permutations(m.blocks[b].members()) {
				p := Part{l.part.Signs, slices.Clone(l.part.Orders)}
				if p.Orders[b] = slices.Clone(order); !yield(p) {
					return
				}
			}
		}
	}
	if l.signOf(b) != 0 {
		return nil
	}
	first := int8(1)
	if alpha, _ := l.values(b, x); alpha[0].Sign() < 0 {
		first = -1
	}
	var parts []Part
	for _, sign := range []int8{first, -first} {
		p := Part{slices.Clone(l.part.Signs), l.part.Orders}
		p.Signs[b] = sign
		parts = append(parts, p)
	}
	return slices.Values(parts)
}

// permutations lists the orders of 0, …, n−1. The slice is reused.
func permutations(n int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		var from func(i int) bool
		from = func(i int) bool {
			if i == n {
				return yield(order)
			}
			for j := i; j < n; j++ {
				order[i], order[j] = order[j], order[i]
				more := from(i + 1)
				order[i], order[j] = order[j], order[i]
				if !more {
					return false
				}
			}
			return true
		}
		from(0)
	}
}

// centre is the mean of solutions of the lp that are extreme in both directions of
// every uₖ of a block: it is inside a ball that extreme solutions lie outside of,
// unless there is no room.
func (l *leaf) centre(ctx context.Context, b int, x []*big.Rat) []*big.Rat {
	sum, n := zeroRats(len(x)), int64(0)
	for k := l.blocks[b].lo; k < l.blocks[b].hi; k++ {
		for _, sign := range []int64{1, -1} {
			cost := zeroRats(l.lp.n)
			ratAxpy(cost, big.NewRat(sign, 1), l.u[k].coefficients(l.lp.n))
			if y := l.lp.minimise(ctx, cost); y != nil {
				ratAxpy(sum, big.NewRat(1, 1), y)
				n++
			}
		}
	}
	if n == 0 {
		return x
	}
	mean := zeroRats(len(x))
	ratAxpy(mean, big.NewRat(1, n), sum)
	return mean
}

// cut adds the half-space that touches the ball where u points to. A block of
// another kind cannot be split only if its sign is known, and then u fits.
func (m *meeting) cut(l *leaf, b int, x []*big.Rat) {
	const grain = 1 << 40
	_, u := l.values(b, x)
	root := ratRoot(ratDot(u, u))
	c := Cut{Kink: b}
	for _, v := range u {
		q := new(big.Rat).Quo(v, root)
		q.Mul(q, big.NewRat(grain, 1))
		whole := new(big.Int).Quo(q.Num(), q.Denom()) // towards 0
		c.Normal = append(c.Normal, new(big.Rat).SetFrac(whole, big.NewInt(grain)))
	}
	m.cuts = append(m.cuts, c)
}

// accept turns a solution into slots.
func (m *meeting) accept(l *leaf, x []*big.Rat) {
	at := slices.Clone(l.held)
	for _, b := range m.liveBlocks() {
		if at[b] == nil {
			at[b] = l.slotOf(b, x)
		}
	}
	m.weights = nil
	for i := range m.targets { // the first variables after the blocks, see aim
		if len(m.targets) > 1 {
			m.weights = append(m.weights, x[l.firstWeight+i])
		} else {
			m.weights = append(m.weights, big.NewRat(1, 1))
		}
	}
	if m.misses(at).Cmp(m.tolerance) <= 0 {
		m.found = at
		return
	}
	m.open = "rounding hides whether an element is 0"
}

// misses returns the largest difference between the element and the combination
// of targets.
func (m *meeting) misses(at slots[*big.Rat]) *big.Rat {
	g := m.element(at)
	for i, w := range m.weights {
		ratAxpy(g, new(big.Rat).Neg(w), m.targets[i])
	}
	worst := new(big.Rat)
	for _, v := range g {
		if v.Abs(v).Cmp(worst) > 0 {
			worst = v
		}
	}
	return worst
}

// slotOf returns λ with u = λα.
func (l *leaf) slotOf(b int, x []*big.Rat) []*big.Rat {
	alpha, u := l.values(b, x)
	if l.blocks[b].kind == expr.PermutationSlot {
		return mixing(alpha, u)
	}
	if alpha[0].Sign() == 0 {
		return l.vertexOrZero(b)
	}
	out := make([]*big.Rat, len(u))
	for k, v := range u {
		out[k] = new(big.Rat).Quo(v, alpha[0])
	}
	if l.blocks[b].kind == expr.StepSlot { // rounding
		out[0] = clamped(out[0])
	}
	return out
}

func clamped(x *big.Rat) *big.Rat {
	one := big.NewRat(1, 1)
	switch {
	case x.Sign() < 0:
		return new(big.Rat)
	case x.Cmp(one) > 0:
		return one
	}
	return x
}

// vertexOrZero is any value of a block's slot.
func (l *leaf) vertexOrZero(b int) []*big.Rat {
	lambda, _ := l.best(b, zeroRats(l.blocks[b].members()*(l.blocks[b].to-l.blocks[b].from)))
	return lambda
}

// mixing returns a doubly stochastic matrix, rows for α, with uₖ = Σₚ λₚₖ αₚ for u
// majorised by α: at most m − 1 times two numbers of the sorted α are mixed so
// that one of them is a number of the sorted u (G. H. Hardy, J. E. Littlewood, G.
// Pólya, Inequalities, 1934, section 2.19).
func mixing(alpha, u []*big.Rat) []*big.Rat {
	m := len(u)
	rows, columns := ratNumbers.descending(alpha), ratNumbers.descending(u)
	now := make([]*big.Rat, m) // by rank
	matrix := make([][]*big.Rat, m)
	for i := range m {
		now[i] = alpha[rows[i]]
		matrix[i] = zeroRats(m) // combination of α that now[i] is
		matrix[i][rows[i]].SetInt64(1)
	}
	for {
		j := -1 // last number above its target, and the next one below
		for i := range m {
			if now[i].Cmp(u[columns[i]]) > 0 {
				j = i
			}
		}
		if j < 0 {
			break
		}
		k := j + 1
		for k < m && now[k].Cmp(u[columns[k]]) >= 0 {
			k++
		}
		if k == m { // rounding: u is majorised up to it only
			break
		}
		move := new(big.Rat).Sub(now[j], u[columns[j]])
		if up := new(big.Rat).Sub(u[columns[k]], now[k]); up.Cmp(move) < 0 {
			move = up
		}
		theta := new(big.Rat).Quo(move, new(big.Rat).Sub(now[j], now[k]))
		keep := new(big.Rat).Sub(big.NewRat(1, 1), theta)
		now[j], now[k] = new(big.Rat).Sub(now[j], move), new(big.Rat).Add(now[k], move)
		first, second := zeroRats(m), zeroRats(m)
		ratAxpy(first, keep, matrix[j])
		ratAxpy(first, theta, matrix[k])
		ratAxpy(second, theta, matrix[j])
		ratAxpy(second, keep, matrix[k])
		matrix[j], matrix[k] = first, second
	}
	out := make([]*big.Rat, m*m)
	for i, k := range columns {
		for p := range m {
			out[p*m+k] = matrix[i][p]
		}
	}
	return out
}
