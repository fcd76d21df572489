package convex

import "math"

// member is an atom of the corral with its weight in the current convex
// combination and its coefficient in the affine minimiser.
type member struct {
	atom
	weight, affine float64
}

// corral is Wolfe's name for an affinely independent set of points whose hull
// contains the current iterate in its relative interior. It keeps a thin QR
// factorisation D = QR of the differences pⱼ − p₀ to its first member, the base,
// updated as members come and go (J. Daniel, W. Gragg, L. Kaufman, G. Stewart,
// "Reorthogonalization and stable algorithms for updating the Gram–Schmidt QR
// factorization", Math. Comp. 30, 1976).
//
// Wolfe factors the points themselves, below a row of ones. Differences are
// better conditioned when the points lie close together far from 0, and the
// minimiser is then the part of p₀ orthogonal to Q: it is orthogonal to the face
// to machine precision relative to itself, however close the face is to 0. The
// base should be short, or small coordinates would drown in the differences. And
// differences do not depend on the origin, so that a corral serves for the next
// origin as it is.
type corral struct {
	members    []member
	origin     []float64   // norms are distances from here; nil stands for 0
	q          [][]float64 // orthonormal columns, each as long as the dimension
	r          [][]float64 // r[j] holds the j+1 entries of column j of R
	y          []float64   // the coefficients of the last minimiser
	updates    int         // rotations since the last factorisation from scratch
	degenerate bool        // some column of q is 0, see appendColumn
}

// reset makes the corral the single point a, of weight 1.
func (c *corral) reset(a atom, origin []float64) {
	c.origin = origin
	c.members = append(c.members[:0], member{atom: a, weight: 1})
	c.factorise()
}

// aim moves the origin, and leaves members and weights as they are, unless the base
// is now much longer than another member and has to be changed.
func (c *corral) aim(origin []float64) {
	c.origin = origin
	shortest := math.Inf(1)
	for i := range c.members {
		m := &c.members[i]
		m.norm = distance(m.point, origin)
		shortest = min(shortest, m.norm)
	}
	if len(c.members) > 0 && c.members[0].norm > longBase*shortest {
		c.chooseBase()
		c.factorise()
	}
}

// insert adds a point with weight 0, as the base if it is much shorter than that.
func (c *corral) insert(a atom) {
	c.members = append(c.members, member{atom: a})
	if c.members[0].norm > longBase*a.norm {
		c.chooseBase()
		c.factorise()
		return
	}
	c.appendColumn(a)
}

// remove deletes member i. Losing the base costs a new factorisation; that is
// one removal in as many as there are members, so an update on average.
func (c *corral) remove(i int) {
	copy(c.members[i:], c.members[i+1:])
	c.members = c.members[:len(c.members)-1]
	if i == 0 || c.degenerate || c.updates >= updatesPerFactorisation {
		c.chooseBase()
		c.factorise()
		return
	}
	c.removeColumn(i - 1)
}

// discard deletes the members that drop names and spreads their weight over the
// others. It says whether any are left.
func (c *corral) discard(drop func(label int) bool) bool {
	for i := len(c.members) - 1; i >= 0; i-- {
		if drop(c.members[i].label) {
			c.remove(i)
		}
	}
	total := 0.0
	for i := range c.members {
		total += c.members[i].weight
	}
	for i := range c.members {
		m := &c.members[i]
		if m.weight /= total; !(total > 0) {
			m.weight = 1 / float64(len(c.members))
		}
	}
	return len(c.members) > 0
}

// chooseBase moves the shortest member to the front.
func (c *corral) chooseBase() {
	base := 0
	for i := range c.members {
		if c.members[i].norm < c.members[base].norm {
			base = i
		}
	}
	if len(c.members) > 0 {
		c.members[0], c.members[base] = c.members[base], c.members[0]
	}
}

// minimise writes to x the point of smallest norm in the affine hull of the
// members, and to the members its affine coefficients: with z the coefficients of
// p₀ on Q, x = p₀ − Qz = p₀ + Dy for Ry = −z.
func (c *corral) minimise(x []float64) {
	subtract(x, c.members[0].point, c.origin)
	y := c.room(len(c.q))
	c.orthogonalise(x, y)
	base := 1.0
	for j := len(y) - 1; j >= 0; j-- {
		y[j] /= c.r[j][j]
		addScaled(y[:j], -y[j], c.r[j][:j])
		c.members[j+1].affine = -y[j]
		base += y[j]
	}
	c.members[0].affine = base
}

// room returns space for n coefficients.
func (c *corral) room(n int) []float64 {
	if cap(c.y) < n {
		c.y = make([]float64, 2*n)
	}
	return c.y[:n]
}

// step returns how far the weights can go towards the affine coefficients, as a
// fraction, and the member whose weight is then 0; 1 and −1 if all coefficients
// are positive.
func (c *corral) step() (step float64, blocking int) {
	step, blocking = 1, -1
	for i := range c.members {
		m := &c.members[i]
		if m.affine > 0 {
			continue
		}
		limit := 0.0
		if m.weight > 0 {
			limit = m.weight / (m.weight - m.affine)
		}
		if blocking < 0 || limit < step {
			step, blocking = limit, i
		}
	}
	return step, blocking
}

// advance moves the weights by a step. Rounding may push one below 0, no more.
func (c *corral) advance(step float64) {
	for i := range c.members {
		m := &c.members[i]
		m.weight = max(0, float64((1-step)*m.weight)+float64(step*m.affine))
	}
}
