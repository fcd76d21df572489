package sgd

import (
	"cmp"
	"math"
)

// Ftrl is FTRL-Proximal by McMahan and others (KDD 2013, algorithm 1), entry by
// entry: with learning rate α,
//
//	n₊ = n + g²,  z ← z + g − (√n₊ − √n)/α·θ,
//	θ ← 0 if |z| ≤ L1,  θ ← (sign(z)·L1 − z)/((Beta + √n₊)/α + L2) otherwise
//
// with n = z = 0 at first. A rate that varies counts as α of √n₊ and the one before
// as that of √n, so that (√n₊ − √n)/α are the differences of √n/α; the paper has
// one rate. L1, L2 and Beta draw to 0, wherever the start is, and an entry that has
// had no gradient becomes 0. A step of rate 0 changes nothing.
//
// The zero value is that of [Adagrad] but for rounding, and an entry that has had
// no gradient stays.
type Ftrl struct {
	L1   float64 // λ₁ ≥ 0: how large |z| must be for an entry that is not 0
	L2   float64 // λ₂ ≥ 0 of the penalty λ₂/2·θ²
	Beta float64 // β ≥ 0
}

// DefaultFtrl returns Ftrl with β = 1, as the paper advises, and no penalties.
func DefaultFtrl() Ftrl { return Ftrl{Beta: 1} }

// Start implements [Method].
func (m Ftrl) Start(params []Param) (State, error) {
	err := cmp.Or(
		nonnegative("Ftrl", "L1", m.L1),
		nonnegative("Ftrl", "L2", m.L2),
		nonnegative("Ftrl", "Beta", m.Beta),
	)
	if err != nil {
		return nil, err
	}
	last := []float64{0}
	return newEntrywise(&ftrl{Ftrl: m, last: last}, params, []string{"sum", "z"}, Buffer{"rate", last}), nil
}

type ftrl struct {
	Ftrl
	last      []float64 // one entry: the rate of the last step
	old, rate float64
}

func (s *ftrl) begin(_, rate float64) {
	s.old, s.rate = s.last[0], rate
	if rate != 0 {
		s.last[0] = rate
	}
}

func (s *ftrl) update(p Param, past [][]float64) {
	if s.rate == 0 {
		return
	}
	x, n, z := p.Value, past[0], past[1]
	for j, g := range p.Grad {
		before := over(math.Sqrt(n[j]), s.old)
		n[j] += float64(g * g)
		root := math.Sqrt(n[j])
		z[j] += g - float64((root/s.rate-before)*x[j])
		x[j] = s.entry(x[j], z[j], (s.Beta+root)/s.rate+s.L2)
	}
}

// entry minimises zθ + d/2·θ² + L1·|θ|; all θ do if these are 0, and x is kept.
func (s *ftrl) entry(x, z, d float64) float64 {
	switch {
	case d == 0 && s.L1 == 0:
		return x
	case math.Abs(z) <= s.L1:
		return 0
	}
	return over(math.Copysign(s.L1, z)-z, d)
}
