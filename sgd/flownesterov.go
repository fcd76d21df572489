package sgd

// Nesterov is Nesterov's accelerated gradient method for convex functions (Soviet Math. Doklady 27, 1983) with the momentum
// of W. Su, S. Boyd and E. Candès (JMLR 17, 2016),
//
//	xₖ = yₖ₋₁ − α∇J(yₖ₋₁),  yₖ = xₖ + (k−1)/(k+2)·(xₖ − xₖ₋₁),  x₀ = y₀,  k = 1, 2, ….
//
// The parameters are y, where gradients are taken; x is the buffer "descended". [NesterovFlow] is its limit.
type Nesterov struct{}

// Start implements [Method].
func (m Nesterov) Start(params []Param) (State, error) {
	return newEntrywise(&nesterov{}, params, []string{"descended"}), nil
}

type nesterov struct {
	first        bool
	rate, weight float64
}

func (s *nesterov) begin(t, rate float64) { s.first, s.rate, s.weight = t == 1, rate, (t-1)/(t+2) }

func (s *nesterov) update(p Param, past [][]float64) {
	old := past[0]
	if s.first {
		copy(old, p.Value)
	}
	for j, g := range p.Grad {
		x := p.Value[j] - float64(s.rate*g)
		p.Value[j] = x + float64(s.weight*(x-old[j]))
		old[j] = x
	}
}
