package ad

import (
	"cmp"
	"errors"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
)

// redraws bounds how often a point in general position is drawn.
const redraws = 8

// errGeneric says that tangents vanish that are not identically 0: in float64
// they may cancel.
var errGeneric = errors.New("ad: no direction in general position was found for the linearisation; use rational arithmetic")

// linearize reads off all coefficients at x. Without outputs only those of the
// switches.
func (m *model[T]) linearize(switches, outputs *probe, x [][]T) (err error) {
	for range redraws {
		if err = m.extract(switches, x); err != errGeneric {
			break
		}
		m.draw(len(m.dx))
	}
	if err != nil || outputs == nil {
		return err
	}
	return m.attach(outputs, x)
}

// extract computes the rows of the switches. With all slots 0 nothing passes the
// kinks, and rows are Z. Then, block by block: with slots in general position up
// to the block and 0 after it, the derivative of later rows with respect to the
// block's slot is L times the tangent of its switch.
func (m *model[T]) extract(p *probe, x [][]T) (err error) {
	m.zdot, m.v = nil, nil
	m.switches = make([]modelRow[T], m.members[len(m.kinks)])
	flat := m.positions()
	if err = m.plainRows(p, x, m.switches, flat); err != nil {
		return err
	}
	for b := range m.kinks {
		m.pass(b)
		if err := m.respond(p, x, b, m.switches, flat); err != nil {
			return err
		}
	}
	if p == nil {
		return nil
	}
	return m.check(p, x, m.switches, flat)
}

// attach computes the rows of the outputs.
func (m *model[T]) attach(p *probe, x [][]T) error {
	var flat []position
	for i, n := range p.roots {
		for e := range n.Shape().Size() {
			flat = append(flat, position{i, e})
		}
	}
	rows := make([]modelRow[T], len(flat))
	if err := m.plainRows(p, x, rows, flat); err != nil {
		return err
	}
	for b := range m.kinks {
		if err := m.respond(p, x, b, rows, flat); err != nil {
			return err
		}
	}
	m.outputs = rows
	return m.check(p, x, rows, flat)
}

// position is an entry of a root of a probe.
type position struct{ root, entry int }

// positions lists where the members of all blocks stand among the keys.
func (m *model[T]) positions() (flat []position) {
	for b := range m.kinks {
		for _, e := range m.kinks[b].members {
			flat = append(flat, position{m.slotOf[m.kinks[b].Slot.Node], e})
		}
	}
	return flat
}

// slotsUpTo returns values of the slots of all blocks before a number, 0 for the
// rest.
func (m *model[T]) slotsUpTo(blocks int) map[expr.Node][]T {
	out := map[expr.Node][]T{}
	for _, n := range m.slots {
		out[n] = m.zeroes(n.Shape().Size())
	}
	for b := range blocks {
		for j, e := range m.kinks[b].Entries {
			out[m.kinks[b].Slot.Node][e] = m.lambda[b][j]
		}
	}
	return out
}

// seeds returns zeros of the shapes of nodes.
func (m *model[T]) seeds(nodes []expr.Node) [][]T {
	out := make([][]T, len(nodes))
	for i, n := range nodes {
		out[i] = m.zeroes(n.Shape().Size())
	}
	return out
}

// with appends the values of a program's open slots to its inputs.
func with[T any](p *program, slots map[expr.Node][]T, in ...[][]T) [][]T {
	all := slices.Concat(in...)
	for _, n := range p.f.Slots() {
		all = append(all, slots[n])
	}
	return all
}

// plainRows computes rows with all slots 0.
func (m *model[T]) plainRows(p *probe, x [][]T, rows []modelRow[T], flat []position) error {
	slots := m.slotsUpTo(0)
	for i, at := range flat {
		ct := m.seeds(p.roots)
		ct[at.root][at.entry] = m.of(1, 1)
		out, err := m.run(&p.rows, with(&p.rows, slots, x, ct))
		if err != nil {
			return err
		}
		rows[i] = modelRow[T]{x: slices.Concat(out...)}
	}
	return nil
}

// respond adds the terms of what passes block b to rows.
func (m *model[T]) respond(p *probe, x [][]T, b int, rows []modelRow[T], flat []position) error {
	if p.settled {
		return nil
	}
	lo, n := m.members[b], m.kinks[b].Tied()
	for t := range m.kinks[b].Throughs() {
		through := m.throughs[b] + t
		k, moves := m.moving(lo, n)
		switch {
		case !moves && m.still(lo, n):
			continue // nothing passes
		case !moves:
			return errGeneric
		}
		out, err := m.slotDerivative(p, x, b, t*n+k)
		if err != nil {
			return err
		}
		for i, at := range flat {
			if d := out[at.root][at.entry]; !m.isZero(d) {
				rows[i].terms = append(rows[i].terms, modelTerm[T]{through, m.quo(d, m.zdot[lo+k])})
			}
		}
	}
	return nil
}

// moving returns the member of a block with the largest tangent along dx; ok is
// false if all are 0.
func (m *model[T]) moving(lo, n int) (k int, ok bool) {
	best := 0.0
	for i := range n {
		if z := abs(m.float(m.zdot[lo+i])); !m.isZero(m.zdot[lo+i]) && z >= best {
			best, k, ok = z, i, true
		}
	}
	return k, ok
}

// still reports whether no direction and no slots move n switches: their rows
// have no coefficient. Those of kinks that do not move themselves were left out,
// and the rest multiply different slots, so they do not cancel.
func (m *model[T]) still(lo, n int) bool {
	for _, r := range m.switches[lo : lo+n] {
		if len(r.terms) > 0 || slices.ContainsFunc(r.x, func(c T) bool { return !m.isZero(c) }) {
			return false
		}
	}
	return true
}

func abs(x float64) float64 { return max(x, -x) }

// slotDerivative returns the derivative of the tangents of the roots along dx
// with respect to one entry of block b's slot, with later slots 0.
func (m *model[T]) slotDerivative(p *probe, x [][]T, b, entry int) ([][]T, error) {
	moves := m.seeds(m.slots)
	k := &m.kinks[b]
	moves[m.slotOf[k.Slot.Node]][k.Entries[entry]] = m.of(1, 1)
	return m.run(&p.response, with(&p.response, m.slotsUpTo(b), x, m.split(p), moves))
}

// split cuts dx over the inputs to differentiate.
func (m *model[T]) split(p *probe) [][]T {
	out, rest := make([][]T, len(p.wrt)), m.dx
	for i, n := range p.wrt {
		out[i], rest = rest[:n.Shape().Size()], rest[n.Shape().Size():]
	}
	return out
}

// check holds the rows against the program: one random combination of them, with
// all slots in general position.
func (m *model[T]) check(p *probe, x [][]T, rows []modelRow[T], flat []position) error {
	ct := m.seeds(p.roots)
	want, size := m.of(0, 1), 0.0
	for _, d := range m.dx {
		size += abs(m.float(d))
	}
	for i, at := range flat {
		c := m.of(2*m.rng.Int64N(8)+1, 16)
		ct[at.root][at.entry] = m.add(ct[at.root][at.entry], c)
		v, s := m.evaluate(&rows[i])
		want, size = m.add(want, m.mul(c, v)), size+float64(abs(m.float(c))*s)
	}
	slots := m.slotsUpTo(len(m.kinks))
	out, err := m.run(&p.rows, with(&p.rows, slots, x, ct))
	if err != nil {
		return err
	}
	got, i := m.of(0, 1), 0
	for _, row := range out {
		for _, g := range row {
			got, i = m.add(got, m.mul(g, m.dx[i])), i+1
		}
	}
	if size-size != 0 && m.exact(want) == nil {
		return nil // an overflow, which the rows show
	}
	if !m.same(want, got, size) {
		return m.culprit()
	}
	return nil
}

// culprit names the kink of a custom op, if there is just one.
func (m *model[T]) culprit() error {
	var found *expr.Slot
	for b := range m.kinks {
		if _, registered := expr.Lookup(m.kinks[b].Op); !registered {
			if found != nil && found != m.kinks[b].Slot {
				return &SwitchError{}
			}
			found = m.kinks[b].Slot
		}
	}
	return &SwitchError{found}
}

// sorted returns kinks such that slots come before the switches that depend on
// them, by owner otherwise.
func (l *Linearizer) sorted(kinks []Kink) []Kink {
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
	return kinks
}
