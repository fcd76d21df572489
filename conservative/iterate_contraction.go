package conservative

import (
	"context"
	"fmt"
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
	// Norm is the one with the smallest Rho: "singular values" for the spectral norm,
	// "rows" or "columns" for the largest absolute sum of one. The spectral norm
	// is left out for large or many matrices.
	Norm string
	// Rho bounds ‖A‖, rounded up; for the spectral norm to a multiple of 2⁻²⁰. It is
	// that of the elements sampled if not all of the hull is known.
	Rho float64
}

// The norms. The spectral one is tried on matrices of so many rows; where another
// one contracts, only if eliminating all of them is cheap.
const (
	normRows     = "rows"
	normColumns  = "columns"
	normSpectral = "singular values"

	mostSpectral  = 16
	cheapSpectral = 1 << 14
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

func (s *squareSystem) contraction(ctx context.Context, m *matrixSet) (Contraction, error) {
	c := Contraction{Holds: clarke.Unknown}
	if m.refused != "" {
		c.Why = "the program is not certified to be locally Lipschitz: " + m.refused
		return c, nil
	}
	var list [][]*big.Rat
	for _, e := range m.elements {
		list = append(list, exactly(entriesOf(e, s.unknown)))
	}
	if err := c.smallest(ctx, s.rows, list); err != nil {
		return c, err
	}
	switch {
	case !m.complete:
		c.Why = "not all of the hull is known: " + m.why
	case c.Rho < 1:
		c.Holds, c.Why = clarke.Yes, fmt.Sprintf("the norm by %s is at most %.6g", c.Norm, c.Rho)
		return c, nil
	default:
		c.Why = fmt.Sprintf("none of the norms tried is below 1; the smallest, by %s, is %.6g", c.Norm, c.Rho)
	}
	return c, c.refute(ctx, s.rows, list)
}

// ContractionError says that a limit set was not computed, since the derivatives
// are not known to contract.
type ContractionError struct{ Contraction Contraction }

func (e *ContractionError) Error() string {
	return "conservative: the iteration is not known to contract: " + e.Contraction.Why
}

// refute looks for an element with an eigenvalue of modulus 1 or more: det(I − A)
// ≤ 0 or det(I + A) ≤ 0 means a real one beyond 1 or −1, since the characteristic
// polynomial grows to +∞ on either side, up to its sign; and |det A| is the product
// of all moduli.
func (c *Contraction) refute(ctx context.Context, m int, list [][]*big.Rat) error {
	unit := rationals.identity(m)
	for _, a := range list {
		minus := rationals.minus(rationals.zeros(m*m), a)
		for i, b := range [][]*big.Rat{rationals.minus(unit, a), rationals.minus(unit, minus), a} {
			_, d, err := rationals.solve(ctx, m, b, nil)
			if err != nil {
				return err
			}
			found := d.Sign() <= 0
			if i == 2 {
				found = new(big.Rat).Abs(d).Cmp(rationals.one) >= 0
			}
			if found {
				c.Holds, c.Why = clarke.No, "an element has "+[...]string{"a real eigenvalue of at least 1", "a real eigenvalue of at most −1", "an eigenvalue of modulus at least 1"}[i]
				return nil
			}
		}
	}
	return nil
}
