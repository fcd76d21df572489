package implicit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// scheduled takes these slot values in turn.
func scheduled(value func(step int) int64) conservative.Schedule {
	return conservative.Scheduled(func(step int, k *ad.Kink) []*big.Rat {
		out := zeros(len(k.Entries))
		for i := range out {
			out[i].SetInt64(value(step))
		}
		return out
	})
}

// rounding is how far numbers may be off their formulas.
const rounding = 1e-13

// largest is the largest of sign times an entry.
func largest(v []clarke.Vector, entry int, sign float64) float64 {
	most := math.Inf(-1)
	for _, x := range v {
		most = max(most, sign*x.Float[entry])
	}
	return most
}

// lassoKinks looks at the scalar lasso at its kink.
func lassoKinks(ctx context.Context, c *claim.Context, p programs) (checks []claim.Check, err error) {
	for _, gamma := range c.Floats("steps") {
		g := expr.NewGraph()
		one := newLasso(1, 1, func() int64 { return 1 })
		y, b, lambda, step := one.step(g, new(big.Rat).SetFloat64(gamma), p.shrink)
		f, err := g.Func(expr.In(y, b, lambda), expr.Out(step))
		if err != nil {
			return nil, err
		}
		it, err := conservative.NewIteration(f, []expr.Node{y}, conservative.Options{})
		if err != nil {
			return nil, err
		}
		at := clarke.RationalPoint(zeros(1), []*big.Rat{rat(1)}, []*big.Rat{rat(1)})
		top, err := limitTop(ctx, it, at, 0, 1)
		if err != nil {
			return nil, err
		}
		const n = 60
		reached := math.Inf(-1)
		for _, s := range []conservative.Schedule{scheduled(func(int) int64 { return 1 }), scheduled(func(k int) int64 { return int64(k % 2) })} {
			err := follow(ctx, it, at, clarke.Vector{}, s, n, func(i conservative.Iterate) { reached = max(reached, i.Jacobian.Float[0]) })
			if err != nil {
				return nil, err
			}
		}
		left := rounding
		if gamma < 1 {
			left += kernel.Pow(1-gamma, n) // of a geometric sum from 0
		}
		name := fmt.Sprintf("step=%g", gamma)
		checks = append(
			checks,
			claim.Check{Label: "lasso-set/" + name, Sentence: "The largest element of the limit set of the scalar lasso at its kink is max(1, γ).", Predicted: claim.Near(lassoTop(gamma), rounding), Measured: top},
			claim.Check{Label: "lasso-reached/" + name, Sentence: "Iterations reach it.", Predicted: claim.Near(lassoTop(gamma), left), Measured: claim.Measured(reached)},
		)
	}
	return checks, nil
}

// limitTop is the largest of sign times an entry over the limit set; a set that is not known to
// the end has an interval, and what is not known to contract has none.
func limitTop(ctx context.Context, it *conservative.Iteration, at clarke.Point, entry int, sign float64) (claim.Measurement, error) {
	l, err := it.Limit(ctx, at, conservative.LimitOptions{Gap: 1e-14})
	var refused *conservative.ContractionError
	switch {
	case errors.As(err, &refused):
		return claim.Measured(math.Inf(1)), nil
	case err != nil:
		return claim.Measurement{}, err
	}
	top := largest(l.Vertices, entry, sign)
	return claim.MeasuredIn(top, top, top+l.Gap), nil
}

// bends looks at a|x| + θ.
func bends(ctx context.Context, c *claim.Context, p programs) (checks []claim.Check, err error) {
	in := []parse.Input{{Name: "x"}, {Name: "c"}, {Name: "a", Role: expr.Datum}}
	f, err := parse.Parse(p.bend, parse.Inputs(in...))
	if err != nil {
		return nil, err
	}
	g, err := parse.Parse("x - ("+p.bend+")", parse.Inputs(in...))
	if err != nil {
		return nil, err
	}
	it, err := conservative.NewIteration(f, f.In()[:1], conservative.Options{})
	if err != nil {
		return nil, err
	}
	n := c.Int("iterations")
	for _, a := range c.Floats("slopes") {
		at := clarke.RationalPoint(zeros(1), zeros(1), []*big.Rat{new(big.Rat).SetFloat64(a)})
		low, err := limitTop(ctx, it, at, 0, -1)
		if err != nil {
			return nil, err
		}
		set, err := conservative.Implicit(ctx, g, g.In()[:1], at, conservative.ImplicitOptions{})
		if err != nil {
			return nil, err
		}
		var reached float64
		err = follow(ctx, it, at, clarke.Vector{}, scheduled(func(k int) int64 {
			if k == n-1 {
				return 0
			}
			return 1
		}), n, func(i conservative.Iterate) { reached = i.Jacobian.Float[0] })
		if err != nil {
			return nil, err
		}
		rate, err := worstRate(ctx, c, it, at, a)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("slope=%g", a)
		checks = append(
			checks,
			claim.Check{Label: "bend-set/" + name, Sentence: "The least element of the limit set of a|x| + θ is (1 − 2a)/(1 − a), shown with the other sign.", Predicted: claim.Near(-bendLow(a), rounding), Measured: low},
			claim.Check{Label: "bend-implicit/" + name, Sentence: "The least one of implicit differentiation is 1/(1 + a).", Predicted: claim.Near(bendImplicitLow(a), rounding), Measured: claim.Measured(-largest(set.Vertices, 0, -1))},
			claim.Check{Label: "bend-reached/" + name, Sentence: "A last choice −a after choices a comes near the least element.", Predicted: claim.Near(bendReached(a, n), rounding), Measured: claim.Measured(reached)},
			claim.Check{Label: "bend-rate/" + name, Sentence: "The largest ratio of distances from the limit set, over all choices, is a.", Predicted: claim.Near(a, rounding), Measured: claim.Measured(rate)},
		)
	}
	return checks, nil
}
