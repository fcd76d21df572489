package sgd

import (
	"cmp"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// ASGD is averaged stochastic gradient descent by Polyak and Juditsky (SIAM J.
// Control Optim. 30, 1992) with the step sizes of Xu (arXiv 1107.2490, 2011), in
// PyTorch's form: at step t = 1, 2, …
//
//	η = α/(1 + λα(t − 1))^Power,  θ ← (1 − λη)θ − ηg,
//	a ← a + (θ − a)/max(1, t − 1 − From)
//
// where g is the gradient plus WeightDecay·θ. The averages a are the buffers
// "average w0" and so on: θ before step From + 2, then the mean of the iterates from
// that step on. The steps do not depend on them. The zero value is gradient descent
// with averages.
type ASGD struct {
	Lambda      float64 // λ ≥ 0; PyTorch's lambd
	Power       float64 // ≥ 0; PyTorch's alpha
	From        float64 // steps before averaging, ≥ 0; PyTorch's t0
	WeightDecay float64 // ≥ 0, of the penalty WeightDecay/2·‖θ‖² besides λ
}

// DefaultASGD returns ASGD with λ = 1e−4, a power of 0.75 and averages from step
// 1e6 on, as PyTorch has it; its rate is 0.01.
func DefaultASGD() ASGD { return ASGD{Lambda: 1e-4, Power: 0.75, From: 1e6} }

// Start implements [Method].
func (m ASGD) Start(params []Param) (State, error) {
	err := cmp.Or(
		nonnegative("ASGD", "Lambda", m.Lambda),
		nonnegative("ASGD", "Power", m.Power),
		nonnegative("ASGD", "From", m.From),
		nonnegative("ASGD", "WeightDecay", m.WeightDecay),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&asgd{ASGD: m}, params, []string{"average"}), nil
}

type asgd struct {
	ASGD
	rate, keep float64 // η, 1 − λη
	span       float64 // how many iterates are averaged
}

func (s *asgd) begin(t, rate float64) {
	s.rate = rate / kernel.Pow(1+float64(s.Lambda*rate*(t-1)), s.Power)
	s.keep = 1 - float64(s.Lambda*s.rate)
	s.span = max(1, t-1-s.From)
}

func (s *asgd) update(p Param, past [][]float64) {
	x, average := p.Value, past[0]
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		x[j] = float64(s.keep*x[j]) - float64(s.rate*g)
	}
	if s.span == 1 {
		copy(average, x)
		return
	}
	for j := range average {
		average[j] += (x[j] - average[j]) / s.span
	}
}
