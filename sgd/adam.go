package sgd

import (
	"cmp"
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Adam is the method of Kingma and Ba (ICLR 2015, algorithm 1), entry by entry:
//
//	m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,
//	θ ← θ − α·m̂/(√v̂ + ε),  m̂ = m/(1 − β₁ᵗ),  v̂ = v/(1 − β₂ᵗ)
//
// at step t = 1, 2, …; g is the gradient plus WeightDecay·θ. If g is constant
// the step is α|g|/(|g| + ε) each time. An entry with √v̂ + ε = 0 stays: it has
// had no gradient (or only ones below 1e−162, whose squares vanish).
//
// [DefaultAdam] has the constants of the paper. The zero value has no memory
// and no ε: it is the sign method θ ← θ − α·sign(g).
type Adam struct {
	Beta1, Beta2 float64 // β₁, β₂ in [0, 1)
	Epsilon      float64 // ε ≥ 0
	WeightDecay  float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
}

// DefaultAdam returns Adam with β₁ = 0.9, β₂ = 0.999 and ε = 1e−8, the defaults
// of Kingma and Ba.
func DefaultAdam() Adam { return Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

// Start implements [Method].
func (a Adam) Start(params []Param) (State, error) {
	const unit, positive = "at least 0 and below 1", "finite and at least 0"
	err := cmp.Or(
		within("Adam", "Beta1", a.Beta1, 0, 1, unit),
		within("Adam", "Beta2", a.Beta2, 0, 1, unit),
		within("Adam", "Epsilon", a.Epsilon, 0, math.Inf(1), positive),
		within("Adam", "WeightDecay", a.WeightDecay, 0, math.Inf(1), positive),
	)
	if err != nil {
		return nil, err
	}
	return &adam{a, Buffer{"steps", make([]float64, 1)}, buffersLike("mean", params), buffersLike("square", params)}, nil
}

type adam struct {
	Adam
	steps Buffer
	m, v  []Buffer
}

// Buffers implements [State].
func (s *adam) Buffers() []Buffer {
	return append(append([]Buffer{s.steps}, s.m...), s.v...)
}

// Update implements [State].
func (s *adam) Update(params []Param, rate float64) {
	s.steps.Values[0]++
	t := s.steps.Values[0]
	c1, c2 := 1-kernel.Pow(s.Beta1, t), 1-kernel.Pow(s.Beta2, t)
	for i, p := range params {
		s.tensor(p, s.m[i].Values, s.v[i].Values, c1, c2, rate)
	}
}

func (s *adam) tensor(p Param, m, v []float64, c1, c2, rate float64) {
	x, n1, n2 := p.Value, 1-s.Beta1, 1-s.Beta2
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		m[j] = float64(s.Beta1*m[j]) + float64(n1*g)
		v[j] = float64(s.Beta2*v[j]) + float64(n2*float64(g*g))
		if d := math.Sqrt(v[j]/c2) + s.Epsilon; d != 0 {
			x[j] -= rate * (m[j] / c1) / d
		}
	}
}
