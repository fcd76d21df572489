package descent

import "slices"

// metric is an estimate H of an inverse Hessian.
type metric interface {
	// apply writes Hg to dst.
	apply(dst, g []float64)
	// update takes a step s and the change y of the gradient along it, where ⟨s, y⟩ > 0.
	update(s, y []float64)
	// reset makes H the identity, to be scaled at the next update.
	reset()
}

// newMetric returns the full matrix if memory is 0, else one from that many pairs.
func newMetric(n, memory int) metric {
	if memory > 0 {
		return &pairs{most: memory}
	}
	m := &matrix{n: n, h: make([]float64, n*n), hy: make([]float64, n)}
	m.reset()
	return m
}

// matrix is the BFGS estimate as a symmetric matrix of n rows.
type matrix struct {
	n     int
	h, hy []float64
	fresh bool
}

func (m *matrix) row(i int) []float64 { return m.h[i*m.n : (i+1)*m.n] }

func (m *matrix) apply(dst, g []float64) {
	for i := range dst {
		dst[i] = dot(m.row(i), g)
	}
}

func (m *matrix) reset() {
	clear(m.h)
	for i := range m.n {
		m.row(i)[i] = 1
	}
	m.fresh = true
}

// update is the BFGS formula
//
//	H ← H − ρ(s(Hy)ᵀ + (Hy)sᵀ) + ρ(1 + ρyᵀHy)ssᵀ,   ρ = 1/⟨s, y⟩.
//
// The first one scales the identity by ⟨s, y⟩/‖y‖² before (J. Nocedal and S. Wright, Numerical
// Optimization, 2006, equation 6.20).
func (m *matrix) update(s, y []float64) {
	sy := dot(s, y)
	if m.fresh {
		scale(m.h, sy/dot(y, y), m.h)
		m.fresh = false
	}
	m.apply(m.hy, y)
	outer := (1 + dot(y, m.hy)/sy) / sy
	for i := range m.n {
		row, si, hyi := m.row(i), s[i]/sy, m.hy[i]/sy
		for j := range row[:i+1] {
			row[j] += float64(float64(outer*s[i])*s[j]) - (float64(si*m.hy[j]) + float64(hyi*s[j]))
			m.row(j)[i] = row[j]
		}
	}
}

// pairs is the limited-memory estimate, from the last few s and y by the two-loop recursion
// (Nocedal and Wright, algorithm 7.4), with the identity scaled by the last pair.
type pairs struct {
	most     int
	s, y     [][]float64
	products []float64 // ⟨s, y⟩
	alpha    []float64
}

func (p *pairs) apply(dst, g []float64) {
	copy(dst, g)
	p.alpha = slices.Grow(p.alpha[:0], len(p.s))[:len(p.s)]
	for i := len(p.s) - 1; i >= 0; i-- {
		p.alpha[i] = dot(p.s[i], dst) / p.products[i]
		move(dst, dst, -p.alpha[i], p.y[i])
	}
	if k := len(p.s) - 1; k >= 0 {
		scale(dst, p.products[k]/dot(p.y[k], p.y[k]), dst)
	}
	for i := range p.s {
		beta := dot(p.y[i], dst) / p.products[i]
		move(dst, dst, p.alpha[i]-beta, p.s[i])
	}
}

func (p *pairs) update(s, y []float64) {
	if len(p.s) == p.most {
		p.s, p.y, p.products = slices.Delete(p.s, 0, 1), slices.Delete(p.y, 0, 1), slices.Delete(p.products, 0, 1)
	}
	p.s, p.y = append(p.s, slices.Clone(s)), append(p.y, slices.Clone(y))
	p.products = append(p.products, dot(s, y))
}

func (p *pairs) reset() { p.s, p.y, p.products = nil, nil, nil }
