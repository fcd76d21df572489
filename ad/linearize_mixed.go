package ad

import (
	"errors"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// mixed is a program in two parts: what decides at kinks, in rationals, and the
// rest, which takes the decisions, in float64. In float64 alone relu(x + y − 0.3)
// has no kink at (1/10, 1/5).
type mixed struct {
	decisions *exact.Program // nil if there are none
	leaves    []int          // those of the program's inputs, slots included, that decisions read
	rest      *vm.Program
}

// newMixed parts a program as far as its decisions are rational.
func newMixed(f *expr.Func) (*mixed, error) {
	m, leaves := &mixed{}, slices.Concat(f.In(), f.Slots())
	cut := decisions(f)
	for len(cut) > 0 && m.decisions == nil {
		part, err := f.Graph().Func(expr.In(f.In()...), expr.Out(cut...))
		if err != nil {
			return nil, err
		}
		var unsupported *exact.UnsupportedError
		if m.decisions, err = exact.Compile(part); errors.As(err, &unsupported) {
			depends := f.Order().Depends([]expr.Node{unsupported.Node})
			cut = slices.DeleteFunc(cut, func(n expr.Node) bool { return depends[f.Order().Index(n)] })
			continue
		} else if err != nil {
			return nil, err
		}
		for _, n := range slices.Concat(part.In(), part.Slots()) {
			m.leaves = append(m.leaves, slices.Index(leaves, n))
		}
	}
	rest, err := f.Sever(slices.Concat(leaves, cut)...)
	if err != nil {
		return nil, err
	}
	m.rest, err = vm.Compile(rest, vm.Options{})
	return m, err
}

// decisions lists the nodes that jump where a number changes its sign or two
// numbers their order: selectors, their derivatives with respect to slots, and
// whatever is locally constant. A Direction and its derivative jump where their
// keys vanish, so the keys stand for them.
func decisions(f *expr.Func) (out []expr.Node) {
	for _, n := range f.Nodes() {
		_, selects := n.SelectorSlot()
		switch op := n.Op(); {
		case len(n.ArgIDs()) == 0:
		case op.Name == "direction":
			out = append(out, keysOf(n)...)
		case op.Name == "tieddirection":
			out = append(out, n.Args()...)
		case selects || op.Constant:
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b expr.Node) int { return a.ID() - b.ID() })
	return slices.Compact(out)
}

// run runs the program at x and further inputs. Decisions keep their signs.
func (m *mixed) run(x [][]*big.Rat, in [][]float64) ([][]float64, error) {
	if m.decisions != nil {
		read := make([][]*big.Rat, len(m.leaves))
		for i, leaf := range m.leaves {
			if leaf < len(x) {
				read[i] = x[leaf]
				continue
			}
			for _, v := range in[leaf] {
				read[i] = append(read[i], new(big.Rat).SetFloat64(v))
			}
		}
		decided, err := m.decisions.Run(read...)
		if err != nil {
			return nil, err
		}
		for _, row := range decided {
			in = append(in[:len(in):len(in)], nearest(row))
		}
	}
	return runFloats(m.rest, in)
}

// runFloats allocates the outputs of a run.
func runFloats(p *vm.Program, in [][]float64) ([][]float64, error) {
	out := make([][]float64, len(p.Func().Out()))
	for i, n := range p.Func().Out() {
		out[i] = make([]float64, n.Shape().Size())
	}
	return out, p.Run(out, in...)
}

// mixedNumbers is float64 with decisions at x in rationals.
func mixedNumbers(x [][]*big.Rat) *numbers[float64] {
	a := floatNumbers
	a.runs = func(p *program, in [][]float64) ([][]float64, error) {
		m, err := p.mixed()
		if err != nil {
			return nil, err
		}
		return m.run(x, in)
	}
	a.worth = 1 // decisions are rational
	return &a
}
