package sgd

import (
	"cmp"
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Adamax is Adam with the maximum norm, by Kingma and Ba (ICLR 2015, algorithm 2),
// entry by entry:
//
//	m ← β₁m + (1 − β₁)g,  u ← max(β₂u, |g| + ε),  θ ← θ − α/(1 − β₁ᵗ)·m/u
//
// at step t = 1, 2, …; g is the gradient plus WeightDecay·θ. The ε is PyTorch's;
// the paper has none. An entry with u = 0 stays.
type Adamax struct {
	Beta1, Beta2 float64 // β₁, β₂ in [0, 1)
	Epsilon      float64 // ε ≥ 0
	WeightDecay  float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
}

// DefaultAdamax returns Adamax with β₁ = 0.9, β₂ = 0.999 and ε = 1e−8, as PyTorch
// has it; its rate is 0.002.
func DefaultAdamax() Adamax { return Adamax{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

// Start implements [Method].
func (m Adamax) Start(params []Param) (State, error) {
	err := cmp.Or(
		fraction("Adamax", "Beta1", m.Beta1),
		fraction("Adamax", "Beta2", m.Beta2),
		nonnegative("Adamax", "Epsilon", m.Epsilon),
		nonnegative("Adamax", "WeightDecay", m.WeightDecay),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&adamax{Adamax: m}, params, []string{"mean", "norm"}), nil
}

type adamax struct {
	Adamax
	rate float64 // α/(1 − β₁ᵗ)
}

func (s *adamax) begin(t, rate float64) { s.rate = rate / (1 - kernel.Pow(s.Beta1, t)) }

func (s *adamax) update(p Param, past [][]float64) {
	x, m, u := p.Value, past[0], past[1]
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		m[j] = blend(s.Beta1, m[j], g)
		u[j] = max(float64(s.Beta2*u[j]), math.Abs(g)+s.Epsilon)
		x[j] -= over(s.rate*m[j], u[j])
	}
}
