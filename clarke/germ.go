package clarke

import (
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// germ is the piecewise linearisation of a program at a point, block by block.
// Blocks on which no output depends, and those that nothing moves, are left out:
// their slots multiply 0.
type germ struct {
	lin  *ad.Linearization
	live []int // the blocks that count, in topological order
	size int   // number of inputs
	// exact says that rows of switches are rational: signs are decided exactly.
	exact bool
}

// passing has what passes the kinks, by entry of v in the linearisation: the row
// that the choices so far make of it, the zero Vector for a row of 0.
type passing []Vector

func newGerm(lin *ad.Linearization, size int) *germ {
	g := &germ{lin: lin, size: size, exact: lin.SwitchesExact()}
	needed := make([]bool, len(lin.Kinks))
	mark := func(rows []ad.Row) {
		for i := range rows {
			for _, t := range rows[i].Terms {
				needed[lin.BlockOf(t.Through)] = true
			}
		}
	}
	mark(lin.Output)
	for b := len(lin.Kinks) - 1; b >= 0; b-- {
		if lo, hi := lin.Members(b); needed[b] {
			mark(lin.Switch[lo:hi])
		}
	}
	for b, n := range needed {
		if n {
			g.live = append(g.live, b)
		}
	}
	return g
}

func (g *germ) kink(b int) *ad.Kink { return &g.lin.Kinks[b] }

// start returns what passes before any choice: nothing.
func (g *germ) start() passing {
	if len(g.lin.Kinks) == 0 {
		return nil
	}
	_, n := g.lin.Throughs(len(g.lin.Kinks) - 1)
	return make(passing, n)
}

// row returns the row of a number under the choices so far.
func (g *germ) row(r *ad.Row, v passing) Vector {
	var out Vector
	if r.Exact != nil {
		out.Exact = r.Exact
	}
	out.Float = r.X
	owned := false
	for _, t := range r.Terms {
		w := v[t.Through]
		if w.Float == nil {
			continue
		}
		if !owned {
			out, owned = out.clone(), true
		}
		out.add(t, w)
	}
	if owned && out.Exact != nil {
		return Rational(out.Exact)
	}
	return out
}

func (v Vector) clone() Vector {
	out := Vector{Float: append([]float64{}, v.Float...)}
	for _, x := range v.Exact {
		out.Exact = append(out.Exact, new(big.Rat).Set(x))
	}
	return out
}

// add adds a term to a vector that is being made: in rationals if both are, and
// then the floats are left behind.
func (v *Vector) add(t ad.Term, w Vector) {
	if v.Exact == nil {
		for i, x := range w.Float {
			v.Float[i] += float64(t.Coefficient * x)
		}
		return
	}
	p := new(big.Rat)
	for i, x := range w.Exact {
		v.Exact[i].Add(v.Exact[i], p.Mul(t.Exact, x))
	}
}

// members returns the rows of a block's members under the choices so far.
func (g *germ) members(b int, v passing) []Vector {
	lo, hi := g.lin.Members(b)
	out := make([]Vector, hi-lo)
	for i := range out {
		out[i] = g.row(&g.lin.Switch[lo+i], v)
	}
	return out
}

// derivative returns the derivative of the outputs under all choices: the
// gradient, or the Jacobian row by row.
func (g *germ) derivative(v passing) Vector {
	parts := make([]Vector, len(g.lin.Output))
	for i := range parts {
		parts[i] = g.row(&g.lin.Output[i], v)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return Concat(parts)
}

// cancellation is the relative size below which an entry of a row in float64 is
// taken for what rounding left of a 0.
const cancellation = 0x1p-40

// vanishes reports whether a row is 0: exactly if it is rational, else beside
// the given size.
func (g *germ) vanishes(r Vector, size float64) bool {
	if r.Exact != nil {
		return r.IsZero()
	}
	for _, x := range r.Float {
		if math.Abs(x) > cancellation*size {
			return false
		}
	}
	return true
}

// magnitude returns the sum of the largest entries of all that a row is made of.
func (g *germ) magnitude(r *ad.Row, v passing) float64 {
	size := largest(r.X)
	for _, t := range r.Terms {
		size += float64(math.Abs(t.Coefficient) * largest(v[t.Through].Float))
	}
	return size
}

func largest(x []float64) (m float64) {
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// difference returns a − b.
func difference(a, b Vector) Vector {
	if a.Exact == nil || b.Exact == nil {
		out := make([]float64, len(a.Float))
		for i := range out {
			out[i] = a.Float[i] - b.Float[i]
		}
		return Floats(out)
	}
	out := make([]*big.Rat, len(a.Exact))
	for i := range out {
		out[i] = new(big.Rat).Sub(a.Exact[i], b.Exact[i])
	}
	return Rational(out)
}

// negated returns −a.
func negated(a Vector) Vector {
	out := Vector{Float: make([]float64, len(a.Float))}
	for i, x := range a.Float {
		out.Float[i] = 0 - x
	}
	for _, x := range a.Exact {
		out.Exact = append(out.Exact, new(big.Rat).Neg(x))
	}
	return out
}

// classes groups members of a block whose rows are equal, in order of their first
// members: in their own germ they tie everywhere.
func (g *germ) classes(b int, rows []Vector, v passing) (class [][]int) {
	lo, _ := g.lin.Members(b)
	for i := range rows {
		found := false
		for c := range class {
			j := class[c][0]
			size := g.magnitude(&g.lin.Switch[lo+i], v) + g.magnitude(&g.lin.Switch[lo+j], v)
			if found = g.vanishes(difference(rows[i], rows[j]), size); found {
				class[c] = append(class[c], i)
				break
			}
		}
		if !found {
			class = append(class, []int{i})
		}
	}
	return class
}

// round returns the first live block with a Direction of more than one entry,
// whose set is no polytope; ok is false if there is none.
func (g *germ) round() (k *ad.Kink, ok bool) {
	for _, b := range g.live {
		if k := g.kink(b); k.Slot.Kind == expr.DirectionSlot && k.Tied() > 1 {
			return k, true
		}
	}
	return nil, false
}

func name(k *ad.Kink) string {
	if len(k.Index) == 0 {
		return k.Slot.String()
	}
	return fmt.Sprintf("%v%v", k.Slot, k.Index)
}
