package critical

import (
	"context"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
)

// criticalPoints is how many rational points of the circle are looked at.
const criticalPoints = 24

// criticalShare is the share of points where the toolkit's answer to 0 ∈ ∂f, in
// rationals, is right: yes on the circle, no at the same points moved off it.
func criticalShare(ctx context.Context, c *claim.Context) (float64, error) {
	g := expr.NewGraph()
	theta := g.Param("theta", 2)
	f, err := g.Func(expr.In(theta), expr.Out(circle(theta)))
	if err != nil {
		return 0, err
	}
	a, err := clarke.NewAnalyzer(f, clarke.Options{})
	if err != nil {
		return 0, err
	}
	right := 0
	rng := c.Rand(claim.At("stream", "circle"))
	for range criticalPoints {
		z := rationalCirclePoint(rng)
		off := []*big.Rat{new(big.Rat).Mul(z[0], big.NewRat(9, 8)), new(big.Rat).Mul(z[1], big.NewRat(9, 8))}
		for i, x := range [][]*big.Rat{z, off} {
			set, err := a.At(ctx, clarke.RationalPoint(x))
			if err != nil {
				return 0, err
			}
			if set.Exact && set.ContainsZero == []clarke.Verdict{clarke.Yes, clarke.No}[i] {
				right++
			}
		}
	}
	return float64(right) / (2 * criticalPoints), ctx.Err()
}

// rationalCirclePoint is ((1 − t²)/(1 + t²), 2t/(1 + t²)) for t = p/q.
func rationalCirclePoint(rng *rand.Rand) []*big.Rat {
	p, q := rng.Int64N(99)-49, 1+rng.Int64N(49)
	return []*big.Rat{big.NewRat(q*q-p*p, q*q+p*p), big.NewRat(2*p*q, q*q+p*p)}
}
