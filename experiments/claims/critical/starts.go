package critical

import (
	"context"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// maxSteps bounds x₀/α of random starts.
const maxSteps = 12

// kindsOfStarts are four ways to draw (x₀, α) and the probability to be stuck.
func kindsOfStarts(ctx context.Context, c *claim.Context, text string) ([]claim.Check, error) {
	fraction := func(rng *rand.Rand) *big.Rat { return big.NewRat(1+rng.Int64N(999), 1+rng.Int64N(999)) }
	multiple := func(alpha *big.Rat, by *big.Rat) *big.Rat { return new(big.Rat).Mul(alpha, by) }
	lattice := func(rng *rand.Rand) (x0, alpha *big.Rat) {
		alpha = fraction(rng)
		return multiple(alpha, big.NewRat(rng.Int64N(maxSteps), 1)), alpha
	}
	below := func(rng *rand.Rand) (x0, alpha *big.Rat) {
		alpha = fraction(rng)
		return multiple(alpha, big.NewRat(-1-rng.Int64N(maxSteps), 1)), alpha
	}
	between := func(rng *rand.Rand) (x0, alpha *big.Rat) {
		alpha = fraction(rng)
		return multiple(alpha, big.NewRat(1+2*rng.Int64N(maxSteps), 2)), alpha
	}
	density := func(rng *rand.Rand) (x0, alpha *big.Rat) {
		return new(big.Rat).SetFloat64(uniform(rng, 0, maxSteps)), new(big.Rat).SetFloat64(uniform(rng, 1, 2))
	}
	n := c.Int("trials")
	var checks []claim.Check
	for _, kind := range []struct {
		label, sentence string
		draw            func(*rand.Rand) (x0, alpha *big.Rat)
		judge           func(stuck int) (claim.Prediction, claim.Measurement)
	}{
		{"on-lattice", "Started on αℤ at or above 0, the recursion is stuck with probability 1.", lattice, share(1, n)},
		{"below-zero", "Started on αℤ below 0, it is never stuck.", below, share(0, n)},
		{"between", "Started half-way between two points of αℤ, it is never stuck.", between, share(0, n)},
		{"with-density", "Started at x₀ with a density, it is stuck with probability 0.", density, never(n)},
	} {
		stuck, err := countStuck(ctx, c, text, kind.label, kind.draw)
		if err != nil {
			return nil, err
		}
		check := claim.Check{Label: kind.label, Sentence: kind.sentence}
		check.Predicted, check.Measured = kind.judge(stuck)
		checks = append(checks, check)
	}
	return checks, nil
}

// share predicts a share of n trials that is a theorem, not a probability.
func share(want float64, n int) func(int) (claim.Prediction, claim.Measurement) {
	return func(k int) (claim.Prediction, claim.Measurement) {
		return claim.Exact(want), claim.Measured(float64(k) / float64(n))
	}
}

// never predicts probability 0, with the resolution that n trials have.
func never(n int) func(int) (claim.Prediction, claim.Measurement) {
	return func(k int) (claim.Prediction, claim.Measurement) {
		return claim.Never(claim.ClopperPearsonUpper(0, n, claim.Alpha)), claim.Occurrences(k, n, claim.Alpha)
	}
}

func countStuck(ctx context.Context, c *claim.Context, text, kind string, draw func(*rand.Rand) (x0, alpha *big.Rat)) (int, error) {
	w, err := newWalk(text, 0)
	if err != nil {
		return 0, err
	}
	stuck := make([]bool, c.Int("trials"))
	err = c.Each(ctx, len(stuck), func(ctx context.Context, i int) error {
		x0, alpha := draw(c.Rand(claim.At("starts", kind), claim.At("trial", i)))
		p, err := w.follow(ctx, x0, alpha)
		stuck[i] = p.stuck
		return err
	})
	count := 0
	for _, s := range stuck {
		if s {
			count++
		}
	}
	return count, err
}

// uniform draws from [low, high).
func uniform(rng *rand.Rand, low, high float64) float64 {
	return low + float64((high-low)*rng.Float64())
}
