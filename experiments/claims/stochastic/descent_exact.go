package stochastic

import "math/big"

// exactStep is one step of SGD with minibatches of one row, from a rational point, with its average.
type exactStep struct {
	gradients // at theta
	sum       *exactSum
	theta     []*big.Rat
	norm      *big.Rat // ‖∇J(theta)‖²
}

func newExactStep(p problem, theta []*big.Rat) (*exactStep, error) {
	sum, g, err := p.exactGradients(theta)
	if err != nil {
		return nil, err
	}
	return &exactStep{gradients: g, sum: sum, theta: theta, norm: squaredDistance(g.whole, origin(len(g.whole)))}, nil
}

// mean returns E[J(theta − alpha·∇J_I)], over all rows.
func (s *exactStep) mean(alpha *big.Rat) (*big.Rat, error) {
	total := new(big.Rat)
	for _, g := range s.parts {
		next := make([]*big.Rat, len(g))
		for i, v := range g {
			next[i] = new(big.Rat).Mul(alpha, v)
			next[i].Sub(s.theta[i], next[i])
		}
		value, _, err := s.sum.full(next)
		if err != nil {
			return nil, err
		}
		total.Add(total, value)
	}
	return total.Quo(total, integer(len(s.parts))), nil
}

// second is J − α(1 − Lα/2)‖∇J‖² + (Lα²/2)σ².
func (s *exactStep) second(alpha, l *big.Rat) *big.Rat {
	half := product3(big.NewRat(1, 2), l, alpha)
	out := new(big.Rat).Sub(s.loss, product3(alpha, new(big.Rat).Sub(integer(1), half), s.norm))
	return out.Add(out, product3(half, alpha, s.sigma))
}

// bound is J − (α/2)‖∇J‖² + (Lα²/2)σ².
func (s *exactStep) bound(alpha, l *big.Rat) *big.Rat {
	out := new(big.Rat).Sub(s.loss, product3(big.NewRat(1, 2), alpha, s.norm))
	return out.Add(out, product3(product3(big.NewRat(1, 2), l, alpha), alpha, s.sigma))
}

func product3(x, y, z *big.Rat) *big.Rat {
	out := new(big.Rat).Mul(x, y)
	return out.Mul(out, z)
}
