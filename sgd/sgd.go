package sgd

import (
	"cmp"
	"math"

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
	s := &momentum{SGD: m, steps: Buffer{"steps", make([]float64, 1)}}
	if m.Momentum != 0 {
		s.b = buffersLike("momentum", params)
	}
	return s, nil
}

func (m SGD) check() error {
	const unit, beyond = "at least 0 and at most 1", 1 + 0x1p-52
	err := cmp.Or(
		within("SGD", "Momentum", m.Momentum, 0, beyond, unit),
		within("SGD", "Dampening", m.Dampening, 0, beyond, unit),
		within("SGD", "WeightDecay", m.WeightDecay, 0, math.Inf(1), "finite and at least 0"),
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

type momentum struct {
	SGD
	steps Buffer
	b     []Buffer
}

// Buffers implements [State].
func (s *momentum) Buffers() []Buffer { return append([]Buffer{s.steps}, s.b...) }

// Update implements [State].
func (s *momentum) Update(params []Param, rate float64) {
	fresh := 1 - s.Dampening
	if s.steps.Values[0] == 0 {
		fresh = 1
	}
	s.steps.Values[0]++
	for i, p := range params {
		if s.b == nil {
			s.plain(p, rate)
		} else {
			s.heavy(p, s.b[i].Values, fresh, rate)
		}
	}
}

func (s *momentum) plain(p Param, rate float64) {
	vectors.Descend(p.Value, p.Value, p.Grad, rate, s.WeightDecay)
}

func (s *momentum) heavy(p Param, b []float64, fresh, rate float64) {
	x := p.Value
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		b[j] = float64(s.Momentum*b[j]) + float64(fresh*g)
		d := b[j]
		if s.Nesterov {
			d = g + float64(s.Momentum*d)
		}
		x[j] -= float64(rate * d)
	}
}
