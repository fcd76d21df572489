package convex

// factorise computes Q and R from the points.
func (c *corral) factorise() {
	c.q, c.r = c.q[:0], c.r[:0]
	c.updates, c.degenerate = 0, false
	for i := 1; i < len(c.members); i++ {
		c.appendColumn(c.members[i].atom)
	}
}

// appendColumn extends the factorisation by the difference from the base to a.
// A difference that depends on the others gets the column 0 in Q. Its affine
// coefficient then comes out as 0, and the minor cycle removes it.
func (c *corral) appendColumn(a atom) {
	k, dim := len(c.q), len(a.point)
	q, r := extend(c.q, dim), extend(c.r, k+1)
	column, entries := q[k], r[k]
	subtract(column, a.point, c.members[0].point)
	size := norm(column)
	rest := c.orthogonalise(column, entries[:k])
	if rest <= Tolerance(dim)*size {
		c.degenerate = true
		clear(column)
		rest = 1
	}
	for j := range column {
		column[j] /= rest
	}
	entries[k] = rest
	c.q, c.r = q, r
}

// extend returns the list with one more column of the given length, of whatever
// content. It takes the space of columns dropped earlier.
func extend(list [][]float64, length int) [][]float64 {
	k := len(list)
	if k == cap(list) {
		list = append(list, nil)
	}
	list = list[:k+1]
	if cap(list[k]) < length {
		list[k] = make([]float64, length, 2*length+8)
	}
	list[k] = list[k][:length]
	return list
}

// orthogonalise subtracts from v its projection on the columns of Q, writes the
// coefficients and returns the norm of what is left. It repeats while a pass
// halves v, for then cancellation has spoilt the orthogonality; by "twice is
// enough" (B. Parlett, The Symmetric Eigenvalue Problem, 1980, section 6.9) a
// third pass is needed only when nothing but rounding errors is left.
func (c *corral) orthogonalise(v, coefficients []float64) float64 {
	clear(coefficients)
	size := norm(v)
	for range 3 {
		before := size
		for j, q := range c.q {
			part := inner(q, v)
			coefficients[j] += part
			addScaled(v, -part, q)
		}
		if size = norm(v); size > before/2 {
			break
		}
	}
	return size
}

// removeColumn deletes column k of D. What is left of R has one entry below the
// diagonal in each column from k on, which rotations of neighbouring rows remove.
func (c *corral) removeColumn(k int) {
	last := len(c.r) - 1
	spare := c.r[k]
	copy(c.r[k:], c.r[k+1:])
	c.r[last] = spare
	c.r = c.r[:last]
	for i := k; i < last; i++ {
		cos, sin, pivot := rotation(c.r[i][i], c.r[i][i+1])
		c.r[i][i] = pivot
		c.r[i] = c.r[i][:i+1]
		for _, column := range c.r[i+1:] {
			rotate(column[i:i+1], column[i+1:i+2], cos, sin)
		}
		rotate(c.q[i], c.q[i+1], cos, sin)
	}
	c.q = c.q[:last]
	c.updates++
}
