package descent

import (
	"math"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// dependent is the part of a row outside of the span of those before it below which it counts as dependent on them.
const dependent = 1e-8

// frame is an orthonormal basis of the span of rows a₁, a₂, …, by Gram and Schmidt in that order, each row twice: aᵢ = Σⱼ≤ᵢ r[i][j]·q[j].
type frame struct {
	q, r [][]float64
}

// add takes one more row, unless it depends on those before.
func (f *frame) add(row []float64) bool {
	q, coefficients := make([]float64, len(row)), make([]float64, len(f.q)+1)
	copy(q, row)
	for range 2 {
		for j, e := range f.q {
			t := dot(e, q)
			move(q, q, -t, e)
			coefficients[j] += t
		}
	}
	norm := kernel.Norm(q)
	if !(norm > dependent*kernel.Norm(row)) || math.IsInf(norm, 1) {
		return false
	}
	scale(q, 1/norm, q)
	coefficients[len(f.q)] = norm
	f.q, f.r = append(f.q, q), append(f.r, coefficients)
	return true
}

// project removes from v what lies in the span.
func (f *frame) project(v []float64) {
	for _, e := range f.q {
		move(v, v, -dot(e, v), e)
	}
}

// combination returns y for which Σ yᵢaᵢ is the projection of v to the span.
func (f *frame) combination(v []float64) []float64 {
	y := make([]float64, len(f.q))
	for i := len(y) - 1; i >= 0; i-- {
		y[i] = dot(f.q[i], v)
		for k := i + 1; k < len(y); k++ {
			y[i] -= float64(y[k] * f.r[k][i])
		}
		y[i] /= f.r[i][i]
	}
	return y
}

// preimage returns the d in the span with ⟨aᵢ, d⟩ = bᵢ.
func (f *frame) preimage(b []float64, n int) []float64 {
	d, c := make([]float64, n), make([]float64, len(f.q))
	for i := range c {
		c[i] = b[i]
		for j := range i {
			c[i] -= float64(f.r[i][j] * c[j])
		}
		c[i] /= f.r[i][i]
		move(d, d, c[i], f.q[i])
	}
	return d
}

// drop forgets the row that was added last.
func (f *frame) drop() {
	k := len(f.q) - 1
	f.q, f.r = f.q[:k], f.r[:k]
}
