package ad

import "math"

// fit changes slots until g(x, λ) is the claim, by alternating least squares:
// g is affine in one block of slots while the others stand still. It returns the
// largest relative error that remains.
func (c *checker) fit(slots [][]float64) (_ [][]float64, gap float64, err error) {
	const sweeps = 200
	before := math.Inf(1)
	for range sweeps {
		for i := range c.blocks {
			if c.spent > c.o.Budget/2 {
				break
			}
			if err := c.improve(&c.blocks[i], slots); err != nil {
				return nil, 0, err
			}
		}
		if gap, err = c.gap(slots); err != nil || gap <= c.o.Tol {
			break
		}
		const progress = 1e-3
		if gap > (1-progress)*before || c.spent > c.o.Budget/2 {
			break
		}
		before = gap
	}
	return slots, gap, err
}

func (c *checker) gap(slots [][]float64) (float64, error) {
	g, err := c.gradient(slots)
	if err != nil {
		return 0, err
	}
	off, size := 0.0, 0.0
	for i, v := range c.claimed {
		off = max(off, math.Abs(v-g[i]))
		size = max(size, math.Abs(v), math.Abs(g[i]), math.Abs(c.middle[i]))
	}
	if off <= float64(cancelled*c.summed) {
		return 0, nil
	}
	return off / size, nil
}

// improve solves the least squares problem in one block.
func (c *checker) improve(b *choiceBlock, slots [][]float64) error {
	if b.ball {
		return c.improveBall(b, slots)
	}
	images := make([][]float64, len(b.vertices)) // g at the extreme points, less the claim
	for i, v := range b.vertices {
		b.put(slots, v)
		g, err := c.gradient(slots)
		if err != nil {
			return err
		}
		for j := range g {
			g[j] -= c.claimed[j]
		}
		images[i] = g
	}
	weights := shortestMix(images)
	out := make([]float64, len(b.entries))
	for i, v := range b.vertices {
		for j, w := range v {
			out[j] += float64(weights[i] * w)
		}
	}
	b.put(slots, out)
	return nil
}

// shortestMix returns the weights of a short vector in the hull of p, shifting
// weight between two of them at a time.
func shortestMix(p [][]float64) []float64 {
	w := make([]float64, len(p))
	sum := make([]float64, len(p[0]))
	for i := range p {
		w[i] = 1 / float64(len(p))
		for k, v := range p[i] {
			sum[k] += float64(w[i] * v)
		}
	}
	const sweeps = 300
	for range sweeps {
		change := 0.0
		for i := range p {
			for j := range i {
				t := shift(sum, p[i], p[j], w[i], w[j])
				w[i] += t
				w[j] -= t
				change = max(change, math.Abs(t))
			}
		}
		if change < 1e-15 {
			break
		}
	}
	return w
}

// shift moves the weight t from q to p that makes sum shortest, −wp ≤ t ≤ wq.
func shift(sum, p, q []float64, wp, wq float64) float64 {
	num, den := 0.0, 0.0
	for k := range sum {
		e := p[k] - q[k]
		num -= float64(e * sum[k])
		den += float64(e * e)
	}
	if den == 0 {
		return 0
	}
	t := min(max(num/den, -wp), wq)
	for k := range sum {
		sum[k] += float64(t * (p[k] - q[k]))
	}
	return t
}

// improveBall takes projected gradient steps.
func (c *checker) improveBall(b *choiceBlock, slots [][]float64) error {
	u := b.get(slots)
	origin, err := c.imageOf(b, slots, make([]float64, len(u)))
	if err != nil {
		return err
	}
	columns, size := make([][]float64, len(u)), 0.0
	for i := range u {
		if columns[i], err = c.imageOf(b, slots, unit(len(u), i, 1)); err != nil {
			return err
		}
		for k := range origin {
			columns[i][k] -= origin[k]
		}
		size += dot(columns[i], columns[i]) // bounds the square of the norm
	}
	const steps = 1000
	for range steps {
		if size == 0 {
			break
		}
		miss := make([]float64, len(origin))
		for k := range miss {
			miss[k] = origin[k] - c.claimed[k]
			for i := range u {
				miss[k] += float64(columns[i][k] * u[i])
			}
		}
		for i := range u {
			u[i] -= dot(columns[i], miss) / size
		}
		toBall(u)
	}
	b.put(slots, u)
	return nil
}

func (c *checker) imageOf(b *choiceBlock, slots [][]float64, value []float64) ([]float64, error) {
	b.put(slots, value)
	return c.gradient(slots)
}
