package implicit

import (
	"context"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
)

// tally counts what is as predicted.
type tally struct{ right, all int }

func (t *tally) add(right bool) {
	t.all++
	if right {
		t.right++
	}
}

// share is 0 if nothing was counted.
func (t *tally) share() claim.Measurement {
	return claim.Measured(float64(t.right) / float64(max(t.all, 1)))
}

// tallies are those of random lassos.
type tallies struct {
	verdicts, smooth, kinks tally
	dependent               int
}

func compareLassos(ctx context.Context, c *claim.Context, shrink shrinkage, solve solver) (*tallies, error) {
	rng, t := c.Rand(claim.At("stream", "lassos")), &tallies{}
	steps := c.Floats("steps")
	for trial := range c.Int("trials") {
		p := drawLasso(c.Int("columns"), rng)
		if err := t.compare(ctx, p, new(big.Rat).SetFloat64(steps[trial%len(steps)]), shrink, solve); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// compare takes a point and, if it is regular, its neighbours.
func (t *tallies) compare(ctx context.Context, p *lassoPoint, gamma *big.Rat, shrink shrinkage, solve solver) error {
	set, err := p.set(ctx, gamma, shrink)
	if err != nil {
		return err
	}
	want := clarke.No
	if p.regular {
		want = clarke.Yes
	} else {
		t.dependent++
	}
	t.verdicts.add(set.Regular == want)
	if !p.regular {
		return nil
	}
	var measured []clarke.Vector
	for joins := range 1 << len(p.zero) {
		q := p.neighbour(joins)
		beside, err := q.set(ctx, gamma, shrink)
		if err != nil {
			return err
		}
		quotients := q.quotients(solve)
		t.smooth.add(len(beside.Vertices) == 1 && equal(beside.Vertices[0].Exact, quotients))
		measured = append(measured, clarke.Rational(quotients))
	}
	if len(p.zero) > 0 {
		extreme, _, err := clarke.ExtremePoints(measured)
		if err != nil {
			return err
		}
		t.kinks.add(set.Hull && sameSet(extreme, set.Vertices))
	}
	return nil
}

// sameSet compares lists without repetition in any order.
func sameSet(a, b []clarke.Vector) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(v clarke.Vector) bool {
		return !slices.ContainsFunc(b, func(w clarke.Vector) bool { return equal(v.Exact, w.Exact) })
	})
}
