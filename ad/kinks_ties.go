package ad

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// tieFinder finds the active blocks of one selector from the values of its
// keys. It is the one implementation for both arithmetics and follows the
// conventions of the selectors in package expr: entries are compared by their
// rows of keys lexicographically, Rank orders them from the largest and
// Permutation from the smallest.
type tieFinder[T any] struct {
	slot    *expr.Slot
	keys    [][]T
	compare func(a, b T) int
	zero    T
}

func (t *tieFinder[T]) find() []Kink {
	switch t.slot.Kind {
	case expr.StepSlot:
		return t.steps()
	case expr.DirectionSlot:
		return t.directions()
	}
	var out []Kink
	n := t.width()
	for row := range len(t.keys[0]) / n {
		out = append(out, t.tiedBlocks(row, n)...)
	}
	return out
}

func (t *tieFinder[T]) width() int { return t.slot.Keys()[0].Shape().Dim(-1) }

// vanishes reports whether all keys are 0 at entry i.
func (t *tieFinder[T]) vanishes(i int) bool {
	for _, k := range t.keys {
		if t.compare(k[i], t.zero) != 0 {
			return false
		}
	}
	return true
}

func (t *tieFinder[T]) steps() []Kink {
	var out []Kink
	for i := range t.keys[0] {
		if t.vanishes(i) {
			out = append(out, t.block(t.slot.Keys()[0].Shape(), i, []int{i}, []int{i}, 1, 2))
		}
	}
	return out
}

func (t *tieFinder[T]) directions() []Kink {
	var out []Kink
	n := t.width()
	for row := range len(t.keys[0]) / n {
		entries, active := span(row*n, n), true
		for _, i := range entries {
			active = active && t.vanishes(i)
		}
		if active {
			pieces := 0
			if n == 1 {
				pieces = 2
			}
			out = append(out, t.block(t.slot.Keys()[0].Shape().Lead(1), row, entries, entries, 1, pieces))
		}
	}
	return out
}

// tiedBlocks returns the active blocks of one row of a Rank or a Permutation.
func (t *tieFinder[T]) tiedBlocks(row, n int) []Kink {
	dir := 1
	if t.slot.Kind == expr.RankSlot {
		dir = -1
	}
	order := span(row*n, n)
	slices.SortStableFunc(order, func(i, j int) int { return dir * t.compareRows(i, j) })
	var out []Kink
	for lo, hi := 0, 0; lo < n; lo = hi {
		for hi = lo + 1; hi < n && t.compareRows(order[lo], order[hi]) == 0; hi++ {
		}
		if k, active := t.tied(row, n, lo, order[lo:hi]); active {
			out = append(out, k)
		}
	}
	return out
}

func (t *tieFinder[T]) compareRows(i, j int) int {
	for _, k := range t.keys {
		if c := t.compare(k[i], k[j]); c != 0 {
			return c
		}
	}
	return 0
}

// tied returns the block of the given members, which stand at positions lo, …
// of the sorted row; it is active if there is a choice.
func (t *tieFinder[T]) tied(row, n, lo int, members []int) (k Kink, active bool) {
	lead, m := t.slot.Keys()[0].Shape().Lead(1), len(members)
	if t.slot.Kind == expr.RankSlot {
		count := min(lo+m, t.slot.To) - max(lo, t.slot.From)
		if count <= 0 || count == m {
			return k, false
		}
		k = t.block(lead, row, members, members, count, choose(m, count))
		k.Above = max(t.slot.From-lo, 0)
		return k, true
	}
	if m == 1 {
		return k, false
	}
	var entries []int
	for i := lo; i < lo+m; i++ {
		entries = append(entries, span((row*n+i)*n+lo, m)...)
	}
	return t.block(lead, row, entries, members, m, factorial(m)), true
}

func (t *tieFinder[T]) block(s expr.Shape, flat int, entries, members []int, count, pieces int) Kink {
	return Kink{
		Slot: t.slot, Node: t.slot.Owner.ID(), Op: t.slot.Owner.Op().Name, Index: unravel(s, flat),
		Entries: slices.Clone(entries), Count: count, Pieces: pieces, members: slices.Clone(members),
	}
}

// span returns from, from+1, …, n of them.
func span(from, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = from + i
	}
	return out
}

// unravel returns the multi-index of a flat position.
func unravel(s expr.Shape, flat int) []int {
	dims := s.Dims()
	index := make([]int, len(dims))
	for a := len(dims) - 1; a >= 0; a-- {
		index[a] = flat % dims[a]
		flat /= dims[a]
	}
	return index
}

// choose returns the binomial coefficient, at most MaxInt.
func choose(n, k int) int {
	c := 1
	for i := 1; i <= min(k, n-k); i++ {
		if c > math.MaxInt/(n-i+1) {
			return math.MaxInt
		}
		c = c * (n - i + 1) / i
	}
	return c
}

// factorial returns n!, at most MaxInt.
func factorial(n int) int {
	f := 1
	for i := 2; i <= n; i++ {
		if f > math.MaxInt/i {
			return math.MaxInt
		}
		f *= i
	}
	return f
}

// Members returns the flat positions in the keys of the entries that tie: one for a
// Step, the row for a Direction. The block is active where the keys are 0 there, or
// for Rank and Permutation where they are equal.
func (k *Kink) Members() []int { return slices.Clone(k.members) }
