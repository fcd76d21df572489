package conservative

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
)

// Contraction says whether the derivatives by the state contract: ‖A‖ ≤ Rho < 1
// for every [A B] in the hull of J_F(x, θ), in one of three norms. A norm is
// convex, so its maximum over the hull is that over the products of extreme
// points. Since J_F has a closed graph, any larger bound holds near (x, θ) too: if
// x is a fixed point, the iteration contracts near it and defines a function x̄(θ)
// there.
type Contraction struct {
	// Holds is No if an element has an eigenvalue of modulus 1 or more, so that no
	// norm contracts, and Unknown if these norms do not. Why tells.
	Holds clarke.Verdict
	Why   string
	// Norm is the one with the smallest Rho: "spectral", "rows" for the largest
	// absolute sum of a row, or "columns".
	Norm string
	// Rho bounds ‖A‖, rounded up; for the spectral norm to a multiple of 2⁻²⁰.
	Rho float64
}

// The norms, and the largest matrices whose spectral norm is computed.
const (
	normRows     = "rows"
	normColumns  = "columns"
	normSpectral = "spectral"

	mostSpectral = 32
)

// Contraction decides whether the iteration contracts at a point, with a value for
// every input of F.
func (it *Iteration) Contraction(ctx context.Context, at clarke.Point) (Contraction, error) {
	m, err := it.s.at(ctx, at)
	if err != nil {
		return Contraction{}, err
	}
	return it.s.contraction(ctx, m)
}

func (s *system) contraction(ctx context.Context, m *matrixSet) (Contraction, error) {
	c := Contraction{Holds: clarke.Unknown}
	if m.refused != "" {
		c.Why = "the program is not certified to be locally Lipschitz: " + m.refused
		return c, nil
	}
	var list [][]*big.Rat
	for _, e := range m.elements {
		list = append(list, exactly(entries(e, s.unknown)))
	}
	if err := c.smallest(ctx, s.rows, list); err != nil {
		return c, err
	}
	switch {
	case !m.complete:
		c.Why = "not all of the hull is known: " + m.why
	case c.Rho < 1:
		c.Holds, c.Why = clarke.Yes, fmt.Sprintf("the %s norm is at most %.6g", c.Norm, c.Rho)
		return c, nil
	default:
		c.Why = fmt.Sprintf("no norm by rows, columns or singular values is below 1; the smallest, by %s, is %.6g", c.Norm, c.Rho)
	}
	return c, c.refute(ctx, s.rows, list)
}

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
	if m > mostSpectral {
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
// norm of every matrix, or +Inf if that is above 1. ρ bounds the norm of A if
// ρ²·I − AᵀA is positive semidefinite, which is decided in rationals.
func spectralNorm(ctx context.Context, m int, list [][]*big.Rat) (float64, error) {
	const grid = 1 << 20
	low, high := -1, grid // low is too small, or −1
	for _, a := range list {
		gram := gramOf(m, a)
		bounds := func(k int) (bool, error) {
			return semidefinite(ctx, m, gram, big.NewRat(int64(k)*int64(k), grid*grid))
		}
		if low >= 0 {
			if ok, err := bounds(low + 1); ok || err != nil {
				if err != nil {
					return 0, err
				}
				continue
			}
		}
		high = grid
		if ok, err := bounds(high); !ok || err != nil {
			return math.Inf(1), err
		}
		for high-low > 1 {
			middle := low + (high-low)/2
			ok, err := bounds(middle)
			switch {
			case err != nil:
				return 0, err
			case ok:
				high = middle
			default:
				low = middle
			}
		}
	}
	return float64(low+1) / grid, nil
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

// refute looks for an element with an eigenvalue of modulus 1 or more: det(I − A)
// ≤ 0 or det(I + A) ≤ 0 means a real one beyond 1 or −1, since the characteristic
// polynomial grows to +∞ on either side, up to its sign; and |det A| is the product
// of all moduli.
func (c *Contraction) refute(ctx context.Context, m int, list [][]*big.Rat) error {
	for _, a := range list {
		for _, test := range []struct {
			identity, factor int64
			fails            func(det *big.Rat) bool
			what             string
		}{
			{1, -1, func(d *big.Rat) bool { return d.Sign() <= 0 }, "a real eigenvalue of at least 1"},
			{1, 1, func(d *big.Rat) bool { return d.Sign() <= 0 }, "a real eigenvalue of at most −1"},
			{0, 1, func(d *big.Rat) bool { return d.Abs(d).Cmp(rationals.one) >= 0 }, "an eigenvalue of modulus at least 1"},
		} {
			_, d, err := rationals.solve(ctx, m, shifted(m, a, test.identity, test.factor), nil)
			if err != nil {
				return err
			}
			if test.fails(new(big.Rat).Set(d)) {
				c.Holds, c.Why = clarke.No, "an element has "+test.what
				return nil
			}
		}
	}
	return nil
}

// shifted returns identity·I + factor·A.
func shifted(m int, a []*big.Rat, identity, factor int64) []*big.Rat {
	out := make([]*big.Rat, len(a))
	for i := range out {
		out[i] = new(big.Rat).Mul(big.NewRat(factor, 1), a[i])
		if i/m == i%m {
			out[i].Add(out[i], big.NewRat(identity, 1))
		}
	}
	return out
}

// ContractionError says that a limit set was not computed, since the derivatives
// are not known to contract.
type ContractionError struct{ Contraction Contraction }

func (e *ContractionError) Error() string {
	return "conservative: the iteration is not known to contract: " + e.Contraction.Why
}
