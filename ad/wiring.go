package ad

import (
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
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
	return Wiring{along: directions, choose: lowest}
}

// lowest settles what still ties: 0 for Step, the lowest index for Rank and
// Permutation, the zero vector for Direction.
func lowest(s *expr.Slot, keys []expr.Node) (expr.Node, error) {
	switch s.Kind {
	case expr.RankSlot:
		return expr.TieBreak(expr.TieFirst, s.From, s.To, keys...), nil
	case expr.PermutationSlot:
		return stableOrder(keys[0]), nil
	}
	return zeros(keys[0]), nil
}

// stableOrder is the slot of a Permutation that keeps tied entries in order.
func stableOrder(key expr.Node) expr.Node {
	dims := key.Shape().Dims()
	dims[len(dims)-1] = 1
	return expr.BroadcastTo(key.Graph().Const(0), dims...)
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
		if s.Kind == expr.StepSlot && signed(s) {
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
	w := Wiring{choose: func(s *expr.Slot, keys []expr.Node) (expr.Node, error) {
		switch s.Kind {
		case expr.StepSlot:
			return filled(keys[0], at(s)), nil
		case expr.DirectionSlot:
			return zeros(keys[0]), nil
		}
		mode, ok := map[float64]expr.TieMode{0: expr.TieLast, 0.5: expr.TieEven, 1: expr.TieFirst}[v]
		if !ok {
			return expr.Node{}, fmt.Errorf("ad: %v ties more than two entries; they take 0 (last), 1/2 (even) or 1 (first), not %v", s, v)
		}
		return breakTies(s, keys, mode), nil
	}}
	if v == 0 {
		w.extra = lastFirst
	}
	return w
}

// breakTies settles a Rank or a Permutation by a rule that depends on the keys
// only. For Permutation the order is stable or even; lastFirst reverses it.
func breakTies(s *expr.Slot, keys []expr.Node, mode expr.TieMode) expr.Node {
	switch {
	case s.Kind == expr.RankSlot:
		return expr.TieBreak(mode, s.From, s.To, keys...)
	case mode == expr.TieEven:
		return expr.EvenTies(keys...)
	}
	return stableOrder(keys[0])
}

// lastFirst is the further key that sorts tied entries by descending index.
func lastFirst(s *expr.Slot) []expr.Node {
	if s.Kind != expr.PermutationSlot {
		return nil
	}
	shape := s.Keys()[0].Shape()
	v := make([]float64, shape.Dim(-1))
	for i := range v {
		v[i] = float64(-i)
	}
	row := s.Node.Graph().Tensor(v, len(v))
	return []expr.Node{expr.BroadcastTo(row, shape.Dims()...)}
}

// Random wires every kink to a random vertex of its slot's set, drawn once for
// each entry: a sample of the conservative field.
func Random(rng *rand.Rand) Wiring {
	extra := func(s *expr.Slot) []expr.Node {
		key := s.Keys()[0]
		v := make([]float64, key.Shape().Size())
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return []expr.Node{key.Graph().Tensor(v, key.Shape().Dims()...)}
	}
	return Wiring{extra: extra, choose: lowest}
}

// Within leaves slots open but counts a kink as active when its switch is
// within tol of a tie: |z| ≤ tol for a Step, chains of gaps ≤ tol for a Rank or
// a Permutation, ‖x‖ ≤ tol for a Direction. Nothing that follows is exact then.
func Within(tol float64) Wiring {
	return Wiring{
		rekey: func(s *expr.Slot, key expr.Node) expr.Node {
			switch s.Kind {
			case expr.StepSlot:
				return expr.Snap(key, tol, expr.SnapEntries)
			case expr.DirectionSlot:
				return expr.Snap(key, tol, expr.SnapVectors)
			}
			return expr.Snap(key, tol, expr.SnapRows)
		},
		choose: func(*expr.Slot, []expr.Node) (expr.Node, error) { return expr.Node{}, nil },
	}
}
