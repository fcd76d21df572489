package deep

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
)

// signed is a signed permutation, an orthogonal map with rational entries: entry i of x goes,
// times sign[i], to to[i].
type signed struct{ to, sign []int }

func (g signed) rational(x []*big.Rat) []*big.Rat {
	out := make([]*big.Rat, len(x))
	for i, v := range x {
		out[g.to[i]] = new(big.Rat).Mul(v, big.NewRat(int64(g.sign[i]), 1))
	}
	return out
}

func (g signed) floats(dst, src []float64) {
	for i, v := range src {
		dst[g.to[i]] = float64(g.sign[i]) * v
	}
}

// after is the map g∘h.
func (g signed) after(h signed) signed {
	out := signed{make([]int, len(g.to)), make([]int, len(g.to))}
	for i := range g.to {
		out.to[i], out.sign[i] = g.to[h.to[i]], h.sign[i]*g.sign[h.to[i]]
	}
	return out
}

// symmetry is a finite set of maps, a group as a rule.
type symmetry struct {
	name     string
	d        int
	elements []signed
}

// generated is the group that maps generate: products until there are no new ones.
func generated(name string, generators ...signed) symmetry {
	d := len(generators[0].to)
	one := signed{make([]int, d), make([]int, d)}
	for i := range d {
		one.to[i], one.sign[i] = i, 1
	}
	s := symmetry{name, d, []signed{one}}
	for i := 0; i < len(s.elements); i++ {
		for _, g := range generators {
			next := g.after(s.elements[i])
			if !slices.ContainsFunc(s.elements, func(h signed) bool { return slices.Equal(h.to, next.to) && slices.Equal(h.sign, next.sign) }) {
				s.elements = append(s.elements, next)
			}
		}
	}
	return s
}

// symmetries are the eight symmetries of square images, cyclic shifts, and a group with signs.
func symmetries(side int) []symmetry {
	d := side * side
	turn, flip := signed{make([]int, d), ones(d)}, signed{make([]int, d), ones(d)}
	for r := range side {
		for c := range side {
			turn.to[r*side+c] = c*side + side - 1 - r
			flip.to[r*side+c] = r*side + side - 1 - c
		}
	}
	shift := signed{[]int{1, 2, 3, 4, 5, 6, 0}, ones(7)}
	corner := signed{[]int{1, 0, 2, 4, 5, 3, 6}, []int{1, -1, -1, 1, 1, 1, 1}} // a quarter turn, a reflection, a cycle
	return []symmetry{generated("images", turn, flip), generated("shifts", shift), generated("signs", corner)}
}

func ones(d int) []int {
	out := make([]int, d)
	for i := range out {
		out[i] = 1
	}
	return out
}

// mean is the projection (1/|G|) Σ g applied to x.
func (s symmetry) mean(x []*big.Rat) []*big.Rat {
	sum, share := zeros(len(x)), big.NewRat(1, int64(len(s.elements)))
	for _, g := range s.elements {
		addScaled(sum, share, g.rational(x))
	}
	return sum
}

// Augment implements [sgd.Augmentation] by a random element.
func (s symmetry) Augment(dst, src []float64, rng *rand.Rand) {
	s.elements[rng.IntN(len(s.elements))].floats(dst, src)
}

// Check implements [sgd.Augmentation].
func (s symmetry) Check(width int) error {
	if width != s.d {
		return fmt.Errorf("rows have %d entries and the group acts on %d", width, s.d)
	}
	return nil
}

// changed counts the entries of x that elements change, over all of them.
func (s symmetry) changed(x []*big.Rat) (count int) {
	for _, g := range s.elements {
		count += differing(x, g.rational(x))
	}
	return count
}
