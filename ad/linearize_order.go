package ad

import (
	"cmp"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// sorted returns kinks such that slots come before the switches that depend on
// them, by owner otherwise, and the first of every level: kinks of one level do
// not depend on each other.
func (l *Linearizer) sorted(kinks []Kink) (list []Kink, levels []int) {
	keys := map[expr.Node]int{} // slot to its key's tangent
	tangents := l.open.Out()[len(l.open.Out())-len(l.slots):]
	for i, n := range l.slots {
		keys[n] = i
	}
	var active []expr.Node
	for i := range kinks {
		if n := kinks[i].Slot.Node; len(active) == 0 || active[len(active)-1] != n {
			active = append(active, n)
		}
	}
	level := map[expr.Node]int{}
	order := l.open.Order()
	before := map[expr.Node][]expr.Node{} // slot to the slots that depend on it
	for _, n := range active {
		depends := order.Depends([]expr.Node{n})
		for _, o := range active {
			if i := order.Index(tangents[keys[o]]); o != n && i >= 0 && depends[i] {
				before[n] = append(before[n], o)
			}
		}
	}
	for range active { // longest chains
		changed := false
		for _, n := range active {
			for _, o := range before[n] {
				if level[o] <= level[n] {
					level[o], changed = level[n]+1, true
				}
			}
		}
		if !changed {
			break
		}
	}
	kinks = slices.Clone(kinks)
	slices.SortStableFunc(kinks, func(a, b Kink) int {
		return cmp.Or(level[a.Slot.Node]-level[b.Slot.Node], a.Node-b.Node)
	})
	for b := range kinks {
		if b == 0 || level[kinks[b].Slot.Node] != level[kinks[b-1].Slot.Node] {
			levels = append(levels, b)
		}
	}
	return kinks, levels
}
