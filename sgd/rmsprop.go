package sgd

import (
	"cmp"
	"math"
)

// RMSprop is the method of Tieleman and Hinton (Coursera, Neural networks for
// machine learning, 2012, lecture 6.5), entry by entry:
//
//	v ← βv + (1 − β)g²,  b ← Momentum·b + g/(√v + ε),  θ ← θ − αb
//
// with v = b = 0 at first; g is the gradient plus WeightDecay·θ. When Centered, √v
// is √(v − m²) with m ← βm + (1 − β)g, by Graves (arXiv 1308.0850, 2013, equations
// 38 to 41); a v − m² that rounding makes negative counts as 0. ε is outside of the
// root as in PyTorch. An entry with √v + ε = 0 has no new push.
//
// For a constant |g|, ε = 0 and neither centring nor momentum the step is
// α/√(1 − βᵗ), which tends to α.
type RMSprop struct {
	Beta        float64 // β in [0, 1); PyTorch's alpha
	Momentum    float64 // in [0, 1]; 0 for none
	Centered    bool
	Epsilon     float64 // ε ≥ 0
	WeightDecay float64 // λ ≥ 0 of the penalty λ/2·‖θ‖²
}

// DefaultRMSprop returns RMSprop with β = 0.99 and ε = 1e−8, as PyTorch has it; its
// rate is 0.01.
func DefaultRMSprop() RMSprop { return RMSprop{Beta: 0.99, Epsilon: 1e-8} }

// Start implements [Method].
func (m RMSprop) Start(params []Param) (State, error) {
	err := cmp.Or(
		fraction("RMSprop", "Beta", m.Beta),
		share("RMSprop", "Momentum", m.Momentum),
		nonnegative("RMSprop", "Epsilon", m.Epsilon),
		nonnegative("RMSprop", "WeightDecay", m.WeightDecay),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&rmsprop{RMSprop: m}, params, m.kinds()), nil
}

// kinds names the arrays of v, of m if there is one, and of b if there is one.
func (m RMSprop) kinds() []string {
	kinds := []string{"square"}
	if m.Centered {
		kinds = append(kinds, "mean")
	}
	if m.Momentum != 0 {
		kinds = append(kinds, "momentum")
	}
	return kinds
}

type rmsprop struct {
	RMSprop
	rate float64
}

func (s *rmsprop) begin(_, rate float64) { s.rate = rate }

func (s *rmsprop) update(p Param, past [][]float64) {
	x, v := p.Value, past[0]
	m, b := past[min(1, len(past)-1)], past[len(past)-1] // not used if they are v
	for j, g := range p.Grad {
		g += float64(s.WeightDecay * x[j])
		v[j] = blend(s.Beta, v[j], g*g)
		spread := v[j]
		if s.Centered {
			m[j] = blend(s.Beta, m[j], g)
			spread = max(0, spread-float64(m[j]*m[j]))
		}
		d := over(g, math.Sqrt(spread)+s.Epsilon)
		if s.Momentum != 0 {
			d += float64(s.Momentum * b[j])
			b[j] = d
		}
		x[j] -= float64(s.rate * d)
	}
}
