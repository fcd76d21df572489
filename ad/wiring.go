package ad

import (
	"math"
	"math/rand/v2"
	"sync"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
)

// Along wires every kink to the branch that is taken when x moves along d₁,
// among ties along d₂, and so on: keys are extended by their tangents. What
// still ties goes to the lowest index, and Step to 0. Each direction has one
// tangent for every input of f.Wrt().
//
// With one direction, Forward along it gives the one-sided directional
// derivative; with n independent directions, Backward gives the lexicographic
// gradient (Nesterov 2005; Khan and Barton 2015).
func Along(directions ...[]expr.Node) Wiring {
	w := chosenBy(lowest)
	w.along = directions
	return w
}

// lowest settles what still ties: 0 for Step, the lowest index for Rank and
// Permutation, the zero vector for Direction.
func lowest(s *expr.Slot) (Choice, error) { return tieChoice(s, 0, FirstTied), nil }

// tieChoice is the number v for a Step, the zero vector for a Direction and a
// rule among tied entries for the rest.
func tieChoice(s *expr.Slot, v float64, ties Choice) Choice {
	switch s.Kind {
	case expr.StepSlot:
		return slotNumber(v)
	case expr.DirectionSlot:
		return slotNumber(0)
	}
	return ties
}

// chosenBy makes a wiring of a function from slots to choices. A choice that
// fails brings no further keys; it fails again when the slot is closed.
func chosenBy(choice func(s *expr.Slot) (Choice, error)) Wiring {
	return Wiring{
		extra: func(s *expr.Slot) []expr.Node {
			c, err := choice(s)
			if err != nil {
				return nil
			}
			return c.extra(s)
		},
		choose: func(s *expr.Slot, keys []expr.Node) (expr.Node, error) {
			c, err := choice(s)
			if err != nil {
				return expr.Node{}, err
			}
			return c.value(s, keys)
		},
	}
}

// AtSlot wires every Step to s in [0,1], which is the weight of the first
// argument at a two-way tie. Ties of more entries and sorting take the last
// for 0, the first for 1, in stable order, and an even split for ½, the only
// other value allowed there. Direction is wired to the zero vector.
func AtSlot(s float64) Wiring { return uniformWiring(s, func(*expr.Slot) float64 { return s }) }

// AtKink is AtSlot, but sets the derivative of abs (and of norms, through it)
// to v itself: relu′ = v and abs′ = v, the latter by the slot (v+1)/2.
func AtKink(v float64) Wiring {
	return uniformWiring(v, func(s *expr.Slot) float64 {
		if signed(s) {
			return (v + 1) / 2
		}
		return v
	})
}

// signed reports whether a Step selects between −1 and 1.
func signed(s *expr.Slot) bool {
	switch s.Owner.Op().Name {
	case "abs", "norm1", "norminf":
		return true
	}
	return false
}

// uniformWiring closes every slot by a rule that depends on its kind only.
func uniformWiring(v float64, at func(*expr.Slot) float64) Wiring {
	ties, known := map[float64]Choice{0: LastTied, 0.5: EvenTied, 1: FirstTied}[v]
	return chosenBy(func(s *expr.Slot) (Choice, error) {
		c := tieChoice(s, at(s), ties)
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return c, &ChoiceError{s, slotNumber(v), "one value for all kinks must be finite"}
		case c.mode == unset && !known:
			return c, &ChoiceError{s, slotNumber(v), "more than two entries may tie; they take 0 (last), 1/2 (even) or 1 (first)"}
		}
		return c, nil
	})
}

// Random wires every kink to a random vertex of its slot's set, drawn once for
// each slot and entry: a sample of the conservative field. The draws belong to
// the Wiring, so all derivatives wired by it make the same choices.
func Random(rng *rand.Rand) Wiring {
	w := chosenBy(lowest)
	var mu sync.Mutex
	drawn := map[expr.Node]expr.Node{}
	w.extra = func(s *expr.Slot) []expr.Node {
		mu.Lock()
		defer mu.Unlock()
		if _, ok := drawn[s.Node]; !ok {
			drawn[s.Node] = gaussian(rng, s.Keys()[0])
		}
		return []expr.Node{drawn[s.Node]}
	}
	return w
}

func gaussian(rng *rand.Rand, like expr.Node) expr.Node {
	v := make([]float64, like.Shape().Size())
	random.Normals(v, 1, rng)
	return like.Graph().Tensor(v, like.Shape().Dims()...)
}
