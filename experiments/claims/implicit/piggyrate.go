package implicit

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
)

// interval is a limit set of one number.
type interval struct{ low, high *big.Rat }

// bendInterval is the limit set of a|x| + θ.
func bendInterval(slope float64) interval {
	a := new(big.Rat).SetFloat64(slope)
	high := new(big.Rat).Inv(new(big.Rat).Sub(rat(1), a))
	low := rat(1)
	return interval{low.Sub(low, new(big.Rat).Mul(a, high)), high}
}

// distance is that from the interval.
func (i interval) distance(x *big.Rat) *big.Rat {
	out := new(big.Rat)
	for _, d := range []*big.Rat{new(big.Rat).Sub(i.low, x), new(big.Rat).Sub(x, i.high)} {
		if d.Cmp(out) > 0 {
			out = d
		}
	}
	return out
}

// worstRate is the largest ratio of distances from the limit set, from 4 above it, for the choice
// a at every step and for random choices.
func worstRate(ctx context.Context, c *claim.Context, it *conservative.Iteration, at clarke.Point, slope float64) (float64, error) {
	set := bendInterval(slope)
	start := clarke.Rational([]*big.Rat{new(big.Rat).Add(set.high, rat(4))})
	rng := c.Rand(claim.At("stream", "schedules"), claim.At("slope", slope))
	worst := 0.0
	for run := range c.Int("schedules") + 1 {
		s := scheduled(func(int) int64 { return 1 })
		if run > 0 {
			s = conservative.Drawn(rng)
		}
		var last *big.Rat
		err := follow(ctx, it, at, start, s, c.Int("iterations"), func(i conservative.Iterate) {
			d := set.distance(i.Jacobian.Exact[0])
			if last != nil && last.Sign() > 0 {
				worst = max(worst, number(new(big.Rat).Quo(d, last)))
			}
			last = d
		})
		if err != nil {
			return 0, err
		}
	}
	return worst, nil
}
