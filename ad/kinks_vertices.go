package ad

import (
	"iter"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr"
)

// Vertices returns the extreme points of the block's slot set, as assignments
// to Entries, in lexicographic order of the choice: 0 and 1 for a Step; every
// choice of Count tied entries for a Rank (the extreme points of the
// hypersimplex are its 0–1 points); every permutation matrix of the tied
// entries for a Permutation (Birkhoff's theorem); −1 and 1 for a Direction of
// one entry. There are Pieces of them; a Direction of more entries yields none.
// The slices are the caller's.
func (k *Kink) Vertices() iter.Seq[[]int] {
	return func(yield func([]int) bool) {
		switch {
		case k.Slot.Kind == expr.StepSlot:
			_ = yield([]int{0}) && yield([]int{1})
		case k.Slot.Kind == expr.DirectionSlot:
			_ = len(k.Entries) == 1 && yield([]int{-1}) && yield([]int{1})
		default:
			k.arrange(make([]bool, len(k.members)), nil, yield)
		}
	}
}

// arrange extends a choice of members: a subset in ascending order for a Rank,
// an ordering for a Permutation. It reports whether to go on.
func (k *Kink) arrange(taken []bool, chosen []int, yield func([]int) bool) bool {
	if len(chosen) == k.Count {
		return yield(k.indicator(chosen))
	}
	from := 0
	if k.Slot.Kind == expr.RankSlot && len(chosen) > 0 {
		from = chosen[len(chosen)-1] + 1
	}
	for i := from; i < len(taken); i++ {
		if taken[i] {
			continue
		}
		taken[i] = true
		more := k.arrange(taken, append(chosen, i), yield)
		taken[i] = false
		if !more {
			return false
		}
	}
	return true
}

// indicator is the 0–1 vector of a subset, or the matrix of an ordering.
func (k *Kink) indicator(chosen []int) []int {
	v := make([]int, len(k.Entries))
	for position, i := range chosen {
		if k.Slot.Kind == expr.PermutationSlot {
			i += position * len(k.members)
		}
		v[i] = 1
	}
	return v
}

// RandomVertex draws one of the extreme points that Vertices lists, each with
// the same probability. It is nil for a Direction of more than one entry.
func (k *Kink) RandomVertex(rng *rand.Rand) []int {
	switch k.Slot.Kind {
	case expr.StepSlot:
		return []int{rng.IntN(2)}
	case expr.DirectionSlot:
		if len(k.Entries) > 1 {
			return nil
		}
		return []int{2*rng.IntN(2) - 1}
	}
	return k.indicator(rng.Perm(len(k.members))[:k.Count])
}
