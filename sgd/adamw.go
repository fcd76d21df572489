package sgd

// AdamW is Adam with decoupled weight decay, by Loshchilov and Hutter (ICLR 2019,
// algorithm 2) in PyTorch's form: each step is first
//
//	θ ← θ − α·WeightDecay·θ
//
// and then one of [Adam] with the gradient before, without a penalty. Without
// weight decay it is Adam.
type AdamW struct {
	Beta1, Beta2 float64 // β₁, β₂ in [0, 1)
	Epsilon      float64 // ε ≥ 0
	WeightDecay  float64 // ≥ 0, times the learning rate
	AMSGrad      bool    // see [Adam]
}

// DefaultAdamW returns AdamW with β₁ = 0.9, β₂ = 0.999, ε = 1e−8 and a weight decay
// of 0.01, as PyTorch has it; its rate is 0.001.
func DefaultAdamW() AdamW {
	return AdamW{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01}
}

// Start implements [Method].
func (m AdamW) Start(params []Param) (State, error) {
	a := Adam(m)
	if err := a.check("AdamW"); err != nil {
		return nil, err
	}
	a.WeightDecay = 0
	return newEntrywise(&adam{Adam: a, decoupled: m.WeightDecay}, params, a.kinds()), nil
}
