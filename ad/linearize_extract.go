package ad

import (
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
// kinks, and rows are Z. Then, level by level: with slots in general position
// before the level and 0 from it on, the derivative of later rows with respect to a
// slot of the level is L times the tangent of its switch.
func (m *model[T]) extract(p *probe, x [][]T) (err error) {
	m.zdot, m.v = nil, nil
	m.switches = make([]modelRow[T], m.members[len(m.kinks)])
	flat := m.positions()
	if err = m.plainRows(p, x, m.switches, flat); err != nil {
		return err
	}
	for i, lo := range m.levels[:len(m.levels)-1] {
		hi := m.levels[i+1]
		for b := lo; b < hi; b++ {
			m.pass(b)
		}
		later := m.members[hi]
		if err := m.respond(p, x, lo, hi, m.switches[later:], flat[later:]); err != nil {
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
	for i, lo := range m.levels[:len(m.levels)-1] {
		if err := m.respond(p, x, lo, m.levels[i+1], rows, flat); err != nil {
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

// plainRows computes rows with all slots 0: by their cotangents, or column by
// column if there are fewer inputs than rows.
func (m *model[T]) plainRows(p *probe, x [][]T, rows []modelRow[T], flat []position) error {
	if len(flat)-len(m.dx) >= m.worth {
		if columns, err := m.instead(p.columns); err != nil {
			return err
		} else if columns != nil {
			return m.plainColumns(p, columns, x, rows, flat)
		}
	}
	slots := m.slotsUpTo(0)
	for i, at := range flat {
		out, err := m.run(&p.rows, with(&p.rows, slots, x, m.unit(p.roots, at)))
		if err != nil {
			return err
		}
		rows[i] = modelRow[T]{x: slices.Concat(out...)}
	}
	return nil
}

// unit returns a 1 at a position and zeros elsewhere.
func (m *model[T]) unit(nodes []expr.Node, at position) [][]T {
	out := m.seeds(nodes)
	out[at.root][at.entry] = m.of(1, 1)
	return out
}

// respond adds the terms of what passes the blocks lo ≤ b < hi, a level, to rows.
func (m *model[T]) respond(p *probe, x [][]T, lo, hi int, rows []modelRow[T], flat []position) error {
	if p.settled {
		return nil
	}
	list, err := m.passing(lo, hi)
	if err != nil || len(rows) == 0 {
		return err
	}
	slots := m.slotsUpTo(lo)
	if len(list)-len(rows) >= m.worth {
		if arrivals, err := m.instead(p.arrivals); err != nil {
			return err
		} else if arrivals != nil {
			return m.arrive(p, arrivals, x, slots, list, rows, flat)
		}
	}
	for _, s := range list {
		out, err := m.run(&p.response, with(&p.response, slots, x, m.split(p, m.dx), m.unit(m.slots, s.slot)))
		if err != nil {
			return err
		}
		for i, at := range flat {
			m.addTerm(&rows[i], s, out[at.root][at.entry])
		}
	}
	return nil
}

// passage is a tangent that passes a kink, and the entry of the slot that lets the
// tangent of a member pass that is not 0.
type passage struct {
	through, member int
	slot            position // among the slots
}

// passing lists what passes the blocks lo ≤ b < hi.
func (m *model[T]) passing(lo, hi int) (list []passage, err error) {
	for b := lo; b < hi; b++ {
		first, n := m.members[b], m.kinks[b].Tied()
		k, moves := m.moving(first, n)
		switch {
		case !moves && m.still(first, n):
			continue // nothing passes
		case !moves:
			return nil, errGeneric
		}
		kink := &m.kinks[b]
		for t := range kink.Throughs() {
			at := position{m.slotOf[kink.Slot.Node], kink.Entries[t*n+k]}
			list = append(list, passage{m.throughs[b] + t, first + k, at})
		}
	}
	return list, nil
}

// addTerm adds what passes a kink to a row, given the derivative with respect to the
// entry of its slot.
func (m *model[T]) addTerm(r *modelRow[T], s passage, d T) {
	if !m.isZero(d) {
		r.terms = append(r.terms, modelTerm[T]{s.through, m.quo(d, m.zdot[s.member])})
	}
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

// split cuts a direction over the inputs to differentiate.
func (m *model[T]) split(p *probe, dx []T) [][]T {
	out := make([][]T, len(p.wrt))
	for i, n := range p.wrt {
		out[i], dx = dx[:n.Shape().Size()], dx[n.Shape().Size():]
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
