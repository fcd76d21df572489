package conservative

import (
	"math/big"
	"slices"
)

// echelon is a system of linear equations ⟨row, v⟩ = right, kept in reduced
// echelon form: each row has a pivot column that is 0 in all other rows.
type echelon struct {
	columns int
	// tiny is the size, relative to the largest entry of its row, up to which an
	// entry counts as 0: 0 for rationals, the rounding for rounded rows.
	tiny   *big.Rat
	rows   [][]*big.Rat // the last entry is the right-hand side
	pivots []int
}

// add takes in one more equation; one that depends on the others is dropped.
func (e *echelon) add(row []*big.Rat, right *big.Rat) {
	if e.columns == 0 {
		return
	}
	_, size := ratLargest(row)
	r := append(slices.Clone(row), right)
	for i, p := range e.pivots {
		r = ratClear(r, p, e.rows[i])
	}
	p, left := ratLargest(r[:e.columns])
	if left.Cmp(size.Mul(size, e.tiny)) <= 0 {
		return
	}
	r = ratPlus(ratZeros(len(r)), new(big.Rat).Inv(r[p]), r)
	for i, other := range e.rows {
		e.rows[i] = ratClear(other, p, r)
	}
	e.rows, e.pivots = append(e.rows, r), append(e.pivots, p)
}

// ratClear subtracts the multiple of a row, with pivot 1 in column p, that makes
// entry p of r 0.
func ratClear(r []*big.Rat, p int, row []*big.Rat) []*big.Rat {
	if r[p].Sign() == 0 {
		return r
	}
	return ratPlus(r, new(big.Rat).Neg(r[p]), row)
}

// free lists the columns without a pivot.
func (e *echelon) free() []int {
	var out []int
	for c := range e.columns {
		if !slices.Contains(e.pivots, c) {
			out = append(out, c)
		}
	}
	return out
}

// kernel returns the solution of the homogeneous system that has the entries of z
// in the free columns: z itself if it is one.
func (e *echelon) kernel(z []*big.Rat) []*big.Rat {
	v := slices.Clone(z)
	for _, p := range e.pivots {
		v[p] = new(big.Rat)
	}
	out := slices.Clone(v)
	for i, p := range e.pivots {
		s := ratDot(e.rows[i][:e.columns], v)
		out[p] = s.Neg(s)
	}
	return out
}

// solution returns the solution that is 0 in the free columns.
func (e *echelon) solution() []*big.Rat {
	v := ratZeros(e.columns)
	for i, p := range e.pivots {
		v[p] = e.rows[i][e.columns]
	}
	return v
}

// ratLargest returns the first entry of largest absolute value, and that value; 0
// of an empty list.
func ratLargest(x []*big.Rat) (at int, size *big.Rat) {
	size = new(big.Rat)
	for i, v := range x {
		if a := new(big.Rat).Abs(v); a.Cmp(size) > 0 {
			at, size = i, a
		}
	}
	return at, size
}

// ratZeros returns n zeros, which may be replaced, but not changed: no function here
// changes an entry of a vector.
func ratZeros(n int) []*big.Rat { return slices.Repeat([]*big.Rat{new(big.Rat)}, n) }

// ratPlus returns x + t·d.
func ratPlus(x []*big.Rat, t *big.Rat, d []*big.Rat) []*big.Rat {
	out := slices.Clone(x)
	if t.Sign() == 0 {
		return out
	}
	for i, v := range d {
		if v.Sign() != 0 {
			step := new(big.Rat).Mul(t, v)
			out[i] = step.Add(step, x[i])
		}
	}
	return out
}

// ratPower returns 2^k.
func ratPower(k int) *big.Rat {
	p := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(max(k, -k))))
	if k < 0 {
		p.Inv(p)
	}
	return p
}

// seen returns a free column whose solution of the homogeneous system has a product
// with v that is not 0, the largest one; −1 if v is normal to all solutions.
func (e *echelon) seen(v []*big.Rat) int {
	r := slices.Clone(v)
	for i, p := range e.pivots {
		r = ratClear(r, p, e.rows[i][:e.columns])
	}
	at, left := ratLargest(r)
	_, size := ratLargest(v)
	if left.Cmp(size.Mul(size, e.tiny)) <= 0 {
		return -1
	}
	return at
}
