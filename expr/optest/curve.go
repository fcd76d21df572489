package optest

import (
	"math/big"
	"math/rand/v2"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// CheckCurve holds the chain rule along a curve (Bolte and Pauwels, Math.
// Programming 188, 2021, definition 3): at almost every point of a segment, the
// derivative of the program along the segment is that of any two choices of the
// slots. Half of the segments go through points in general position; the others
// stay inside the stratum of the kinks that are active where they start, where
// wrong rules at ties show and random curves see nothing.
func CheckCurve(t *rapid.T, p Program) {
	if !regular(p) {
		return
	}
	g := newGerm(t, p.Func)
	d := AllToRats(PointsFor(t, p.Func.Wrt(), "d"))
	near := 0
	if rapid.Bool().Draw(t, "inside the stratum") && len(g.open.Slots()) > 0 {
		d = g.tangentTo(t, p)
		near = 60 // to meet no further kink
	}
	if g.exact == nil {
		near = min(near, 10)
	}
	at := g.moved(p.Rats(), generalTime(t, near), d)
	if g.exact == nil && nearKink(t, Program{p.Func, toFloats(at)}) {
		return
	}
	checkAlong(t, g, at, d)
}

// generalTime draws a number of 40 random bits below 2^-shift: with the points
// drawn here no isolated crossing of a kink has such a time.
func generalTime(t *rapid.T, shift int) *big.Rat {
	n := rapid.Uint64Range(0, 1<<39-1).Draw(t, "time")
	v := new(big.Rat).SetInt64(int64(2*n + 1))
	return v.Mul(v, TwoTo(-40-shift))
}

// checkAlong compares the quotient at a point with two choices of slots.
func checkAlong(t *rapid.T, g *germ, x, d [][]*big.Rat) {
	kinks := g.kinks(x)
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "slots"), 7))
	quotient, ok := g.quotient(x, d, g.step)
	if !ok || g.exact == nil && !g.settled(x, d, quotient) {
		return
	}
	for range 2 {
		slots := g.choose(kinks, func(k *ad.Kink) []*big.Rat { return anywhere(k, rng) })
		if _, dy, ok := g.run(x, d, slots); ok {
			g.requireClose(quotient, dy, "the quotient along %v and the derivative for slots %v", Strings(d), Strings(slots))
		}
	}
}

// quotient returns the difference quotient of the values from x to x + h·d; ok is
// false where a value is no finite number.
func (g *germ) quotient(x, d [][]*big.Rat, h *big.Rat) (q [][]*big.Rat, ok bool) {
	still, slots := zerosFor(g.f.Wrt()), zerosFor(g.open.Slots())
	y, _, ok := g.run(x, still, slots)
	z, _, okNear := g.run(g.moved(x, h, d), still, slots)
	if !ok || !okNear {
		return nil, false
	}
	return scaled(difference(z, y), h), true
}

// settled reports whether the quotient backwards is the given one, forwards: an
// isolated crossing, as of a jump, may be nearer than the step of rounded programs.
func (g *germ) settled(x, d, forwards [][]*big.Rat) bool {
	backwards, ok := g.quotient(x, d, new(big.Rat).Neg(g.step))
	return ok && g.close(forwards, backwards)
}

// tangentTo draws a direction along which all kinks that are active at the point
// stay active: one in the null space of the active switches' rows. Upstream
// kinks are active too, so all choices of their slots agree on such directions,
// and any gives the rows.
func (g *germ) tangentTo(t *rapid.T, p Program) [][]*big.Rat {
	wrt := g.f.Wrt()
	basis := nullSpace(g.switchRows(p.Rats()), sizeOf(wrt))
	flat := make([]*big.Rat, sizeOf(wrt))
	for i := range flat {
		flat[i] = zero
	}
	for _, b := range basis {
		flat = AddScaled(flat, ToRats([]float64{dyadics.Draw(t, "weight")})[0], b)
	}
	return split(flat, wrt)
}

// switchRows returns the derivatives of all that is 0 at x because a kink is
// active: keys of steps, differences of tied entries, rows of directions.
func (g *germ) switchRows(x [][]*big.Rat) (rows [][]*big.Rat) {
	keys := make([]expr.Node, 0)
	var kinds []expr.SlotKind
	for _, n := range g.open.Slots() {
		s, _ := n.Slot()
		keys, kinds = append(keys, s.Keys()[0]), append(kinds, s.Kind)
	}
	f, err := g.f.Graph().Func(expr.In(g.f.In()...), expr.Out(keys...))
	require.NoError(g.t, err)
	f, err = ad.Wire(f, ad.AtSlot(0))
	require.NoError(g.t, err)
	k := newGerm(g.t, f)
	slots := zerosFor(k.open.Slots())
	value, _, ok := k.run(x, zerosFor(f.Wrt()), slots)
	columns, okDerivative := k.jacobian(x, slots)
	if !ok || !okDerivative {
		return nil
	}
	row := func(i, e int) []*big.Rat {
		r := make([]*big.Rat, len(columns))
		for c := range columns {
			r[c] = columns[c][i][e]
		}
		return r
	}
	for i, n := range f.Out() {
		rows = append(rows, tiedRows(kinds[i], n.Shape(), value[i], func(e int) []*big.Rat { return row(i, e) })...)
	}
	return rows
}

func tiedRows(kind expr.SlotKind, s expr.Shape, z []*big.Rat, row func(e int) []*big.Rat) (rows [][]*big.Rat) {
	size := 1
	if kind != expr.StepSlot {
		size = s.Dim(-1)
	}
	for base := 0; base < len(z); base += size {
		for i := base; i < base+size; i++ {
			switch kind {
			case expr.StepSlot, expr.DirectionSlot:
				if allZero(z[base : base+size]) {
					rows = append(rows, row(i))
				}
			default:
				for j := base; j < i; j++ {
					if z[i].Cmp(z[j]) == 0 {
						rows = append(rows, AddScaled(row(i), big.NewRat(-1, 1), row(j)))
						break
					}
				}
			}
		}
	}
	return rows
}

func allZero(x []*big.Rat) bool {
	for _, v := range x {
		if v.Sign() != 0 {
			return false
		}
	}
	return true
}

// nullSpace returns a basis of the vectors of n entries orthogonal to all rows,
// by elimination.
func nullSpace(rows [][]*big.Rat, n int) (basis [][]*big.Rat) {
	pivot := map[int]int{} // column to row
	for _, r := range rows {
		for c, at := range pivot {
			r = AddScaled(r, new(big.Rat).Neg(r[c]), rows[at])
		}
		c := 0
		for c < n && r[c].Sign() == 0 {
			c++
		}
		if c == n {
			continue
		}
		r = scaled([][]*big.Rat{r}, r[c])[0]
		for _, at := range pivot {
			rows[at] = AddScaled(rows[at], new(big.Rat).Neg(rows[at][c]), r)
		}
		at := len(pivot) // no later than the row it is made of
		rows[at], pivot[c] = r, at
	}
	for c := range n {
		if _, isPivot := pivot[c]; isPivot {
			continue
		}
		v := make([]*big.Rat, n)
		for i := range v {
			v[i] = zero
			if at, isPivot := pivot[i]; isPivot {
				v[i] = new(big.Rat).Neg(rows[at][c])
			}
		}
		v[c] = one
		basis = append(basis, v)
	}
	return basis
}
