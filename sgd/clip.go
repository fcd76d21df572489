package sgd

import (
	"cmp"
	"math"
)

// Clip bounds the gradient before Method sees it. With Norm > 0 it is scaled by
// min(1, Norm/(‖g‖ + 1e−6)), ‖g‖ being the Euclidean norm over all parameters, as by
// PyTorch's clip_grad_norm_. With Value > 0 each entry is then moved into
// [−Value, Value], as by clip_grad_value_. A bound of 0 is none.
//
// Clip bounds the loss's gradient; weight decay of Method is added after it. Inside
// a group of [Groups] the norm is that of the group's parameters.
type Clip struct {
	Method Method
	Norm   float64 // ≥ 0
	Value  float64 // ≥ 0
}

// normMargin is PyTorch's: it keeps the quotient finite where the gradient is 0.
const normMargin = 1e-6

// Start implements [Method]. The error is a *CombineError if there is no method
// or one that searches, whose further gradients would not be clipped.
func (c Clip) Start(params []Param) (State, error) {
	if err := cmp.Or(nonnegative("Clip", "Norm", c.Norm), nonnegative("Clip", "Value", c.Value)); err != nil {
		return nil, err
	}
	s := &clip{Clip: c, params: make([]Param, len(params))}
	for i, p := range params {
		p.Grad = make([]float64, len(p.Value))
		s.params[i] = p
	}
	var err error
	s.State, err = startInner("Clip", c.Method, s.params)
	return s, err
}

// startInner starts a method that another one drives.
func startInner(outer string, m Method, params []Param) (State, error) {
	if m == nil {
		return nil, &CombineError{outer, "no method is given; pass one such as sgd.SGD{}"}
	}
	s, err := m.Start(params)
	if err != nil {
		return nil, err
	}
	if _, searches := s.(Searcher); searches {
		return nil, &CombineError{outer, "a method that searches along the loss cannot be inside; use it alone"}
	}
	return s, nil
}

// CombineError says why methods cannot be combined.
type CombineError struct {
	Method string // "Clip" or "Groups"
	Reason string
}

func (e *CombineError) Error() string { return "sgd: " + e.Method + ": " + e.Reason }

type clip struct {
	State
	Clip
	params []Param // with gradients of our own
}

// Update implements [State].
func (s *clip) Update(params []Param, rate float64) {
	factor := 1.0
	if s.Norm > 0 {
		factor = min(1, s.Norm/(gradientNorm(params)+normMargin))
	}
	for i, p := range params {
		clipped := s.params[i].Grad
		for j, g := range p.Grad {
			clipped[j] = s.entry(g, factor)
		}
		s.params[i].Value = p.Value
	}
	s.State.Update(s.params, rate)
}

func (s *clip) entry(g, factor float64) float64 {
	g *= factor
	if s.Value > 0 {
		g = max(-s.Value, min(s.Value, g))
	}
	return g
}

// gradientNorm scales by the largest entry, so that no square overflows.
func gradientNorm(params []Param) float64 {
	largest, sum := 0.0, 0.0
	for _, p := range params {
		for _, g := range p.Grad {
			largest = max(largest, math.Abs(g))
		}
	}
	if largest == 0 {
		return 0
	}
	for _, p := range params {
		for _, g := range p.Grad {
			q := g / largest
			sum += float64(q * q)
		}
	}
	return largest * math.Sqrt(sum)
}
