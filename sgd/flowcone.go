package sgd

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// flowDependent is the part of a row outside of the span of those before it up to which it counts as dependent on them.
const flowDependent = 1e-8

func inner(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}

// addScaled adds t·d to x.
func addScaled(x []float64, t float64, d []float64) {
	for i, v := range d {
		x[i] += float64(t * v)
	}
}

// rowSpan is an orthonormal basis of rows a₁, a₂, … by Gram and Schmidt, each row twice: aᵢ = Σⱼ≤ᵢ r[i][j]·q[j].
type rowSpan struct{ q, r [][]float64 }

// contains reports whether a row is in the span, up to flowDependent.
func (s *rowSpan) contains(row []float64) bool {
	rest := slices.Clone(row)
	s.project(rest)
	s.project(rest)
	return kernel.Norm(rest) <= flowDependent*kernel.Norm(row)
}

// add takes one more row, unless it depends on those before.
func (s *rowSpan) add(row []float64) bool {
	q, coefficients := slices.Clone(row), make([]float64, len(s.q)+1)
	for range 2 {
		for j, e := range s.q {
			t := inner(e, q)
			addScaled(q, -t, e)
			coefficients[j] += t
		}
	}
	norm := kernel.Norm(q)
	if !(norm > flowDependent*kernel.Norm(row)) {
		return false
	}
	for i := range q {
		q[i] /= norm
	}
	coefficients[len(s.q)] = norm
	s.q, s.r = append(s.q, q), append(s.r, coefficients)
	return true
}

// project removes from v what lies in the span.
func (s *rowSpan) project(v []float64) {
	for _, e := range s.q {
		addScaled(v, -inner(e, v), e)
	}
}

// combination returns y for which Σ yᵢaᵢ is the projection of v to the span.
func (s *rowSpan) combination(v []float64) []float64 {
	y := make([]float64, len(s.q))
	for i := len(y) - 1; i >= 0; i-- {
		y[i] = inner(s.q[i], v)
		for k := i + 1; k < len(y); k++ {
			y[i] -= float64(y[k] * s.r[k][i])
		}
		y[i] /= s.r[i][i]
	}
	return y
}

// solve subtracts from x the d in the span with ⟨aᵢ, d⟩ = bᵢ.
func (s *rowSpan) solve(x, b []float64) {
	c := make([]float64, len(s.q))
	for i := range c {
		c[i] = b[i]
		for j := range i {
			c[i] -= float64(s.r[i][j] * c[j])
		}
		c[i] /= s.r[i][i]
		addScaled(x, -c[i], s.q[i])
	}
}

// coneDescent is the point d of the cone {d: ⟨aᵢ, d⟩ ≥ 0} nearest to −g. It solves the dual problem min ‖g − Σ λᵢaᵢ‖, λ ≥ 0, by C. L. Lawson and R. J. Hanson, Solving Least
// Squares Problems, 1974, chapter 23. Rows are of length 1.
func coneDescent(g []float64, rows [][]float64) []float64 {
	const mostCycles = 3 // for each row
	least := float64(0x1p-40 * kernel.Norm(g))
	lambda := make([]float64, len(rows))
	d, held := negative(g), []int(nil)
	for range mostCycles*len(rows) + 1 {
		worst, by := -1, -least
		for i, a := range rows {
			if t := inner(a, d); t < by && !slices.Contains(held, i) {
				worst, by = i, t
			}
		}
		if worst < 0 {
			break
		}
		held = holdBack(g, rows, append(held, worst), lambda)
		d = negative(g)
		spanOf(rows, held).project(d)
	}
	return d
}

// holdBack solves for the multipliers of the rows held, and releases those that would become negative on the way.
func holdBack(g []float64, rows [][]float64, held []int, lambda []float64) []int {
	for len(held) > 0 {
		s := &rowSpan{}
		held = slices.DeleteFunc(held, func(i int) bool { return !s.add(rows[i]) })
		want := s.combination(g)
		if len(want) == 0 || slices.Min(want) > 0 {
			for k, i := range held {
				lambda[i] = want[k]
			}
			return held
		}
		t, first := 1.0, -1
		for k, i := range held {
			if want[k] <= 0 {
				if u := lambda[i] / (lambda[i] - want[k]); first < 0 || u < t {
					t, first = u, i
				}
			}
		}
		if math.IsNaN(t) {
			t = 0
		}
		for k, i := range held {
			lambda[i] += float64(t * (want[k] - lambda[i]))
		}
		lambda[first] = 0
		held = slices.DeleteFunc(held, func(i int) bool { return i == first })
	}
	return held
}

func spanOf(rows [][]float64, of []int) *rowSpan {
	s := &rowSpan{}
	for _, i := range of {
		s.add(rows[i])
	}
	return s
}

func negative(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = -x
	}
	return out
}
