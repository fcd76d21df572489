package conservative

import (
	"cmp"
	"context"
	"math"
	"math/big"
	"slices"
	"sort"

	"github.com/tamegrad/tamegrad/clarke"
)

// smallest finds the norm in which the matrices are smallest.
func (c *Contraction) smallest(ctx context.Context, m int, list [][]*big.Rat) error {
	rows, columns := new(big.Rat), new(big.Rat)
	for _, a := range list {
		for i := range m {
			rows = larger(rows, absoluteSum(a[i*m:(i+1)*m], 1))
			columns = larger(columns, absoluteSum(a[i:], m))
		}
	}
	c.Norm, c.Rho = normRows, roundedUp(rows)
	if r := roundedUp(columns); r < c.Rho {
		c.Norm, c.Rho = normColumns, r
	}
	if m > mostSpectral || c.Rho < 1 && len(list)*m*m*m > cheapSpectral {
		return ctx.Err()
	}
	spectral, err := spectralNorm(ctx, m, list)
	if err == nil && spectral < c.Rho {
		c.Norm, c.Rho = normSpectral, spectral
	}
	return err
}

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

// absoluteSum adds |v[0]|, |v[step]|, …
func absoluteSum(v []*big.Rat, step int) *big.Rat {
	sum := new(big.Rat)
	for i := 0; i < len(v); i += step {
		sum.Add(sum, new(big.Rat).Abs(v[i]))
	}
	return sum
}

// roundedUp returns the least float64 that is not below r.
func roundedUp(r *big.Rat) float64 {
	f, exact := r.Float64()
	if !exact && new(big.Rat).SetFloat64(f).Cmp(r) < 0 {
		f = math.Nextafter(f, math.Inf(1))
	}
	return f
}

// spectralNorm returns the least multiple of 2⁻²⁰ that is at least the spectral
// norm of every matrix, or +Inf if that is above 1.
func spectralNorm(ctx context.Context, m int, list [][]*big.Rat) (float64, error) {
	const grid = 1 << 20
	size := func(a []*big.Rat) float64 {
		sum := 0.0
		for _, x := range clarke.Rational(a).Float {
			sum += float64(x * x)
		}
		return sum
	}
	// Large ones first: then one search is enough as a rule.
	list = slices.SortedStableFunc(slices.Values(list), func(a, b []*big.Rat) int { return cmp.Compare(size(b), size(a)) })
	rho := 0
	for _, a := range list {
		k, err := leastBound(ctx, m, gramOf(m, a), rho, grid)
		if err != nil || k > grid {
			return math.Inf(1), err
		}
		rho = k
	}
	return float64(rho) / grid, nil
}

// leastBound returns the least k ≥ from such that k/grid bounds the spectral norm
// of A, grid + 1 if there is none up to grid. ρ bounds it if ρ²·I − AᵀA is positive
// semidefinite, which is decided in rationals.
func leastBound(ctx context.Context, m int, gram []*big.Rat, from, grid int) (int, error) {
	var failed error
	bounds := func(k int) bool {
		ok, err := semidefinite(ctx, m, gram, big.NewRat(int64(k)*int64(k), int64(grid)*int64(grid)))
		if err != nil {
			failed = err
		}
		return ok
	}
	if bounds(from) {
		return from, failed
	}
	k := from + 1 + sort.Search(grid-from, func(i int) bool { return bounds(from + 1 + i) })
	return k, failed
}

// gramOf returns AᵀA.
func gramOf(m int, a []*big.Rat) []*big.Rat {
	t := make([]*big.Rat, len(a))
	for i := range a {
		t[i%m*m+i/m] = a[i]
	}
	return rationals.product(m, t, a, nil)
}

// semidefinite reports whether q·I − G is positive semidefinite, for a symmetric
// matrix G, by elimination: every pivot must be positive, or 0 with the rest of
// its row.
func semidefinite(ctx context.Context, m int, g []*big.Rat, q *big.Rat) (bool, error) {
	rows := make([][]*big.Rat, m)
	for i := range rows {
		for j := range m {
			x := new(big.Rat).Neg(g[i*m+j])
			if i == j {
				x.Add(x, q)
			}
			rows[i] = append(rows[i], x)
		}
	}
	for j := range rows {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		switch rows[j][j].Sign() {
		case -1:
			return false, nil
		case 0:
			if absoluteSum(rows[j][j:], 1).Sign() != 0 {
				return false, nil
			}
			continue
		}
		for i := j + 1; i < m; i++ {
			factor := new(big.Rat).Quo(rows[i][j], rows[j][j])
			for c := j; c < m && factor.Sign() != 0; c++ {
				rows[i][c] = rationals.sub(rows[i][c], rationals.mul(factor, rows[j][c]))
			}
		}
	}
	return true, nil
}
