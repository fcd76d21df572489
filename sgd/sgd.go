package sgd

import (
	"cmp"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

var vectors = kernel.Of[float64]()

// SGD is (stochastic) gradient descent with momentum, as in the documentation
// of torch.optim.SGD: with g the gradient plus WeightDecay·θ,
//
//	b₁ = g₁,  bₜ = Momentum·bₜ₋₁ + (1 − Dampening)·gₜ,
//	θ ← θ − α·b,  or with Nesterov  θ ← θ − α·(g + Momentum·b).
//
// The zero value is plain gradient descent θ ← θ − αg. With a constant α and no
// dampening the iterates are those of [HeavyBall].
type SGD struct {
	Momentum    float64 // in [0, 1]; 0 for none
	Dampening   float64 // in [0, 1]; not in the first step
	Nesterov    bool    // needs momentum and no dampening
	WeightDecay float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
}

// Start implements [Method].
func (m SGD) Start(params []Param) (State, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if m.Momentum == 0 {
		return newEntrywise(&descent{SGD: m}, params, nil), nil
	}
	return newEntrywise(&momentum{SGD: m}, params, []string{"momentum"}), nil
}

func (m SGD) check() error {
	err := cmp.Or(
		share("SGD", "Momentum", m.Momentum),
		share("SGD", "Dampening", m.Dampening),
		nonnegative("SGD", "WeightDecay", m.WeightDecay),
	)
	switch {
	case err != nil || !m.Nesterov:
		return err
	case m.Momentum == 0:
		return &MethodError{"SGD", "Momentum", 0, "positive for Nesterov's method"}
	case m.Dampening != 0:
		return &MethodError{"SGD", "Dampening", m.Dampening, "0 for Nesterov's method"}
	}
	return nil
}

// descent is SGD without momentum.
type descent struct {
	SGD
	rate float64
}

func (s *descent) begin(_, rate float64) { s.rate = rate }

func (s *descent) update(p Param, _ [][]float64) {
	vectors.Descend(p.Value, p.Value, p.Grad, s.rate, s.WeightDecay)
}

type momentum struct {
	SGD
	fresh, rate float64
}

func (s *momentum) begin(t, rate float64) {
	s.fresh, s.rate = 1-s.Dampening, rate
	if t == 1 {
		s.fresh = 1
	}
}

func (s *momentum) update(p Param, past [][]float64) {
	x, b := p.Value, past[0]
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		b[j] = float64(s.Momentum*b[j]) + float64(s.fresh*g)
		d := b[j]
		if s.Nesterov {
			d = g + float64(s.Momentum*d)
		}
		x[j] -= float64(s.rate * d)
	}
}
