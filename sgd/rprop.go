package sgd

import (
	"cmp"
	"math"
)

// Rprop is resilient backpropagation by Riedmiller and Braun (IEEE International
// Conference on Neural Networks, 1993), entry by entry, in the form iRprop− of Igel
// and Hüsken (Neurocomputing 50, 2003), which PyTorch has too:
//
//	Δ ← min(Grow·Δ, MaxStep)    if g·g₋ > 0,
//	Δ ← max(Shrink·Δ, MinStep)  if g·g₋ < 0, and then g ← 0,
//	θ ← θ − Δ·sign(g),  g₋ ← g
//
// with g₋ = 0 at first. Δ starts as the learning rate of the first step, brought
// into [MinStep, MaxStep]; later rates have no effect. It is for full gradients:
// minibatches change signs at random. The zero value is refused.
type Rprop struct {
	Shrink, Grow     float64 // η⁻ in (0, 1), η⁺ > 1
	MinStep, MaxStep float64 // 0 ≤ MinStep ≤ MaxStep
}

// DefaultRprop returns Rprop with factors 0.5 and 1.2 and steps from 1e−6 to 50, as
// PyTorch has it; its rate is 0.01.
func DefaultRprop() Rprop { return Rprop{Shrink: 0.5, Grow: 1.2, MinStep: 1e-6, MaxStep: 50} }

// Start implements [Method].
func (m Rprop) Start(params []Param) (State, error) {
	err := cmp.Or(
		within("Rprop", "Shrink", m.Shrink, math.SmallestNonzeroFloat64, 1, "positive and below 1"),
		within("Rprop", "Grow", m.Grow, 1+0x1p-52, math.Inf(1), "finite and above 1"),
		nonnegative("Rprop", "MinStep", m.MinStep),
		within("Rprop", "MaxStep", m.MaxStep, m.MinStep, math.Inf(1), "finite and at least MinStep"),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&rprop{Rprop: m}, params, []string{"size", "sign"}), nil
}

type rprop struct {
	Rprop
	first bool
	rate  float64
}

func (s *rprop) begin(t, rate float64) { s.first, s.rate = t == 1, rate }

func (s *rprop) update(p Param, past [][]float64) {
	x, size, old := p.Value, past[0], past[1]
	for j, g := range p.Grad {
		if s.first {
			size[j] = s.rate
		}
		sign := signOf(g)
		switch sign * old[j] {
		case 1:
			size[j] *= s.Grow
		case -1:
			size[j] *= s.Shrink
			sign = 0
		}
		size[j] = min(max(size[j], s.MinStep), s.MaxStep)
		x[j] -= float64(sign * size[j])
		old[j] = sign
	}
}

// signOf returns −1, 0 or 1, and 0 for NaN.
func signOf(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}
