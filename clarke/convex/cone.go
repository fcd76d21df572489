package convex

import "slices"

// Cone answers Gordan's alternative for a stack of rows, again and again as rows
// come and go: is there a direction d with ⟨a, d⟩ > 0 for all rows a? It starts each
// search from where the last one ended, and allocates nothing once its stack has
// been as deep before. A Cone may be used by one goroutine at a time.
type Cone struct {
	solver  solver
	rows    cloud    // of norm 1
	lengths []length // as they were pushed
	zeros   []int    // indices of rows that are 0
	support []int
	weights []float64
}

// length is the norm largest·ratio of a row as two factors, since their product
// overflows for the longest rows: its largest coordinate, and a number from 1 to √n.
type length struct{ largest, ratio float64 }

// over returns l/k.
func (l length) over(k length) float64 {
	return float64((l.largest / k.largest) * (l.ratio / k.ratio))
}

// NewCone returns a cone in ℝⁿ without rows, which is all of ℝⁿ.
//
// The error is an [*InputError] if n < 1.
func NewCone(n int) (*Cone, error) {
	if err := validateSize("n", n); err != nil {
		return nil, err
	}
	return newCone(n), nil
}

func newCone(n int) *Cone {
	c := &Cone{}
	c.rows.reset(n, 1)
	c.solver.resize(n)
	return c
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
	c.push(row)
	return nil
}

// push adds a row, divided twice: first by its largest coordinate, which keeps the
// norms of huge and of subnormal rows in range.
func (c *Cone) push(row []float64) {
	size := length{largestOf(row), 1}
	if size.largest == 0 {
		c.zeros = append(c.zeros, c.Len())
		size.largest = 1
	}
	start := len(c.rows.flat)
	for _, value := range row {
		c.rows.flat = append(c.rows.flat, value/size.largest)
	}
	stored := c.rows.flat[start:]
	size.ratio = max(1, norm(stored))
	for j := range stored {
		stored[j] /= size.ratio
	}
	c.lengths = append(c.lengths, size)
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
		s.corral.reset(c.rows.atom(0), nil)
	}
	s.solve(&c.rows)
	if s.norm > 0 && s.low > 0 {
		return Alternative{Direction: s.unit, Margin: s.low}
	}
	return c.refutation()
}

// refutation returns the corral's combination as one of the rows that were pushed:
// Σ wᵢ aᵢ/‖aᵢ‖ = 0 stays 0 with the weights wᵢ/‖aᵢ‖ scaled to sum 1. The ratio to
// the shortest length keeps them in range.
func (c *Cone) refutation() Alternative {
	members := c.solver.corral.members
	c.support, c.weights = c.support[:0], c.weights[:0]
	shortest := c.lengths[members[0].label]
	for i := range members {
		label := members[i].label
		c.support = append(c.support, label)
		if c.lengths[label].over(shortest) < 1 {
			shortest = c.lengths[label]
		}
	}
	slices.Sort(c.support)
	total := 0.0
	for _, label := range c.support {
		at := slices.IndexFunc(members, func(m member) bool { return m.label == label })
		w := float64(members[at].weight * shortest.over(c.lengths[label]))
		c.weights = append(c.weights, w)
		total += w
	}
	for i := range c.weights {
		c.weights[i] /= total
	}
	return Alternative{Support: c.support, Weights: c.weights, Residual: c.residual()}
}

// residual is the norm of the combination of the rows as they were pushed.
func (c *Cone) residual() float64 {
	sum := c.solver.x // the next search computes its own
	clear(sum)
	for i, label := range c.support {
		size := c.lengths[label]
		for j, value := range c.rows.at(label) {
			sum[j] += float64(float64(c.weights[i]*size.ratio*value) * size.largest)
		}
	}
	return norm(sum)
}
