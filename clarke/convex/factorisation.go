package convex

import (
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
)

// factorise computes Q and R from the points.
func (c *corral) factorise() {
	c.q, c.r = c.q[:0], c.r[:0]
	c.updates, c.degenerate = 0, false
	for _, m := range c.members[1:] {
		c.appendColumn(m.atom)
	}
}

// appendColumn extends the factorisation by the difference from the base to a.
// A difference that depends on the others gets the column 0 in Q. Its affine
// coefficient then comes out as 0, and the minor cycle removes it.
func (c *corral) appendColumn(a atom) {
	column := slices.Clone(a.point)
	floats.Sub(column, c.members[0].point)
	size := floats.Norm(column, 2)
	entries := make([]float64, len(c.q)+1)
	rest := c.orthogonalise(column, entries[:len(c.q)])
	if rest <= Tolerance(len(column))*size {
		c.degenerate = true
		clear(column)
		rest = 1
	}
	for j := range column {
		column[j] /= rest
	}
	entries[len(c.q)] = rest
	c.q, c.r = append(c.q, column), append(c.r, entries)
}

// orthogonalise subtracts from v its projection on the columns of Q, writes the
// coefficients and returns the norm of what is left. It repeats while a pass
// halves v, for then cancellation has spoilt the orthogonality; by "twice is
// enough" (B. Parlett, The Symmetric Eigenvalue Problem, 1980, section 6.9) a
// third pass is needed only when nothing but rounding errors is left.
func (c *corral) orthogonalise(v, coefficients []float64) float64 {
	clear(coefficients)
	norm := floats.Norm(v, 2)
	for range 3 {
		before := norm
		for j, q := range c.q {
			part := floats.Dot(q, v)
			coefficients[j] += part
			floats.AddScaled(v, -part, q)
		}
		if norm = floats.Norm(v, 2); norm > before/2 {
			break
		}
	}
	return norm
}

// removeColumn deletes column k of D. What is left of R has one entry below the
// diagonal in each column from k on, which rotations of neighbouring rows remove.
func (c *corral) removeColumn(k int) {
	c.r = slices.Delete(c.r, k, k+1)
	for i := k; i < len(c.r); i++ {
		cos, sin, pivot, _ := blas64.Rotg(c.r[i][i], c.r[i][i+1])
		c.r[i][i] = pivot
		c.r[i] = c.r[i][:i+1]
		for _, column := range c.r[i+1:] {
			upper, lower := column[i], column[i+1]
			column[i], column[i+1] = float64(cos*upper)+float64(sin*lower), float64(cos*lower)-float64(sin*upper)
		}
		blas64.Rot(vector(c.q[i]), vector(c.q[i+1]), cos, sin)
	}
	c.q = c.q[:len(c.r)]
	c.updates++
}

func vector(v []float64) blas64.Vector {
	return blas64.Vector{N: len(v), Data: v, Inc: 1}
}
