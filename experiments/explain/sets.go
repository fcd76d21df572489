package explain

import (
	"cmp"
	"context"
	"errors"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
)

// errMixed says that a set could not be computed in rationals although the
// selections could.
var errMixed = errors.New("explain: numbers grow too long for rational arithmetic")

// sets adds both sets, support functions and verdicts on the selections.
func (p *program) sets(ctx context.Context, r *Report, q Request) error {
	d, err := conservative.At(ctx, p.f, p.place(), conservative.Options{Tol: q.Tol, MaxSlots: p.slots()})
	if err != nil {
		return r.refuse(err)
	}
	c, err := clarke.At(ctx, p.f, p.place(), clarke.Options{Seed: q.Seed})
	switch {
	case err != nil:
		return r.refuse(err)
	case d.Refused != "" || c.Refused != "": // in float64, where constants are rounded
		r.Refused = cmp.Or(d.Refused, c.Refused)
		return nil
	case p.run.exact && (d.Arithmetic != "rational" || c.Arithmetic != "rational"):
		return errMixed
	}
	if d.HullContainsZero == clarke.No { // ∂f ⊂ conv D
		c.ContainsZero = clarke.No
	}
	r.Conservative, r.Clarke = d, c
	for i := range r.Selections {
		if err := r.judge(&r.Selections[i]); err != nil {
			return err
		}
	}
	if r.Support != nil {
		r.support()
	}
	return r.findSpurious()
}

// refuse makes numbers that overflow, and switches that no direction settles, a
// refusal; other errors are returned.
func (r *Report) refuse(err error) error {
	var infinite *conservative.NonFiniteError
	if errors.As(err, &infinite) || errors.Is(err, clarke.ErrDirections) || isRunFault(err) {
		r.Refused = err.Error()
		return nil
	}
	return err
}

// findSpurious lists the vertices of conv D that are not in ∂f.
func (r *Report) findSpurious() error {
	if !r.Clarke.Exact || !r.Conservative.Complete {
		return nil
	}
	r.Spurious = []clarke.Vector{}
	for _, v := range r.Conservative.Vertices {
		inside, err := clarke.HullContains(r.Clarke.Vertices, v)
		if err != nil {
			return err
		}
		if !inside {
			r.Spurious = append(r.Spurious, v)
		}
	}
	return nil
}

// place is the point in the arithmetic in use.
func (p *program) place() clarke.Point {
	x := clarke.Point(slices.Clone(p.x))
	if p.run.exact {
		return x
	}
	return clarke.FloatPoint(x.Floats()...)
}

// judge says in which set a selection is proved to lie.
func (r *Report) judge(s *Selection) error {
	if s.Rows == nil {
		return nil
	}
	v := s.Rows[0]
	if slices.ContainsFunc(v.Float, isNotFinite) {
		s.Verdict = "neither" // both sets are bounded
		return nil
	}
	inClarke, err := clarke.HullContains(r.Clarke.Vertices, v)
	if err != nil {
		return err
	}
	inHull, err := r.Conservative.HullContains(v)
	if err != nil {
		return err
	}
	switch {
	case inClarke:
		s.Verdict = "clarke"
	case inHull == clarke.No:
		s.Verdict = "neither"
	case r.Clarke.Exact && inHull == clarke.Yes:
		s.Verdict = "conservative"
	}
	return nil
}

func isNotFinite(x float64) bool { return x-x != 0 }

// support evaluates the support functions: both hulls are polytopes whose
// vertices attain them.
func (r *Report) support() {
	s := r.Support
	d := s.Direction
	if r.Conservative.Complete {
		top := highest(r.Conservative.Vertices, d)
		s.Conservative = Bounds{top, top}
	}
	found := highest(r.Clarke.Vertices, d)
	s.Clarke = Bounds{found, s.Conservative.Upper} // ∂f ⊂ conv D
	if r.Clarke.Exact {
		s.Clarke.Upper = found
	}
}

// highest returns the largest ⟨v, d⟩ over a list of vectors.
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
	if v.Exact == nil {
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
