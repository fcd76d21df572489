package sgd

import (
	"cmp"
	"math"
)

// Adadelta is the method of Zeiler (arXiv 1212.5701, 2012, algorithm 1), entry by
// entry:
//
//	E ← ρE + (1 − ρ)g²,  Δ = √(U + ε)/√(E + ε)·g,  U ← ρU + (1 − ρ)Δ²,
//	θ ← θ − αΔ
//
// with E = U = 0 at first; g is the gradient plus WeightDecay·θ. The paper has
// α = 1. The first step is about α√ε/√(1 − ρ), so ε decides how fast it starts.
type Adadelta struct {
	Rho         float64 // ρ in [0, 1)
	Epsilon     float64 // ε > 0: with 0 nothing would ever move
	WeightDecay float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
}

// DefaultAdadelta returns Adadelta with ρ = 0.9 and ε = 1e−6, as PyTorch has it;
// its rate is 1.
func DefaultAdadelta() Adadelta { return Adadelta{Rho: 0.9, Epsilon: 1e-6} }

// Start implements [Method].
func (m Adadelta) Start(params []Param) (State, error) {
	err := cmp.Or(
		fraction("Adadelta", "Rho", m.Rho),
		positive("Adadelta", "Epsilon", m.Epsilon),
		nonnegative("Adadelta", "WeightDecay", m.WeightDecay),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&adadelta{Adadelta: m}, params, []string{"square", "moved"}), nil
}

type adadelta struct {
	Adadelta
	rate float64
}

func (s *adadelta) begin(_, rate float64) { s.rate = rate }

func (s *adadelta) update(p Param, past [][]float64) {
	x, e, u := p.Value, past[0], past[1]
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		e[j] = blend(s.Rho, e[j], g*g)
		d := math.Sqrt(u[j]+s.Epsilon) / math.Sqrt(e[j]+s.Epsilon) * g
		u[j] = blend(s.Rho, u[j], d*d)
		x[j] -= float64(s.rate * d)
	}
}
