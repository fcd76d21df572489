package clarke

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// along takes the choices that the germ makes when x moves along d and returns
// the derivative: a limiting one, as in Element, if d is in general position.
// settled is false if the tangent of some switch is 0 though its row is not.
func (g *germ) along(d Vector) (derivative Vector, settled bool) {
	v := g.start()
	for _, b := range g.live {
		if !g.follow(b, g.members(b, v), d, v) {
			return Vector{}, false
		}
	}
	return g.derivative(v), true
}

// follow chooses at one block.
func (g *germ) follow(b int, rows []Vector, d Vector, v passing) (settled bool) {
	k := g.kink(b)
	from, _ := g.lin.Throughs(b)
	switch k.Slot.Kind {
	case expr.StepSlot:
		switch sign := g.sign(rows[0], d); {
		case sign > 0:
			v[from] = rows[0]
		case sign == 0:
			return rows[0].IsZero()
		}
		return true
	case expr.DirectionSlot:
		return g.head(from, rows, d, v)
	}
	order := indices(len(rows))
	slices.SortStableFunc(order, func(i, j int) int { return g.sign(difference(rows[i], rows[j]), d) })
	for i := range order[1:] {
		gap := difference(rows[order[i+1]], rows[order[i]])
		if g.sign(gap, d) == 0 && !gap.IsZero() {
			return false
		}
	}
	if k.Slot.Kind == expr.PermutationSlot {
		for p, i := range order {
			v[from+p] = rows[i]
		}
		return true
	}
	slices.Reverse(order)
	for _, i := range order[k.Above : k.Above+k.Count] {
		v[from] = plus(v[from], rows[i])
	}
	return true
}

// head lets a Direction point where its argument moves.
func (g *germ) head(through int, rows []Vector, d Vector, v passing) (settled bool) {
	u, norm, zero := make([]float64, len(rows)), 0.0, true
	for i, r := range rows {
		for j, x := range r.Float {
			u[i] += float64(x * d.Float[j])
		}
		norm += float64(u[i] * u[i])
		zero = zero && r.IsZero()
	}
	if norm = math.Sqrt(norm); norm == 0 {
		return zero
	}
	out := make([]float64, g.size)
	for i, r := range rows {
		for j, x := range r.Float {
			out[j] += float64(u[i] / norm * x)
		}
	}
	v[through] = Floats(out)
	return true
}

// sign returns the sign of ⟨r, d⟩, 0 also where rounding could have made it.
func (g *germ) sign(r, d Vector) int {
	if r.Exact != nil && d.Exact != nil {
		return dotRat(r.Exact, d.Exact).Sign()
	}
	switch {
	case positive(r.Float, d.Float):
		return 1
	case positive(negated(r).Float, d.Float):
		return -1
	}
	return 0
}
