package descent

import (
	"math"
	"slices"
)

// forcing is the part of a projected gradient that conjugate gradients leave, so that Newton's method stays
// quadratic until rounding.
const forcing = 1e-10

// model is the quadratic function ⟨g, d⟩ + ½⟨d, Hd⟩ on the space orthogonal to a frame.
type model struct {
	g    []float64   // projected
	h    [][]float64 // rows of the symmetric H, with more columns than needed
	span *frame
}

// product is Hd, projected.
func (m *model) product(d []float64) []float64 {
	out := make([]float64, len(d))
	for i := range out {
		out[i] = dot(m.h[i][:len(d)], d)
	}
	m.span.project(out)
	return out
}

// step returns a d of length at most radius that decreases the model, and by how much: conjugate gradients up to
// the ball or a direction of negative curvature, which is followed to the ball (T. Steihaug, "The conjugate gradient
// method and trust regions in large scale optimization", SIAM J. Numer. Anal. 20, 1983).
func (m *model) step(radius float64) (d []float64, decrease float64) {
	n := len(m.g)
	d, hd, p := make([]float64, n), make([]float64, n), make([]float64, n)
	r := slices.Clone(m.g)
	scale(p, -1, r)
	size := dot(r, r)
	enough := float64(size * (forcing * forcing))
	for range 2*n + 2 { // n but for rounding
		if !(size > enough) {
			break
		}
		hp := m.product(p)
		t, edge := toBall(d, p, radius), true
		if curvature := dot(p, hp); curvature > 0 && size/curvature < t {
			t, edge = size/curvature, false
		}
		move(d, d, t, p)
		move(hd, hd, t, hp)
		if edge || !finite(d) {
			break
		}
		move(r, r, t, hp)
		before := size
		size = dot(r, r)
		scale(p, size/before, p)
		move(p, p, -1, r)
	}
	return d, -dot(m.g, d) - dot(d, hd)/2
}

// toBall is the t ≥ 0 with ‖d + tp‖ = radius.
func toBall(d, p []float64, radius float64) float64 {
	a, b, c := dot(p, p), dot(d, p), dot(d, d)-float64(radius*radius)
	return (math.Sqrt(max(0, float64(b*b)-float64(a*c))) - b) / a
}
