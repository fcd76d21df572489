package sgd

import (
	"cmp"
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// RAdam is Adam with a rectified variance, by Liu, Jiang, He, Chen, Liu, Gao and
// Han (ICLR 2020, algorithm 2), entry by entry: with m̂, v and β₂ of [Adam],
//
//	ρ∞ = 2/(1 − β₂) − 1,  ρₜ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ),
//	r = √((ρₜ − 4)(ρₜ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρₜ)),
//	θ ← θ − α·r·m̂·√(1 − β₂ᵗ)/(√v + ε)  if ρₜ > 5,  θ ← θ − α·m̂ otherwise
//
// at step t = 1, 2, …; g is the gradient plus WeightDecay·θ. The bound 5 and ε are
// PyTorch's and those of the authors' code; the paper has 4 and no ε. With
// β₂ ≤ 2/3 no step is rectified. An entry with √v + ε = 0 stays in those that are.
type RAdam struct {
	Beta1, Beta2 float64 // β₁, β₂ in [0, 1)
	Epsilon      float64 // ε ≥ 0
	WeightDecay  float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
}

// DefaultRAdam returns RAdam with β₁ = 0.9, β₂ = 0.999 and ε = 1e−8, as PyTorch
// has it; its rate is 0.001.
func DefaultRAdam() RAdam { return RAdam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

// Start implements [Method].
func (m RAdam) Start(params []Param) (State, error) {
	err := cmp.Or(
		fraction("RAdam", "Beta1", m.Beta1),
		fraction("RAdam", "Beta2", m.Beta2),
		nonnegative("RAdam", "Epsilon", m.Epsilon),
		nonnegative("RAdam", "WeightDecay", m.WeightDecay),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&radam{RAdam: m}, params, []string{"mean", "square"}), nil
}

type radam struct {
	RAdam
	rectified bool
	rate      float64 // what m is multiplied by
}

func (s *radam) begin(t, rate float64) {
	power := kernel.Pow(s.Beta2, t)
	limit := 2/(1-s.Beta2) - 1
	length := limit - 2*t*power/(1-power)
	s.rate = rate / (1 - kernel.Pow(s.Beta1, t))
	if s.rectified = length > 5; s.rectified {
		s.rate *= math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length) * (1 - power))
	}
}

func (s *radam) update(p Param, past [][]float64) {
	x, m, v := p.Value, past[0], past[1]
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		m[j] = blend(s.Beta1, m[j], g)
		v[j] = blend(s.Beta2, v[j], g*g)
		d := float64(s.rate * m[j])
		if s.rectified {
			d = over(d, math.Sqrt(v[j])+s.Epsilon)
		}
		x[j] -= d
	}
}
