package descent

import (
	"math"
	"slices"
)

// point is a place at which the oracle was asked for value and gradient.
type point struct {
	x, gradient []float64
	f           float64
}

func newPoint(n int) *point {
	return &point{x: make([]float64, n), gradient: make([]float64, n)}
}

// differentiable says whether the oracle gave a gradient at p, as far as it can be seen from there.
func (p *point) differentiable() bool { return finite(p.gradient) }

// ask evaluates p at its x.
func (p *point) ask(r *run) (err error) {
	p.f, err = r.at(p.x, p.gradient)
	return err
}

// move writes x + td to dst, which may be x.
func move(dst, x []float64, t float64, d []float64) {
	for i := range x {
		dst[i] = x[i] + float64(t*d[i])
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}

func scale(dst []float64, t float64, x []float64) {
	for i := range x {
		dst[i] = float64(t * x[i])
	}
}

func finite(x []float64) bool {
	return !slices.ContainsFunc(x, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}

// set makes p a copy of q.
func (p *point) set(q *point) {
	copy(p.x, q.x)
	copy(p.gradient, q.gradient)
	p.f = q.f
}

// differs says whether the two points are at different places.
func (p *point) differs(q *point) bool { return !slices.Equal(p.x, q.x) }
