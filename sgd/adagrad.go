package sgd

import (
	"cmp"
	"math"
)

// Adagrad is the diagonal method of Duchi, Hazan and Singer (JMLR 12, 2011,
// figure 1), entry by entry, in PyTorch's form: at step t = 1, 2, …
//
//	G ← G + g²,  θ ← θ − α/(1 + (t − 1)·RateDecay) · g/(√(Initial + G) + ε)
//
// with G = 0 at first; g is the gradient plus WeightDecay·θ. An entry whose divisor
// is 0 stays: it has had no gradient. For a constant g the zero value makes the
// steps α/√t·sign(g).
type Adagrad struct {
	RateDecay   float64 // ≥ 0; PyTorch's lr_decay
	Initial     float64 // ≥ 0; PyTorch's initial_accumulator_value
	Epsilon     float64 // ε ≥ 0
	WeightDecay float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
}

// DefaultAdagrad returns Adagrad with ε = 1e−10, as PyTorch has it; its rate is
// 0.01.
func DefaultAdagrad() Adagrad { return Adagrad{Epsilon: 1e-10} }

// Start implements [Method].
func (m Adagrad) Start(params []Param) (State, error) {
	err := cmp.Or(
		nonnegative("Adagrad", "RateDecay", m.RateDecay),
		nonnegative("Adagrad", "Initial", m.Initial),
		nonnegative("Adagrad", "Epsilon", m.Epsilon),
		nonnegative("Adagrad", "WeightDecay", m.WeightDecay),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&adagrad{Adagrad: m}, params, []string{"sum"}), nil
}

type adagrad struct {
	Adagrad
	rate float64
}

func (s *adagrad) begin(t, rate float64) {
	s.rate = rate / (1 + float64((t-1)*s.RateDecay))
}

func (s *adagrad) update(p Param, past [][]float64) {
	x, sum := p.Value, past[0]
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		sum[j] += float64(g * g)
		x[j] -= over(s.rate*g, math.Sqrt(s.Initial+sum[j])+s.Epsilon)
	}
}
