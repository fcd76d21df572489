package conservative

import (
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
)

// corners lists the products of extreme points of the active blocks, the last
// block varying fastest.
type corners struct {
	of [][]choice // by block
}

// countCorners returns the number of products, at most MaxInt; ok is false if a
// block has no finite number of extreme points.
func (p *at) countCorners() (n int, ok bool) {
	n = 1
	for i := range p.kinks {
		pieces := p.kinks[i].Pieces
		if pieces == 0 {
			return 0, false
		}
		if n > math.MaxInt/pieces {
			n = math.MaxInt
		} else {
			n *= pieces
		}
	}
	return n, true
}

func (p *at) corners() *corners {
	c := &corners{of: make([][]choice, len(p.kinks))}
	for i := range p.kinks {
		for v := range p.kinks[i].Vertices() {
			c.of[i] = append(c.of[i], choice{v, 1})
		}
	}
	return c
}

// at returns product i.
func (c *corners) at(i int) assignment {
	digits := make([]int, len(c.of))
	for b := len(c.of) - 1; b >= 0; b-- {
		digits[b] = i % len(c.of[b])
		i /= len(c.of[b])
	}
	return c.chosen(digits)
}

// chosen returns the product of the choices of the given numbers.
func (c *corners) chosen(digits []int) assignment {
	s := make(assignment, len(c.of))
	for b, v := range digits {
		s[b] = c.of[b][v]
	}
	return s
}

// stride is the step from one choice in block b to the next.
func (c *corners) stride(b int) int {
	n := 1
	for _, v := range c.of[b+1:] {
		n *= len(v)
	}
	return n
}

// singles lists the products that differ from the first one in one block at most,
// block by block.
func (c *corners) singles() plan {
	var at []int
	for b := range c.of {
		for v := range c.of[b] {
			at = append(at, v*c.stride(b))
		}
	}
	return plan{len(at), func(i int) assignment { return c.at(at[i]) }}
}

// byBlock cuts the values at singles.
func (c *corners) byBlock(values []clarke.Vector) [][]clarke.Vector {
	out := make([][]clarke.Vector, len(c.of))
	for b := range c.of {
		out[b], values = values[:len(c.of[b])], values[len(c.of[b]):]
	}
	return out
}

// ofAll picks the values at singles from those at all corners.
func (c *corners) ofAll(all []clarke.Vector) [][]clarke.Vector {
	out := make([][]clarke.Vector, len(c.of))
	for b := range c.of {
		for v := range c.of[b] {
			out[b] = append(out[b], all[v*c.stride(b)])
		}
	}
	return out
}

// samples returns n random products of extreme points.
func (p *at) samples(rng *rand.Rand, n int) plan {
	list := make([]assignment, n)
	for i := range list {
		for b := range p.kinks {
			list[i] = append(list[i], corner(&p.kinks[b], rng))
		}
	}
	return listed(list...)
}

// corner draws an extreme point of the block's slot set.
func corner(k *ad.Kink, rng *rand.Rand) choice {
	if k.Pieces == 0 {
		return unitVector(rng, len(k.Entries))
	}
	return choice{k.RandomVertex(rng), 1}
}

// middle takes the centre of every slot's set: one half for a Step, an even split
// for ties, 0 for a Direction. It often shows that 0 is in D.
func (p *at) middle() plan {
	var s assignment
	for i := range p.kinks {
		s = append(s, centre(&p.kinks[i]))
	}
	return listed(s)
}

func centre(k *ad.Kink) choice {
	c := choice{make([]int, len(k.Entries)), 1}
	share := 1
	switch k.Slot.Kind {
	case expr.DirectionSlot:
		return c
	case expr.StepSlot:
		c.over = 2
	case expr.RankSlot:
		share, c.over = k.Count, len(k.Entries)
	case expr.PermutationSlot:
		c.over = k.Count
	}
	for j := range c.weights {
		c.weights[j] = share
	}
	return c
}

// grain is the denominator of random interior points and unit vectors.
const grain = 1 << 20

// unitVector draws a vector of norm 1, rounded towards 0 so that it stays in the
// ball.
func unitVector(rng *rand.Rand, n int) choice {
	v := make([]float64, n)
	random.Sphere(v, 1, rng)
	c := choice{make([]int, n), grain}
	for i := range v {
		c.weights[i] = int(v[i] * grain)
	}
	return c
}

// random draws a value for every block: with even chance an extreme point, else
// a random convex combination of three of them.
func (p *at) random(rng *rand.Rand) assignment {
	s := make(assignment, len(p.kinks))
	for b := range s {
		k := &p.kinks[b]
		s[b] = corner(k, rng)
		if rng.IntN(2) == 0 {
			s[b] = mixture(k, rng)
		}
	}
	return s
}

// mixture is a convex combination with weights in multiples of 1/grain.
func mixture(k *ad.Kink, rng *rand.Rand) choice {
	a := rng.IntN(grain + 1)
	b := rng.IntN(grain + 1 - a)
	share := []int{a, b, grain - a - b}
	c := choice{make([]int, len(k.Entries)), grain}
	for _, w := range share {
		v := corner(k, rng)
		for j, x := range v.weights {
			c.weights[j] += w * x
		}
		c.over = grain * v.over
	}
	return c
}
