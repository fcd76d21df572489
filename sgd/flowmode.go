package sgd

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

const (
	// flatProbe is how far along the direction, in units of 1 + ‖x‖, the signs of flat switches are looked up.
	flatProbe = 1e-4
	// flatRounding is the |z| there, in units of 1 + ‖x‖, below which a sign is rounding.
	flatRounding = 1e-15
	// alongKink is the sine of the angle up to which a direction counts as along a kink.
	alongKink = 1e-7
)

// mode is what the solution follows between events: a smooth piece on the manifold on which some switches are 0.
type mode struct {
	signs    []float64
	manifold []int       // switches that are 0
	pieces   [][]float64 // signs of the pieces that meet there; one without a manifold
}

// steepest is the steepest descent of f′(x; ·): the d of largest norm among the points of cells nearest to −∇ of their pieces. It
// satisfies −d ∈ ∂[f′(x; ·)](d), by the rule of Fermat on the sphere and Euler's identity, so the ray along d is a
// solution to first order. −d is the element of smallest norm in the hull of the pieces whose cells d is in; the
// solution stays on the kinks between those that it is a combination of, and on kinks that depend on them.
func (s *solution) steepest(cells []cell) (d []float64, m mode, err error) {
	for _, c := range cells {
		if e := coneDescent(c.at.gradient, c.cone()); kernel.Norm(e) > kernel.Norm(d) {
			d = e
		}
	}
	if s.clarke == nil || d == nil { // there are no kinks, or no way down
		return d, m, nil
	}
	var around []cell
	var gradients [][]float64
	for _, c := range cells {
		if !slices.ContainsFunc(c.cone(), func(a []float64) bool { return inner(a, d) < -alongKink*kernel.Norm(d) }) {
			around, gradients = append(around, c), append(gradients, c.at.gradient)
		}
	}
	nearest, err := convex.MinNorm(gradients)
	if err != nil {
		return nil, m, err
	}
	d = negative(nearest.Point)
	first := around[nearest.Support[0]]
	m.signs, m.manifold = first.signs, first.shared(around, nearest.Support)
	for _, c := range around {
		if agree(c.signs, m.signs, m.manifold) {
			m.pieces = append(m.pieces, c.signs)
		}
	}
	return d, m, s.probe(first, d, m)
}

// cone lists the rows of length 1 that the directions of the cell have no negative product with.
func (c cell) cone() [][]float64 {
	rows := make([][]float64, len(c.active))
	for k, i := range c.active {
		rows[k] = scaledRow(c.at.rows[i], c.signs[i])
	}
	return rows
}

// shared lists the switches that are 0 where the given cells meet: those with several signs there, and those that
// depend on them.
func (c cell) shared(cells []cell, of []int) (out []int) {
	span := &rowSpan{}
	several := func(i int) bool {
		return slices.ContainsFunc(of, func(k int) bool { return cells[k].signs[i] != c.signs[i] })
	}
	for i, row := range c.at.rows {
		if several(i) {
			span.add(row)
		}
	}
	for i, row := range c.at.rows {
		if several(i) || slices.Contains(c.active, i) && len(span.q) > 0 && span.contains(row) {
			out = append(out, i)
		}
	}
	return out
}

// agree reports whether signs are the same off a manifold.
func agree(a, b []float64, manifold []int) bool {
	for i := range a {
		if a[i] != b[i] && !slices.Contains(manifold, i) {
			return false
		}
	}
	return true
}

// probe gives switches that are flat at a cell, but not on the manifold, the signs that they have a little further along d.
func (s *solution) probe(c cell, d []float64, m mode) error {
	if len(c.flat) == 0 {
		return nil
	}
	x := slices.Clone(s.x())
	addScaled(x, float64(flatProbe*(1+kernel.Norm(x)))/kernel.Norm(d), d)
	at, err := s.pieces.at(x, m.signs)
	if err != nil {
		return err
	}
	for _, i := range c.flat {
		if math.Abs(at.z[i]) <= flatRounding*(1+kernel.Norm(x)) || slices.Contains(m.manifold, i) {
			continue
		}
		for _, signs := range m.pieces { // one of them is m.signs
			signs[i] = math.Copysign(1, at.z[i])
		}
	}
	return nil
}
