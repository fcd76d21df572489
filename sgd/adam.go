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
	err := cmp.Or(
		fraction("Adam", "Beta1", a.Beta1),
		fraction("Adam", "Beta2", a.Beta2),
		nonnegative("Adam", "Epsilon", a.Epsilon),
		nonnegative("Adam", "WeightDecay", a.WeightDecay),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&adam{Adam: a}, params, []string{"mean", "square"}), nil
}

type adam struct {
	Adam
	c1, c2, rate float64 // 1 − β₁ᵗ, 1 − β₂ᵗ, α
}

func (s *adam) begin(t, rate float64) {
	s.c1, s.c2, s.rate = 1-kernel.Pow(s.Beta1, t), 1-kernel.Pow(s.Beta2, t), rate
}

func (s *adam) update(p Param, past [][]float64) {
	x, m, v := p.Value, past[0], past[1]
	n1, n2 := 1-s.Beta1, 1-s.Beta2
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		m[j] = float64(s.Beta1*m[j]) + float64(n1*g)
		v[j] = float64(s.Beta2*v[j]) + float64(n2*float64(g*g))
		x[j] -= over(s.rate*(m[j]/s.c1), math.Sqrt(v[j]/s.c2)+s.Epsilon)
	}
}
