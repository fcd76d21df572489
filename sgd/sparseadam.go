package sgd

import (
	"cmp"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// SparseAdam is Adam on the rows that have a gradient: PyTorch's
// torch.optim.SparseAdam, for embeddings. A row of the first axis of a tensor, or
// an entry of a vector, is present in a step if its gradient has an entry that is
// not 0. The others keep their values and their moments, while the bias correction
// counts all steps:
//
//	m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,
//	θ ← θ − α·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·m/(√v + ε)
//
// Unlike in [Adam], ε is added before the correction of v.
type SparseAdam struct {
	Beta1, Beta2 float64 // β₁, β₂ in [0, 1)
	Epsilon      float64 // ε ≥ 0
}

// DefaultSparseAdam returns SparseAdam with β₁ = 0.9, β₂ = 0.999 and ε = 1e−8,
// PyTorch's defaults.
func DefaultSparseAdam() SparseAdam { return SparseAdam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8} }

// Start implements [Method].
func (a SparseAdam) Start(params []Param) (State, error) {
	err := cmp.Or(
		fraction("SparseAdam", "Beta1", a.Beta1),
		fraction("SparseAdam", "Beta2", a.Beta2),
		nonnegative("SparseAdam", "Epsilon", a.Epsilon),
	)
	if err != nil {
		return nil, err
	}
	return newEntrywise(&sparseAdam{SparseAdam: a}, params, []string{"mean", "square"}), nil
}

type sparseAdam struct {
	SparseAdam
	rate float64 // α·√(1 − β₂ᵗ)/(1 − β₁ᵗ)
}

func (s *sparseAdam) begin(t, rate float64) {
	s.rate = rate * math.Sqrt(1-kernel.Pow(s.Beta2, t)) / (1 - kernel.Pow(s.Beta1, t))
}

func (s *sparseAdam) update(p Param, past [][]float64) {
	width := 1
	if len(p.Shape) > 1 && p.Shape[0] > 0 {
		width = len(p.Value) / p.Shape[0]
	}
	for at := 0; at < len(p.Value); at += width {
		if slices.ContainsFunc(p.Grad[at:at+width], func(g float64) bool { return g != 0 }) {
			s.row(p, past, at, at+width)
		}
	}
}

// row moves the entries from lo to hi.
func (s *sparseAdam) row(p Param, past [][]float64, lo, hi int) {
	x, m, v := p.Value, past[0], past[1]
	for j := lo; j < hi; j++ {
		g := p.Grad[j]
		m[j], v[j] = blend(s.Beta1, m[j], g), blend(s.Beta2, v[j], g*g)
		x[j] -= over(s.rate*m[j], math.Sqrt(v[j])+s.Epsilon)
	}
}
