package conservative

import (
	"context"
	"errors"

	"github.com/tamegrad/tamegrad/clarke"
)

// build computes the sets and the answers.
func (d *Field) build(ctx context.Context) error {
	if err := d.enumerate(ctx); err != nil {
		return err
	}
	n, err := d.nearest(ctx, d.zero())
	if err != nil {
		return err
	}
	d.MinNorm, d.Distance, d.DistanceLower, d.HullContainsZero = n.point, n.distance, n.lower, n.inside
	return d.decide(ctx)
}

// enumerate finds the vertices of conv D if the budget allows it.
func (d *Field) enumerate(ctx context.Context) (err error) {
	limit := 1 << d.options.MaxSlots
	if d.exact == nil {
		d.Vertices, err = d.float.extremePoints(ctx, limit)
	} else if err = d.float.countTangled(ctx, limit, walkWork/rationalShare); err == nil { // floats see a budget end sooner
		d.Vertices, err = d.exact.extremePoints(ctx, limit)
	}
	var budget *budgetError
	var many *tooMany
	switch {
	case err == nil:
		d.Complete = true
		return nil
	case errors.As(err, &budget) || errors.As(err, &many) || isEnd(err):
		d.Why = err.Error()
		return nil
	}
	return err
}

// isEnd reports whether an error is that of a context which came to its end.
func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// zero is the vector 0 in the field's arithmetic.
func (d *Field) zero() clarke.Vector {
	n := d.float.n * d.float.m
	if d.exact != nil {
		return clarke.Rational(zeroRats(n))
	}
	return clarke.Floats(make([]float64, n))
}
