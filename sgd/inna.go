package sgd

import "cmp"

// INNA is the inertial Newton algorithm of Castera, Bolte, Févotte and Pauwels
// (JMLR 22, 2021, algorithm 1) with learning rate γ,
//
//	ψ₊ = ψ + γ((1/β − α)θ − ψ/β),
//	θ₊ = θ + γ((1/β − α)θ − ψ/β − βg),  ψ = (1 − αβ)θ before the first step.
//
// It discretises θ″ + αθ′ + β∇²J(θ)θ′ + ∇J(θ) = 0, of second order in time and
// space, without computing second derivatives; g may be any element of a
// conservative field. The first step is −γβg. The zero value is refused.
type INNA struct {
	Alpha float64 // α ≥ 0: viscous damping
	Beta  float64 // β > 0: Newtonian damping
}

// DefaultINNA returns INNA with α = 0.5 and β = 0.1, the defaults of its authors'
// code.
func DefaultINNA() INNA { return INNA{Alpha: 0.5, Beta: 0.1} }

// Start implements [Method].
func (m INNA) Start(params []Param) (State, error) {
	if err := cmp.Or(nonnegative("INNA", "Alpha", m.Alpha), positive("INNA", "Beta", m.Beta)); err != nil {
		return nil, err
	}
	return newEntrywise(&inna{INNA: m}, params, []string{"psi"}), nil
}

type inna struct {
	INNA
	first bool
	rate  float64
}

func (s *inna) begin(t, rate float64) { s.first, s.rate = t == 1, rate }

func (s *inna) update(p Param, past [][]float64) {
	x, psi := p.Value, past[0]
	of := 1/s.Beta - s.Alpha
	for j, g := range p.Grad {
		if s.first {
			psi[j] = (1 - float64(s.Alpha*s.Beta)) * x[j]
		}
		common := float64(of*x[j]) - psi[j]/s.Beta
		x[j] += float64(s.rate * (common - float64(s.Beta*g)))
		psi[j] += float64(s.rate * common)
	}
}
