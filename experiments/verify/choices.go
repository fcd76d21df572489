package verify

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
)

// choice is an extreme choice at an active kink.
type choice struct {
	values []*big.Rat // one for each of the kink's Entries
	// above lists pairs of members of which the first moves above the second in
	// the cells that make this choice. A Step has the single member 0, and −1 stands
	// for 0.
	above [][2]int
}

// MaxProducts bounds the combinations of choices that are looked at.
const MaxProducts = 1 << 12

// choicesAt lists the extreme choices at a kink; nil if there are too many or, for
// the ball of a norm, no finite number.
func choicesAt(k *ad.Kink) []choice {
	m := k.Tied()
	if k.Slot.Kind != expr.DirectionSlot && k.Pieces > MaxProducts {
		return nil
	}
	switch k.Slot.Kind {
	case expr.StepSlot:
		return []choice{{integers(0), [][2]int{{-1, 0}}}, {integers(1), [][2]int{{0, -1}}}}
	case expr.RankSlot:
		return rankChoices(m, k.Above, k.Count)
	case expr.PermutationSlot:
		return orderChoices(m)
	}
	if m == 1 {
		return []choice{{integers(-1), [][2]int{{-1, 0}}}, {integers(1), [][2]int{{0, -1}}}}
	}
	return nil
}

func integers(values ...int64) []*big.Rat {
	out := make([]*big.Rat, len(values))
	for i, v := range values {
		out[i] = new(big.Rat).SetInt64(v)
	}
	return out
}

// rankChoices lists the ways to rank above of m tied entries first and count next;
// these are selected.
func rankChoices(m, above, count int) (out []choice) {
	level := make([]int, m) // 0 above, 1 selected, 2 below
	left := [3]int{above, count, m - above - count}
	var place func(i int)
	place = func(i int) {
		if len(out) > MaxProducts {
			return
		}
		if i == m {
			out = append(out, rankChoice(level))
			return
		}
		for l := range left {
			if left[l] > 0 {
				left[l]--
				level[i] = l
				place(i + 1)
				left[l]++
			}
		}
	}
	place(0)
	if len(out) > MaxProducts {
		return nil
	}
	return out
}

func rankChoice(level []int) (c choice) {
	for i, l := range level {
		c.values = append(c.values, new(big.Rat))
		if l == 1 {
			c.values[i].SetInt64(1)
		}
		for j, other := range level {
			if l < other {
				c.above = append(c.above, [2]int{i, j})
			}
		}
	}
	return c
}

// orderChoices lists the ascending orders of m tied entries.
func orderChoices(m int) (out []choice) {
	order := make([]int, m)
	for i := range order {
		order[i] = i
	}
	for {
		c := choice{values: integers(make([]int64, m*m)...)}
		for position, i := range order {
			c.values[position*m+i].SetInt64(1)
			if position > 0 {
				c.above = append(c.above, [2]int{i, order[position-1]})
			}
		}
		if out = append(out, c); !nextPermutation(order) {
			return out
		}
	}
}

// nextPermutation goes to the next order lexicographically, false after the last.
func nextPermutation(order []int) bool {
	i := len(order) - 2
	for i >= 0 && order[i] > order[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	j := len(order) - 1
	for order[j] < order[i] {
		j--
	}
	order[i], order[j] = order[j], order[i]
	slices.Reverse(order[i+1:])
	return true
}

// assignment has values for all slots of a derivative, inactive ones included.
type assignment []Vector

// blank returns slots of which none matters.
func (s *slotted) blank() assignment {
	out := make(assignment, len(s.slots))
	for i, n := range s.slots {
		out[i] = rational(slices.Repeat([]*big.Rat{new(big.Rat)}, n.Shape().Size()))
	}
	return out
}

// set gives the entries of a kink values, if the derivative has its slot.
func (s *slotted) set(a assignment, k *ad.Kink, values []*big.Rat) {
	i := slices.Index(s.slots, k.Slot.Node)
	if i < 0 {
		return
	}
	for j, e := range k.Entries {
		a[i].Exact[e] = values[j]
		a[i].Float[e], _ = values[j].Float64()
	}
}

// products visits all combinations of choices, as indices into lists.
func products(lists [][]choice, visit func(at []int) error) error {
	at := make([]int, len(lists))
	for {
		if err := visit(at); err != nil {
			return err
		}
		i := len(at) - 1
		for i >= 0 && at[i] == len(lists[i])-1 {
			at[i] = 0
			i--
		}
		if i < 0 {
			return nil
		}
		at[i]++
	}
}

// combinations is the number of products, at most MaxProducts + 1; a list that is
// nil counts as too many.
func combinations(lists [][]choice) int {
	total := 1
	for _, l := range lists {
		if l == nil || total*len(l) > MaxProducts {
			return MaxProducts + 1
		}
		total *= len(l)
	}
	return total
}
