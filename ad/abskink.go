package ad

import (
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
)

// absKink writes a continuous piecewise affine function of scalars a by the
// positive parts of its switches, in order:
//
//	z_k = rows[k]·a + Σ_{j<k} through[k][j]·relu(z_j) + at[k]
//	y   = base·a + Σ_k jump[k]·relu(z_k) + offset
//
// It is derived from the op's own record, whose slopes are multi-affine in the
// selectors and jump by multiples of the switches' gradients: there is no second
// table of ops.
type absKink struct {
	base    []*big.Rat
	offset  *big.Rat
	slots   []string
	rows    [][]*big.Rat
	through [][]*big.Rat
	jump    []*big.Rat
	at      []*big.Rat
}

// decompose returns the form of an elementwise op of some operands; ok is false
// if it has none. The form is checked: the slopes for every combination of
// branches, the values on a grid.
func decompose(op *expr.Op, at expr.Attr, operands int) (k *absKink, ok bool) {
	s, ok := newSlopeTable(op, at, operands)
	if !ok {
		return nil, false
	}
	k = &absKink{slots: s.slots, base: s.corner(0)[0]}
	n := len(s.slots)
	for i := range n {
		k.rows = append(k.rows, s.corner(0)[1+i])
		k.through = append(k.through, make([]*big.Rat, i))
		for j := range i {
			if k.through[i][j], ok = ratioOf(s.corner(1 << j)[1+i], k.rows[i], k.rows[j]); !ok {
				return nil, false
			}
		}
		jump, ok := ratioOf(s.corner(1 << i)[0], k.base, k.rows[i])
		if !ok {
			return nil, false
		}
		k.jump = append(k.jump, jump)
	}
	for mask := range 1 << n {
		if !k.hasSlopes(mask, s.corner(mask)) {
			return nil, false
		}
	}
	return k, k.fitValues(s)
}

// ratioOf returns the t with v = w + t·d, if there is just one.
func ratioOf(v, w, d []*big.Rat) (t *big.Rat, ok bool) {
	for i := range d {
		if d[i].Sign() != 0 {
			t = new(big.Rat).Sub(v[i], w[i])
			t.Quo(t, d[i])
			break
		}
	}
	return t, t != nil && equalRats(v, addScaled(w, t, d))
}

// addScaled returns x + t·d.
func addScaled(x []*big.Rat, t *big.Rat, d []*big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i := range x {
		out[i] = new(big.Rat).Mul(t, d[i])
		out[i].Add(out[i], x[i])
	}
	return out
}

func equalRats(x, y []*big.Rat) bool {
	for i := range x {
		if x[i].Cmp(y[i]) != 0 {
			return false
		}
	}
	return true
}

// hasSlopes compares the form's slopes, with relu′ = 1 at the switches in mask
// and 0 at the others, with the record's.
func (k *absKink) hasSlopes(mask int, want [][]*big.Rat) bool {
	slope, rows := k.base, make([][]*big.Rat, len(k.rows))
	for i := range k.rows {
		rows[i] = k.rows[i]
		for j := range i {
			if mask>>j&1 == 1 {
				rows[i] = addScaled(rows[i], k.through[i][j], rows[j])
			}
		}
		if !equalRats(rows[i], want[1+i]) {
			return false
		}
		if mask>>i&1 == 1 {
			slope = addScaled(slope, k.jump[i], rows[i])
		}
	}
	return equalRats(slope, want[0])
}

// fitValues finds the constants from the values at 0 and checks the form's on a
// grid that has points on all sides of small kinks.
func (k *absKink) fitValues(s *slopeTable) bool {
	n := len(s.in)
	k.offset, k.at = new(big.Rat), make([]*big.Rat, len(k.rows))
	for i := range k.at {
		k.at[i] = new(big.Rat)
	}
	origin, ok := s.values(make([]int, n))
	if !ok {
		return false
	}
	for i := range k.at {
		_, z := k.eval(make([]int, n))
		k.at[i].Sub(origin[1+i], z[i])
	}
	y, _ := k.eval(make([]int, n))
	k.offset = new(big.Rat).Sub(origin[0], y)
	grid := []int{-3, -1, 0, 1, 2}
	for code := range power(len(grid), min(n, 4)) {
		a := make([]int, n)
		for i := range a {
			a[i], code = grid[code%len(grid)], code/len(grid)
		}
		want, ok := s.values(a)
		y, z := k.eval(a)
		if !ok || want[0].Cmp(y) != 0 || !equalRats(want[1:], z) {
			return false
		}
	}
	return true
}

func power(b, e int) int {
	p := 1
	for range e {
		p *= b
	}
	return p
}

// eval returns the value and the switches at an integer point.
func (k *absKink) eval(a []int) (y *big.Rat, z []*big.Rat) {
	inner := func(row []*big.Rat) *big.Rat {
		s := new(big.Rat)
		for i, v := range row {
			s.Add(s, new(big.Rat).Mul(v, big.NewRat(int64(a[i]), 1)))
		}
		return s
	}
	y = inner(k.base)
	y.Add(y, k.offset)
	for i, row := range k.rows {
		zi := inner(row)
		zi.Add(zi, k.at[i])
		for j, t := range k.through[i] {
			if z[j].Sign() > 0 {
				zi.Add(zi, new(big.Rat).Mul(t, z[j]))
			}
		}
		z = append(z, zi)
		if zi.Sign() > 0 {
			y.Add(y, new(big.Rat).Mul(k.jump[i], zi))
		}
	}
	return y, z
}
