package explain

import (
	"cmp"
	"context"
	"errors"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
)

// sets adds both sets, support functions and verdicts on the selections.
func (p place) sets(ctx context.Context, r *Report) error {
	b, err := p.bracket(ctx)
	switch {
	case err != nil:
		return r.refuse(err)
	case ctx.Err() != nil:
		return ctx.Err()
	case b.Outer.Refused != "" || b.Inner.Refused != "": // in float64, where constants are rounded
		r.Refused = cmp.Or(b.Outer.Refused, b.Inner.Refused)
		return nil
	}
	r.Conservative, r.Clarke, r.IsHull, r.Gap = b.Outer, b.Inner, b.IsHull, b.Gap
	r.Exact = r.Exact && r.Conservative.Arithmetic == "rational" && r.Clarke.Arithmetic == "rational"
	if p.isLarge() && !r.Clarke.Exact {
		r.Clarke.Why = "the program is too large for rational arithmetic here, and " + r.Clarke.Why
	}
	for i := range r.Selections {
		if err := r.judge(ctx, &r.Selections[i]); err != nil {
			return err
		}
	}
	if err := r.support(ctx); err != nil {
		return err
	}
	return r.findSpurious()
}

// bracket computes both sets.
func (p place) bracket(ctx context.Context) (*conservative.Bracket, error) {
	outer, err := p.field()
	if err != nil {
		return nil, err
	}
	inner, err := p.clarke()
	if err != nil {
		return nil, err
	}
	d, err := outer.At(ctx, p.x)
	if err != nil {
		return nil, err
	}
	c, err := inner.At(ctx, p.x)
	if err != nil {
		return nil, err
	}
	return conservative.Between(ctx, c, d)
}

// refuse makes numbers that overflow, ops without a linearisation, and switches that
// no direction settles, a refusal; other errors are returned.
func (r *Report) refuse(err error) error {
	var infinite *conservative.NonFiniteError
	var still *ad.SwitchError
	if errors.As(err, &infinite) || errors.As(err, &still) || errors.Is(err, clarke.ErrDirections) || isRunFault(err) {
		r.Refused = err.Error()
		return nil
	}
	return err
}

// findSpurious lists the vertices of conv D that are not in ∂f.
func (r *Report) findSpurious() error {
	c, d := r.Clarke, r.Conservative
	switch {
	case r.isHull():
		r.Spurious = []clarke.Vector{}
		return nil
	case !c.Exact || c.Round || !d.Complete:
		return nil
	}
	r.Spurious = []clarke.Vector{}
	for _, v := range d.Vertices {
		if slices.ContainsFunc(c.Vertices, func(w clarke.Vector) bool { return equal(v, w) }) {
			continue
		}
		inside, err := clarke.HullContains(c.Vertices, v)
		if err != nil {
			return err
		}
		if !inside {
			r.Spurious = append(r.Spurious, v)
		}
	}
	return nil
}

// isHull reports whether ∂f is proved to be conv D.
func (r *Report) isHull() bool { return r.IsHull && r.Clarke.Exact }

// equal compares exactly if both are rational.
func equal(a, b clarke.Vector) bool {
	if a.Exact == nil || b.Exact == nil {
		return slices.Equal(a.Float, b.Float)
	}
	return slices.EqualFunc(a.Exact, b.Exact, func(x, y *big.Rat) bool { return x.Cmp(y) == 0 })
}
