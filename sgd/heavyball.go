package sgd

// HeavyBall is Polyak's method in the lecture's form,
//
//	θ₊ = θ − α∇J + Beta·(θ − θ₋),  θ₋ = θ before the first step.
//
// In real arithmetic it is v₊ = Beta·v + α∇J, θ₊ = θ − v₊ with v₀ = 0. If α
// varies it is not [SGD] with momentum, which applies α to the past as well.
type HeavyBall struct {
	Beta float64 // in [0, 1]
}

// Start implements [Method].
func (m HeavyBall) Start(params []Param) (State, error) {
	if err := within("HeavyBall", "Beta", m.Beta, 0, 1+0x1p-52, "at least 0 and at most 1"); err != nil {
		return nil, err
	}
	return &heavyBall{m.Beta, Buffer{"steps", make([]float64, 1)}, buffersLike("previous", params)}, nil
}

type heavyBall struct {
	beta     float64
	steps    Buffer
	previous []Buffer
}

// Buffers implements [State].
func (s *heavyBall) Buffers() []Buffer { return append([]Buffer{s.steps}, s.previous...) }

// Update implements [State].
func (s *heavyBall) Update(params []Param, rate float64) {
	first := s.steps.Values[0] == 0
	s.steps.Values[0]++
	for i, p := range params {
		old := s.previous[i].Values
		if first {
			copy(old, p.Value)
		}
		for j, g := range p.Grad {
			x := p.Value[j]
			p.Value[j] = x - float64(rate*g) + float64(s.beta*(x-old[j]))
			old[j] = x
		}
	}
}
