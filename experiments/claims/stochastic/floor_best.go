package stochastic

import (
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
)

// bestSteps finds the best step of the bound and of the mean from x, in rationals.
func bestSteps(c *claim.Context) ([]claim.Check, error) {
	values := rational([]float64{c.Float("lipschitz"), c.Float("sigma"), c.Float("x")})
	l, sigma, x := values[0], values[1], values[2]
	s, err := twoPointStep(l, sigma, x)
	if err != nil {
		return nil, err
	}
	bound, err := vertex(func(a *big.Rat) (*big.Rat, error) { return s.bound(a, l), nil })
	if err != nil {
		return nil, err
	}
	mean, err := vertex(s.mean)
	if err != nil {
		return nil, err
	}
	limit := new(big.Rat).Inv(l)
	if bound.Cmp(limit) > 0 {
		bound = limit
	}
	norm, noise := product3(l, l, new(big.Rat).Mul(x, x)), new(big.Rat).Mul(sigma, sigma)
	wantBound := new(big.Rat).Quo(norm, product3(integer(2), l, noise))
	if wantBound.Cmp(limit) > 0 {
		wantBound = limit
	}
	wantMean := new(big.Rat).Quo(norm, new(big.Rat).Mul(l, new(big.Rat).Add(norm, noise)))
	return []claim.Check{
		{Label: "best-of-bound", Predicted: claim.Exact(float(wantBound)), Measured: claim.Measured(float(bound))},
		{Label: "best-of-mean", Predicted: claim.Exact(float(wantMean)), Measured: claim.Measured(float(mean))},
	}, nil
}

// twoPointStep is the step from x on the two losses ½Lx² ± σx, whose gradients have mean Lx and variance σ².
func twoPointStep(l, sigma, x *big.Rat) (*exactStep, error) {
	s, curvature := float(sigma), float(l)
	return newExactStep(problem{
		text: "mean(l * dot(theta, theta) / 2 + s * theta[0])", dim: 1, rows: 2,
		columns: []column{{"l", 0, []float64{curvature, curvature}}, {"s", 0, []float64{s, -s}}},
	}, []*big.Rat{x})
}

// vertex returns where a parabola is least, from its values at 0, 1 and 2.
func vertex(f func(*big.Rat) (*big.Rat, error)) (*big.Rat, error) {
	var v [3]*big.Rat
	for i := range v {
		var err error
		if v[i], err = f(integer(i)); err != nil {
			return nil, err
		}
	}
	second := new(big.Rat).Add(v[0], v[2]) // v₀ − 2v₁ + v₂
	second.Sub(second, new(big.Rat).Mul(integer(2), v[1]))
	first := new(big.Rat).Sub(v[1], v[0]) // f(1) − f(0) = slope at 0 + second/2
	first.Sub(first, new(big.Rat).Mul(big.NewRat(1, 2), second))
	return first.Neg(first.Quo(first, second)), nil
}
