package explain

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
)

// Support has values of support functions along a direction.
type Support struct {
	Direction            clarke.Vector
	Conservative, Clarke Bounds // of conv D and of ∂f; nil in a refused program
}

// Bounds encloses a number; both are the same if it is known.
type Bounds struct{ Lower, Upper *clarke.Vector }

// Closed reports whether the number is known.
func (b Bounds) Closed() bool { return b.Lower != nil && b.Upper != nil && equal(*b.Lower, *b.Upper) }

// support evaluates the support functions, if that was asked for.
func (r *Report) support(ctx context.Context) error {
	s := r.Support
	if s == nil {
		return nil
	}
	h, err := r.Conservative.Support(ctx, s.Direction, 0)
	if err != nil {
		return err
	}
	s.Conservative = Bounds{&h.Lower, &h.Upper}
	if h.Closed && !s.Conservative.Closed() { // but for rounding, or for the root in a norm
		about := clarke.Floats(h.Lower.Float)
		s.Conservative = Bounds{&about, &about}
	}
	c := r.Clarke
	if r.isHull() {
		s.Clarke = s.Conservative
		return nil
	}
	s.Clarke = Bounds{highest(c.Vertices, s.Direction), s.Conservative.Upper} // ∂f ⊂ conv D
	if c.Exact && !c.Round {
		s.Clarke.Upper = s.Clarke.Lower
	}
	return nil
}

// highest returns the largest ⟨v, d⟩ over a list of vectors, nil if it is empty.
func highest(list []clarke.Vector, d clarke.Vector) *clarke.Vector {
	var best *clarke.Vector
	for _, v := range list {
		p := inner(v, d)
		if best == nil || less(*best, p) {
			best = &p
		}
	}
	return best
}

func less(a, b clarke.Vector) bool {
	if a.Exact != nil && b.Exact != nil {
		return a.Exact[0].Cmp(b.Exact[0]) < 0
	}
	return a.Float[0] < b.Float[0]
}

// inner returns ⟨v, d⟩, in rationals if both are rational.
func inner(v, d clarke.Vector) clarke.Vector {
	if v.Exact == nil || d.Exact == nil {
		s := 0.0
		for i, x := range v.Float {
			s += float64(x * d.Float[i])
		}
		return clarke.Floats([]float64{s})
	}
	s, t := new(big.Rat), new(big.Rat)
	for i, x := range v.Exact {
		s.Add(s, t.Mul(x, d.Exact[i]))
	}
	return clarke.Rational([]*big.Rat{s})
}
