package sgd

import (
	"cmp"
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// NAdam is Adam with Nesterov's momentum, by Dozat (ICLR workshop, 2016,
// algorithm 2), with PyTorch's coefficients, entry by entry: with m and
// v̂ of [Adam],
//
//	μₜ = β₁(1 − 0.96^(t·MomentumDecay)/2),  Πₜ = μ₁⋯μₜ,
//	θ ← θ − α·((1 − μₜ)/(1 − Πₜ)·g + μₜ₊₁/(1 − Πₜ₊₁)·m)/(√v̂ + ε)
//
// at step t = 1, 2, …; g is the gradient plus WeightDecay·θ. An entry with
// √v̂ + ε = 0 stays.
type NAdam struct {
	Beta1, Beta2  float64 // β₁, β₂ in [0, 1)
	Epsilon       float64 // ε ≥ 0
	MomentumDecay float64 // ψ ≥ 0
	WeightDecay   float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
}

// DefaultNAdam returns NAdam with β₁ = 0.9, β₂ = 0.999, ε = 1e−8 and a momentum
// decay of 0.004, as PyTorch has it; its rate is 0.002.
func DefaultNAdam() NAdam {
	return NAdam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, MomentumDecay: 0.004}
}

// Start implements [Method].
func (m NAdam) Start(params []Param) (State, error) {
	err := cmp.Or(
		fraction("NAdam", "Beta1", m.Beta1),
		fraction("NAdam", "Beta2", m.Beta2),
		nonnegative("NAdam", "Epsilon", m.Epsilon),
		nonnegative("NAdam", "MomentumDecay", m.MomentumDecay),
		nonnegative("NAdam", "WeightDecay", m.WeightDecay),
	)
	if err != nil {
		return nil, err
	}
	product := []float64{1}
	return newEntrywise(&nadam{NAdam: m, product: product}, params, []string{"mean", "square"}, Buffer{"product", product}), nil
}

type nadam struct {
	NAdam
	product            []float64 // one entry: Πₜ
	ofGrad, ofMean, c2 float64   // the factors of g and m with α; 1 − β₂ᵗ
}

func (s *nadam) begin(t, rate float64) {
	mu, next := s.mu(t), s.mu(t+1)
	s.product[0] *= mu
	s.ofGrad = rate * (1 - mu) / (1 - s.product[0])
	s.ofMean = rate * next / (1 - float64(s.product[0]*next))
	s.c2 = 1 - kernel.Pow(s.Beta2, t)
}

func (s *nadam) mu(t float64) float64 {
	return s.Beta1 * (1 - float64(0.5*kernel.Pow(0.96, t*s.MomentumDecay)))
}

func (s *nadam) update(p Param, past [][]float64) {
	x, m, v := p.Value, past[0], past[1]
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		m[j] = blend(s.Beta1, m[j], g)
		v[j] = blend(s.Beta2, v[j], g*g)
		x[j] -= over(float64(s.ofGrad*g)+float64(s.ofMean*m[j]), math.Sqrt(v[j]/s.c2)+s.Epsilon)
	}
}
