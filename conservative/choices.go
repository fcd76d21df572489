package conservative

import (
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
)

// choice is a value of one active block: weights over a common denominator, one
// for each of the block's entries. It means the same in both arithmetics.
type choice struct {
	weights []int
	over    int
}

// assignment has a choice for every active block.
type assignment []choice

func valuesOf[T any](a *numbers[T], s assignment) slots[T] {
	out := make(slots[T], len(s))
	for b, c := range s {
		for _, w := range c.weights {
			out[b] = append(out[b], a.of(int64(w), int64(c.over)))
		}
	}
	return out
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
func (d *Field) middle() (s assignment) {
	for i := range d.Kinks {
		s = append(s, centre(&d.Kinks[i]))
	}
	return s
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
func (d *Field) random(rng *rand.Rand) assignment {
	s := make(assignment, len(d.Kinks))
	for b := range s {
		k := &d.Kinks[b]
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
