package implicit

import "math/big"

// rat is the number a.
func rat(a int64) *big.Rat { return big.NewRat(a, 1) }

// zeros returns n zeros.
func zeros(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

// addProduct adds a·b to sum.
func addProduct(sum, a, b *big.Rat) { sum.Add(sum, new(big.Rat).Mul(a, b)) }

// copied returns new numbers of the same values.
func copied(v []*big.Rat) []*big.Rat {
	out := zeros(len(v))
	for i := range v {
		out[i].Set(v[i])
	}
	return out
}

// eliminated solves A·X = R, or returns nil if A is singular.
func eliminated(a, r [][]*big.Rat) [][]*big.Rat {
	n := len(a)
	rows := make([][]*big.Rat, n)
	for i := range rows {
		rows[i] = append(copied(a[i]), copied(r[i])...)
	}
	for i := range n {
		pivot := i
		for pivot < n && rows[pivot][i].Sign() == 0 {
			pivot++
		}
		if pivot == n {
			return nil
		}
		rows[i], rows[pivot] = rows[pivot], rows[i]
		scale := new(big.Rat).Inv(rows[i][i])
		for _, x := range rows[i] {
			x.Mul(x, scale)
		}
		for k := range n {
			if factor := new(big.Rat).Neg(rows[k][i]); k != i && factor.Sign() != 0 {
				for j := range rows[k] {
					addProduct(rows[k][j], factor, rows[i][j])
				}
			}
		}
	}
	for i := range rows {
		rows[i] = rows[i][n:]
	}
	return rows
}

// equal reports whether the vectors are the same.
func equal(a, b []*big.Rat) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Cmp(b[i]) != 0 {
			return false
		}
	}
	return true
}
