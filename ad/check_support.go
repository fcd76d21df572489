package ad

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// combinations counts the combinations of extreme points, at most MaxInt; it is
// MaxInt if they cannot all be listed.
func (c *checker) combinations() int {
	n := 1
	for i := range c.blocks {
		b := &c.blocks[i]
		if b.ball || b.partial || n > math.MaxInt/len(b.vertices) {
			return math.MaxInt
		}
		n *= len(b.vertices)
	}
	return n
}

// eachVertex calls f with the slots of every combination of extreme points.
func (c *checker) eachVertex(f func(slots [][]float64) error) error {
	slots := buffersFor(c.open.Slots())
	pick := make([]int, len(c.blocks))
	for {
		for i := range c.blocks {
			c.blocks[i].put(slots, c.blocks[i].vertices[pick[i]])
		}
		if err := f(slots); err != nil {
			return err
		}
		i := 0
		for ; i < len(pick); i++ {
			if pick[i]++; pick[i] < len(c.blocks[i].vertices) {
				break
			}
			pick[i] = 0
		}
		if i == len(pick) {
			return nil
		}
	}
}

// enumerate lists the gradients at all combinations, once, if they are few.
func (c *checker) enumerate() error {
	const numbers = 1 << 24 // of memory
	if n := c.combinations(); c.vertices != nil || n > c.o.Budget/4 || n > numbers/max(1, len(c.claimed)) {
		return nil
	}
	return c.eachVertex(func(slots [][]float64) error {
		g, err := c.gradient(slots)
		c.vertices = append(c.vertices, g)
		return err
	})
}

// support returns the largest ⟨g, d⟩ over the field and a g that has it; proved is
// false if there may be larger ones.
func (c *checker) support(d []float64) (hi float64, far []float64, proved bool, err error) {
	if err := c.enumerate(); err != nil {
		return 0, nil, false, err
	}
	if c.vertices == nil {
		return c.ascend(d)
	}
	hi = math.Inf(-1)
	for _, g := range c.vertices {
		if v := dot(g, d); v > hi {
			hi, far = v, g
		}
	}
	return hi, far, true, nil
}

// ascend maximises over one block of slots after the other. Where the slots'
// contributions to ⟨g, d⟩ add up, one round finds the maximum.
func (c *checker) ascend(d []float64) (hi float64, far []float64, proved bool, err error) {
	slots := c.slots(randomIn)
	slopes, err := c.slotGradient(d, slots)
	if err != nil {
		return 0, nil, false, err
	}
	other, err := c.slotGradient(d, c.slots(randomIn))
	if err != nil {
		return 0, nil, false, err
	}
	if proved = c.additive(slopes, other); proved {
		for i := range c.blocks {
			b := &c.blocks[i]
			b.put(slots, b.best(b.get(slopes)))
			proved = proved && !b.partial
		}
		far, err = c.gradient(slots)
		return dot(far, d), far, proved, err
	}
	const rounds = 2
	for i := range rounds * len(c.blocks) {
		b := &c.blocks[i%len(c.blocks)]
		if slopes, err = c.slotGradient(d, slots); err != nil || c.spent > c.o.Budget {
			break
		}
		b.put(slots, b.best(b.get(slopes)))
	}
	if err != nil {
		return 0, nil, false, err
	}
	far, err = c.gradient(slots)
	return dot(far, d), far, false, err
}

// additive compares slot gradients at two random choices.
func (c *checker) additive(a, b [][]float64) bool {
	const rounding = 1e-12
	for i := range c.blocks {
		u, v := c.blocks[i].get(a), c.blocks[i].get(b)
		for j := range u {
			if math.Abs(u[j]-v[j]) > rounding*(math.Abs(u[j])+math.Abs(v[j])) {
				return false
			}
		}
	}
	return true
}

// best is the element of the block's set that is farthest along the slopes.
func (b *choiceBlock) best(slope []float64) []float64 {
	if b.ball {
		n := kernel.Norm(slope)
		if n == 0 {
			return make([]float64, len(slope))
		}
		out := slices.Clone(slope)
		for i := range out {
			out[i] /= n
		}
		return out
	}
	return slices.MaxFunc(b.vertices, func(u, v []float64) int { return compareFloats(dot(u, slope), dot(v, slope)) })
}

// toBall projects on the unit ball, in place.
func toBall(x []float64) []float64 {
	if n := kernel.Norm(x); n > 1 {
		for i := range x {
			x[i] /= n
		}
	}
	return x
}
