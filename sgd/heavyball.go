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
	if err := share("HeavyBall", "Beta", m.Beta); err != nil {
		return nil, err
	}
	return newEntrywise(&heavyBall{HeavyBall: m}, params, []string{"previous"}), nil
}

type heavyBall struct {
	HeavyBall
	first bool
	rate  float64
}

func (s *heavyBall) begin(t, rate float64) { s.first, s.rate = t == 1, rate }

func (s *heavyBall) update(p Param, past [][]float64) {
	old := past[0]
	if s.first {
		copy(old, p.Value)
	}
	for j, g := range p.Grad {
		x := p.Value[j]
		p.Value[j] = x - float64(s.rate*g) + float64(s.Beta*(x-old[j]))
		old[j] = x
	}
}
