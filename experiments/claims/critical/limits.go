package critical

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
	"github.com/tamegrad/tamegrad/sgd"
)

// rareHits are the checks that see no event.
func rareHits(ctx context.Context, c *claim.Context, text, basin string) ([]claim.Check, error) {
	wide := ensemble{float64s, "whole range", c.Int("trials"), wholeRange(c.Int("steps"), c.Float("power"))}
	single, err := wide.hits(ctx, c, text)
	if err != nil {
		return nil, err
	}
	rational, n, err := rationalHits(ctx, c, text)
	if err != nil {
		return nil, err
	}
	missed, m, err := missedLimits(ctx, c, basin)
	if err != nil {
		return nil, err
	}
	unseen := func(label, sentence string, k, n int) claim.Check {
		alpha := claim.Alpha / avoidanceChecks
		return claim.Check{Label: label, Sentence: sentence, Predicted: claim.Never(claim.ClopperPearsonUpper(0, n, alpha)), Measured: claim.Occurrences(k, n, alpha)}
	}
	return []claim.Check{
		unseen("float64-whole-range", "In float64 no run from a start in the whole range meets 0.", single, wide.trials),
		unseen("rationals", "In rational arithmetic no run meets 0.", rational, n),
		unseen("limit", "For (x + 1)²/2 spelled with the same kink, every run ends at the Clarke critical point −1.", missed, m),
	}, nil
}

// rationalHits follows runs with step sizes c/(k + 1) in rationals.
func rationalHits(ctx context.Context, c *claim.Context, text string) (hits, n int, err error) {
	f, err := parse.Parse(text)
	if err != nil {
		return 0, 0, err
	}
	if f, err = stepProgram(f, ad.AtKink(0)); err != nil {
		return 0, 0, err
	}
	p, err := exact.Compile(f)
	if err != nil {
		return 0, 0, err
	}
	n = max(c.Int("trials")/512, 100)
	met := make([]int, n)
	err = c.Each(ctx, n, func(ctx context.Context, i int) error {
		rng := c.Rand(claim.At("starts", "rational"), claim.At("trial", i))
		x := new(big.Rat).SetFloat64(uniform(rng, 0, 2))
		factor := new(big.Rat).SetFloat64(uniform(rng, 0.5, 1))
		for k := range c.Int("steps") {
			out, err := p.Run([]*big.Rat{x}, []*big.Rat{new(big.Rat).Quo(factor, big.NewRat(int64(k)+1, 1))})
			if err != nil {
				return err
			}
			x = out[0][0]
		}
		if x.Sign() == 0 {
			met[i] = 1
		}
		return ctx.Err()
	})
	for _, k := range met {
		hits += k
	}
	return hits, n, err
}

// Runs on the basin: the distance to −1, at most 3 at first, contracts by
// Π(1 − αₖ) ≤ exp(−½ Σ (k+1)^−0.6) < 10^−4.
const (
	basinSteps     = 200
	basinPower     = 0.6
	basinTolerance = 0.01
)

// missedLimits counts runs that do not end near −1.
func missedLimits(ctx context.Context, c *claim.Context, text string) (missed, n int, err error) {
	n = max(c.Int("trials")/1024, 100)
	far := make([]int, n)
	err = c.Each(ctx, n, func(ctx context.Context, i int) error {
		rng := c.Rand(claim.At("starts", "basin"), claim.At("trial", i))
		from, factor := uniform(rng, 0, 2), uniform(rng, 0.5, 1)
		t, err := descent(text, from, sgd.Power{C: factor, P: basinPower}, ad.AtKink(0))
		if err != nil {
			return err
		}
		for step, err := range t.Steps(ctx) {
			if err != nil {
				return fmt.Errorf("start %v, factor %v: %w", from, factor, err)
			}
			if step.Number+1 == basinSteps {
				break
			}
		}
		if !(math.Abs(t.Params()[0].Value[0]+1) <= basinTolerance) {
			far[i] = 1
		}
		return ctx.Err()
	})
	for _, k := range far {
		missed += k
	}
	return missed, n, err
}
