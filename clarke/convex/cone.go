package convex

import "slices"

// Cone answers Gordan's alternative for a stack of rows, again and again as rows
// come and go: is there a direction d with ⟨a, d⟩ > 0 for all rows a? It starts each
// search from where the last one ended, and allocates nothing once its stack has
// been as deep before. A Cone may be used by one goroutine at a time.
type Cone struct {
	solver  solver
	rows    cloud // of norm 1
	lengths []float64
	zeros   []int // indices of rows that are 0
	support []int
	weights []float64
}

// NewCone returns a cone in ℝⁿ without rows, which is all of ℝⁿ.
//
// The error is an [*InputError] if n < 1.
func NewCone(n int) (*Cone, error) {
	if err := validateSize("n", n); err != nil {
		return nil, err
	}
	c := &Cone{}
	c.rows.reset(n, 1)
	c.solver.resize(n)
	return c, nil
}

// Len returns the number of rows.
func (c *Cone) Len() int { return len(c.lengths) }

// Push adds a row, which is normalised and copied. A row may be 0: then there is no
// direction.
//
// The error is an [*InputError] if the row does not have n coordinates or one of
// them is NaN or infinite.
func (c *Cone) Push(row []float64) error {
	if err := validatePoint("row", -1, row, c.rows.dim, finite); err != nil {
		return err
	}
	largest := largestOf(row)
	if largest == 0 {
		c.zeros = append(c.zeros, len(c.lengths))
		largest = 1
	}
	start := len(c.rows.flat)
	for _, value := range row {
		c.rows.flat = append(c.rows.flat, value/largest)
	}
	stored := c.rows.flat[start:]
	length := norm(stored)
	if length > 0 {
		for j := range stored {
			stored[j] /= length
		}
	}
	c.lengths = append(c.lengths, length*largest)
	return nil
}

// Pop removes the row pushed last. It does nothing if there is none.
func (c *Cone) Pop() {
	last := len(c.lengths) - 1
	if last < 0 {
		return
	}
	if z := len(c.zeros); z > 0 && c.zeros[z-1] == last {
		c.zeros = c.zeros[:z-1]
	}
	c.lengths = c.lengths[:last]
	c.rows.flat = c.rows.flat[:last*c.rows.dim]
	c.solver.corral.discard(func(label int) bool { return label == last })
}

// Reset removes all rows and forgets the last search, but keeps the space.
func (c *Cone) Reset() {
	c.lengths, c.zeros, c.rows.flat = c.lengths[:0], c.zeros[:0], c.rows.flat[:0]
	c.solver.corral.members = c.solver.corral.members[:0]
}

// Direction solves the alternative for the rows in the stack, as the function
// [Direction] does, with the rows' indices in the order of pushing. Without rows,
// any direction will do: the first coordinate's, with Margin 1. The slices belong to
// the cone and change with its next method call.
//
// The last bits of the answer depend on the searches before: what is to be the same
// however work is divided must start from a cone that is new or Reset.
func (c *Cone) Direction() Alternative {
	s := &c.solver
	switch {
	case len(c.lengths) == 0:
		clear(s.unit)
		s.unit[0] = 1
		return Alternative{Direction: s.unit, Margin: 1}
	case len(c.zeros) > 0:
		c.support, c.weights = append(c.support[:0], c.zeros[0]), append(c.weights[:0], 1)
		return Alternative{Support: c.support, Weights: c.weights}
	}
	s.resize(c.rows.dim)
	if len(s.corral.members) == 0 {
		s.corral.reset(c.rows.atom(len(c.lengths)-1), nil)
	}
	s.solve(&c.rows)
	if s.norm > 0 && s.low > 0 {
		return Alternative{Direction: s.unit, Margin: s.low}
	}
	return c.refutation()
}

// refutation returns the corral's combination as one of the rows that were pushed.
func (c *Cone) refutation() Alternative {
	members := c.solver.corral.members
	c.support, c.weights = c.support[:0], c.weights[:0]
	for i := range members {
		c.support = append(c.support, members[i].label)
	}
	slices.Sort(c.support)
	for _, label := range c.support {
		at := slices.IndexFunc(members, func(m member) bool { return m.label == label })
		c.weights = append(c.weights, members[at].weight)
	}
	unnormalise(c.weights, c.support, c.lengths)
	return Alternative{Support: c.support, Weights: c.weights, Residual: c.residual()}
}

// residual is the norm of the combination of the rows as they were pushed.
func (c *Cone) residual() float64 {
	sum := c.solver.x // the next search computes its own
	clear(sum)
	for i, label := range c.support {
		addScaled(sum, float64(c.weights[i]*c.lengths[label]), c.rows.at(label))
	}
	return norm(sum)
}
