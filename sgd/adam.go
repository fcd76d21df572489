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
// With AMSGrad v̂ is max(v₁, …, vₜ)/(1 − β₂ᵗ): Reddi, Kale and Kumar (ICLR 2018,
// algorithm 2) take the maximum, and the correction is PyTorch's.
//
// [DefaultAdam] has the constants of the paper. The zero value has no memory
// and no ε: it is the sign method θ ← θ − α·sign(g).
type Adam struct {
	Beta1, Beta2 float64 // β₁, β₂ in [0, 1)
	Epsilon      float64 // ε ≥ 0
	WeightDecay  float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
	AMSGrad      bool    // divide by the largest v so far
}

// DefaultAdam returns Adam with β₁ = 0.9, β₂ = 0.999 and ε = 1e−8, the defaults
// of Kingma and Ba.
func DefaultAdam() Adam { return Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

// Start implements [Method].
func (a Adam) Start(params []Param) (State, error) {
	if err := a.check("Adam"); err != nil {
		return nil, err
	}
	return newEntrywise(&adam{Adam: a}, params, a.kinds()), nil
}

// check names the method, since others have the same hyper-parameters.
func (a Adam) check(method string) error {
	return cmp.Or(
		fraction(method, "Beta1", a.Beta1),
		fraction(method, "Beta2", a.Beta2),
		nonnegative(method, "Epsilon", a.Epsilon),
		nonnegative(method, "WeightDecay", a.WeightDecay),
	)
}

// kinds names the arrays of m, v and, with AMSGrad only, of the largest v.
func (a Adam) kinds() []string {
	if a.AMSGrad {
		return []string{"mean", "square", "largest"}
	}
	return []string{"mean", "square"}
}

type adam struct {
	Adam
	decoupled      float64 // AdamW's weight decay
	keep, rate, c2 float64 // 1 − α·decoupled, α/(1 − β₁ᵗ), 1 − β₂ᵗ
}

func (s *adam) begin(t, rate float64) {
	s.keep = 1 - float64(rate*s.decoupled)
	s.rate, s.c2 = rate/(1-kernel.Pow(s.Beta1, t)), 1-kernel.Pow(s.Beta2, t)
}

func (s *adam) update(p Param, past [][]float64) {
	x, m, v, largest := p.Value, past[0], past[1], past[len(past)-1] // largest may be v, unused
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		mean, square := blend(s.Beta1, m[j], g), blend(s.Beta2, v[j], g*g)
		m[j], v[j] = mean, square
		if s.AMSGrad {
			square = max(largest[j], square)
			largest[j] = square
		}
		x[j] = float64(s.keep*x[j]) - over(s.rate*mean, math.Sqrt(square/s.c2)+s.Epsilon)
	}
}
