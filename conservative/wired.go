package conservative

import (
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// wired runs the derivative of f wired by w: the selection, and the slots that
// the wiring chose at the active kinks.
func wired(f *expr.Func, x clarke.Point, w ad.Wiring, kinks []ad.Kink) (selection clarke.Vector, slots []clarke.Vector, err error) {
	g, err := ad.Gradient(f)
	if len(f.Out()) != 1 || f.Out()[0].Shape().Rank() != 0 {
		g, err = ad.Jacobian(f)
	}
	if err != nil {
		return selection, nil, err
	}
	selectors := map[expr.Node]expr.Node{} // by slot
	out := g.Out()[len(f.Out()):]
	first := len(out)
	for _, n := range g.Nodes() {
		if s, open := n.SelectorSlot(); open && selectors[s.Node] == (expr.Node{}) {
			selectors[s.Node] = n
			out = append(out, n)
		}
	}
	open, err := g.Graph().Func(expr.In(g.In()...), expr.Out(out...))
	if err != nil {
		return selection, nil, err
	}
	closed, err := ad.Wire(open, w)
	if err != nil {
		return selection, nil, err
	}
	values, err := run(closed, x)
	if err != nil {
		return selection, nil, err
	}
	for i := range kinks {
		at := slices.Index(out, selectors[kinks[i].Slot.Node])
		if at < first {
			slots = append(slots, clarke.Vector{}) // the derivative does not use it
			continue
		}
		slots = append(slots, chosen(&kinks[i], closed.Out()[at].Shape(), values[at]))
	}
	return rowsOf(values[:first], f), slots, nil
}

// rowsOf joins gradients, or the Jacobians for each input row by row.
func rowsOf(parts []clarke.Vector, f *expr.Func) clarke.Vector {
	if len(f.Out()) == 1 && f.Out()[0].Shape().Rank() == 0 {
		return clarke.Concat(parts)
	}
	var rows []clarke.Vector
	m := 0
	for _, y := range f.Out() {
		m += y.Shape().Size()
	}
	for o := range m {
		for _, p := range parts {
			n := len(p.Float) / m
			rows = append(rows, cutOf(p, o*n, (o+1)*n))
		}
	}
	return clarke.Concat(rows)
}

func cutOf(v clarke.Vector, lo, hi int) clarke.Vector {
	out := clarke.Vector{Float: v.Float[lo:hi]}
	if v.Exact != nil {
		out.Exact = v.Exact[lo:hi]
	}
	return out
}

// run computes a program in rationals where it can, else in float64.
func run(f *expr.Func, x clarke.Point) ([]clarke.Vector, error) {
	var out []clarke.Vector
	if x.IsExact() {
		if p, err := exact.Compile(f); err == nil {
			if values, err := p.Run(x.Exact()...); err == nil {
				for _, v := range values {
					out = append(out, clarke.Rational(v))
				}
				return out, nil
			}
		}
	}
	p, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return nil, err
	}
	values := make([][]float64, len(f.Out()))
	for i, n := range f.Out() {
		values[i] = make([]float64, n.Shape().Size())
		out = append(out, clarke.Floats(values[i]))
	}
	return out, p.Run(values, x.Floats()...)
}

// chosen reads the slot of one kink off the value of its selector: the selector
// gives the slot where all keys tie, except that a Permutation lists an order,
// mixed or not.
func chosen(k *ad.Kink, s expr.Shape, v clarke.Vector) clarke.Vector {
	if k.Slot.Kind == expr.PermutationSlot {
		return ordered(k, s, v)
	}
	var out clarke.Vector
	for _, e := range k.Entries {
		out.Float = append(out.Float, v.Float[e])
		if v.Exact != nil {
			out.Exact = append(out.Exact, v.Exact[e])
		}
	}
	return out
}

// ordered returns the matrix of positions and tied entries of a Permutation. Its
// columns are the tied entries by index. See expr.Permutation for the layout.
func ordered(k *ad.Kink, s expr.Shape, v clarke.Vector) clarke.Vector {
	n, m := s.Dim(-1), k.Tied()
	height := s.Dim(-2)
	row, lo := k.Entries[0]/(n*n), k.Entries[0]%n
	at := func(i, j int) clarke.Vector { return cutOf(v, (row*height+i)*n+j, (row*height+i)*n+j+1) }
	var entries []int
	for i := range m {
		entries = append(entries, int(at(0, lo+i).Float[0]))
	}
	sorted := slices.Sorted(slices.Values(entries))
	out := clarke.Floats(make([]float64, m*m))
	if v.Exact != nil {
		out.Exact = zeroRats(m * m)
	}
	for p := range m {
		for i := range m {
			j := p*m + slices.Index(sorted, entries[i])
			weight := clarke.Rational([]*big.Rat{big.NewRat(0, 1)})
			switch {
			case height > 2:
				weight = at(2+lo+p, lo+i)
			case i == p:
				weight = clarke.Rational([]*big.Rat{big.NewRat(1, 1)})
			}
			if out.Float[j] = weight.Float[0]; v.Exact != nil {
				out.Exact[j] = weight.Exact[0]
			}
		}
	}
	return out
}
