package stochastic

import (
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// exactSum has the values and gradients of a problem in rationals.
type exactSum struct {
	whole, one *exact.Program // value and gradient of J, and of one Jᵢ
	columns    []column
	rows       int
}

// exact compiles the problem for rational arithmetic; its operations must be rational.
func (p problem) exact() (*exactSum, error) {
	s := &exactSum{columns: p.columns, rows: p.rows}
	for batch, into := range map[int]**exact.Program{1: &s.one, p.rows: &s.whole} {
		f, err := p.model(batch)
		if err != nil {
			return nil, err
		}
		g, err := ad.Gradient(f)
		if err != nil {
			return nil, err
		}
		if *into, err = exact.Compile(g); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// full returns J(theta) and ∇J(theta).
func (s *exactSum) full(theta []*big.Rat) (*big.Rat, []*big.Rat, error) {
	return s.at(s.whole, theta, 0, s.rows)
}

// component returns Jᵢ(theta) and ∇Jᵢ(theta).
func (s *exactSum) component(theta []*big.Rat, i int) (*big.Rat, []*big.Rat, error) {
	return s.at(s.one, theta, i, i+1)
}

func (s *exactSum) at(p *exact.Program, theta []*big.Rat, from, to int) (*big.Rat, []*big.Rat, error) {
	in := [][]*big.Rat{theta}
	for _, c := range s.columns {
		w := max(c.width, 1)
		in = append(in, rational(c.values[from*w:to*w]))
	}
	out, err := p.Run(in...)
	if err != nil {
		return nil, nil, err
	}
	return out[0][0], out[1], nil
}

// gradients are those of all rows at one point, in rationals, and the loss there.
type gradients struct {
	loss  *big.Rat     // J
	parts [][]*big.Rat // ∇Jᵢ
	whole []*big.Rat   // ∇J, their mean
	sigma *big.Rat     // σ², their variance
}

// exactGradients returns the problem in rationals with its gradients at theta.
func (p problem) exactGradients(theta []*big.Rat) (s *exactSum, g gradients, err error) {
	if s, err = p.exact(); err != nil {
		return nil, g, err
	}
	if g.loss, g.whole, err = s.full(theta); err != nil {
		return nil, g, err
	}
	g.parts = make([][]*big.Rat, s.rows)
	for i := range g.parts {
		if _, g.parts[i], err = s.component(theta, i); err != nil {
			return nil, g, err
		}
	}
	g.sigma = variance(g.parts, g.whole)
	return s, g, nil
}

// squaredDistance returns ‖u − v‖².
func squaredDistance(u, v []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for i := range u {
		d := new(big.Rat).Sub(u[i], v[i])
		sum.Add(sum, d.Mul(d, d))
	}
	return sum
}

// variance returns σ² = (‖v₁ − centre‖² + … + ‖vₙ − centre‖²)/n.
func variance(vectors [][]*big.Rat, centre []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, v := range vectors {
		sum.Add(sum, squaredDistance(v, centre))
	}
	return sum.Quo(sum, integer(len(vectors)))
}

func integer(n int) *big.Rat { return new(big.Rat).SetInt64(int64(n)) }

// origin is the zero vector.
func origin(dim int) []*big.Rat {
	out := make([]*big.Rat, dim)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

// float returns the float64 nearest to a rational.
func float(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f
}
