package subgradient

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
)

// leastNormRate is the change of f along −w over α‖w‖², for the element w of ∂f(x)
// nearest to 0 and a small α; nil if w is 0.
func leastNormRate(ctx context.Context, p place) (*big.Rat, error) {
	s, err := p.clarke(ctx)
	if err != nil || s.MinNorm.IsZero() {
		return nil, err
	}
	return rateAgainst(p, s.MinNorm)
}

func rateAgainst(p place, w clarke.Vector) (*big.Rat, error) {
	rate, err := p.slope(step, difference(origin(len(w.Exact)), w.Exact))
	if err != nil {
		return nil, err
	}
	return rate.Quo(rate, inner(w.Exact, w.Exact)), nil
}

// descentRates returns the extreme values of leastNormRate over random functions
// at 0 for which 0 ∉ ∂f(0).
func descentRates(ctx context.Context, c *claim.Context, convex bool) (least, most *big.Rat, err error) {
	rates := make([]*big.Rat, c.Int("functions"))
	err = c.Each(ctx, len(rates), func(ctx context.Context, i int) error {
		rng := c.Rand(claim.At("function", i), claim.At("convex", convex))
		for rates[i] == nil {
			p, err := at(randomSum(rng, convex), "0", "0")
			if err != nil {
				return err
			}
			if rates[i], err = leastNormRate(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	least, most = rates[0], rates[0]
	for _, r := range rates {
		least, most = smaller(least, r), larger(most, r)
	}
	return least, most, nil
}

// randomSum is a linear function of x and y, which makes 0 critical less often, and
// three absolute values with whole coefficients and, unless convex, signs.
func randomSum(rng *rand.Rand, convex bool) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d*x + %d*y", rng.IntN(13)-6, rng.IntN(13)-6)
	for range 3 {
		sign := "+"
		if !convex && rng.IntN(2) == 0 {
			sign = "-"
		}
		fmt.Fprintf(&text, " %s abs(%d*x + %d*y)", sign, rng.IntN(7)-3, rng.IntN(7)-3)
	}
	return text.String()
}
