package ad

import (
	"sync"

	"github.com/tamegrad/tamegrad/expr"
)

// A probe has a program that computes rows, one run for each, and one that computes
// what passes kinks, one run for each kink. Their transposes compute the same numbers
// with a run for each input, and with a run for each row and level of kinks. That of fewer
// runs is used: 200 kinks in ℝ⁵⁰ with one output need 50 runs for their rows, and one for
// all terms, in place of 400. So the cost of parallel kinks grows in proportion to their
// number. In float64, where a run is cheap, it must save many to be made.

// transpose sets how the transposes are derived from the tangents of the roots.
func (p *probe) transpose(open *expr.Func) {
	dy := open.Out()[len(p.roots):]
	p.columns = sync.OnceValues(func() (*program, error) {
		f, err := open.Graph().Func(expr.In(open.In()...), expr.Out(dy...))
		if err != nil {
			return nil, err
		}
		c := newProgram(f)
		return &c, nil
	})
	p.arrivals = sync.OnceValues(func() (*program, error) {
		ct := companions(open, dy, "bar")
		f, err := open.Graph().Func(expr.In(open.In()...), expr.In(ct...), expr.Out(cotangents(dy, ct, p.slots)...))
		if err != nil {
			return nil, err
		}
		a := newProgram(f)
		return &a, nil
	})
}

// instead returns a transpose, nil where it does not run.
func (m *model[T]) instead(transpose func() (*program, error)) (*program, error) {
	p, err := transpose()
	if err != nil || !m.transposes(p) {
		return nil, err
	}
	return p, nil
}

// plainColumns computes rows with all slots 0, one input at a time.
func (m *model[T]) plainColumns(p *probe, columns *program, x [][]T, rows []modelRow[T], flat []position) error {
	slots := m.slotsUpTo(0)
	for i := range rows {
		rows[i] = modelRow[T]{x: m.zeroes(len(m.dx))}
	}
	for j := range m.dx {
		dx := m.zeroes(len(m.dx))
		dx[j] = m.of(1, 1)
		out, err := m.run(columns, with(columns, slots, x, m.split(p, dx)))
		if err != nil {
			return err
		}
		for i, at := range flat {
			rows[i].x[j] = out[at.root][at.entry]
		}
	}
	return nil
}

// arrive adds the terms of what passes a level to rows, one row at a time.
func (m *model[T]) arrive(p *probe, arrivals *program, x [][]T, slots map[expr.Node][]T, list []passage, rows []modelRow[T], flat []position) error {
	dx := m.split(p, m.dx)
	for i, at := range flat {
		out, err := m.run(arrivals, with(arrivals, slots, x, dx, m.unit(p.roots, at)))
		if err != nil {
			return err
		}
		for _, s := range list {
			m.addTerm(&rows[i], s, out[s.slot.root][s.slot.entry])
		}
	}
	return nil
}
