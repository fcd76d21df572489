package conservative

import (
	"math/big"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// gradientProgram runs the gradient of a program with open slots in rationals,
// without a linearisation: the oracle of the laws.
type gradientProgram struct {
	g     *exact.Program
	x     [][]*big.Rat
	slots []expr.Node
	kinks []ad.Kink
}

func newGradientProgram(t require.TestingT, f *expr.Func, x [][]*big.Rat) *gradientProgram {
	g, err := ad.Gradient(f)
	require.NoError(t, err)
	p := &gradientProgram{x: x, slots: g.Slots()}
	p.g, err = exact.Compile(g)
	require.NoError(t, err)
	finder, err := ad.NewFinder(g)
	require.NoError(t, err)
	p.kinks, err = finder.AtExact(x...)
	require.NoError(t, err)
	return p
}

// at returns the gradient for values of the active slots, one list for each kink
// of its own.
func (p *gradientProgram) at(t require.TestingT, values [][]*big.Rat) clarke.Vector {
	in := slices.Clone(p.x)
	for _, n := range p.slots {
		v := zeroRats(n.Shape().Size())
		for b := range p.kinks {
			if p.kinks[b].Slot.Node == n {
				for i, e := range p.kinks[b].Entries {
					v[e] = values[b][i]
				}
			}
		}
		in = append(in, v)
	}
	out, err := p.g.Run(in...)
	require.NoError(t, err)
	return clarke.Rational(slices.Concat(out[1:]...))
}

// grid lists the values of one kink's slot with the entries k/steps, if it is a
// Step, else its extreme points: nil if those are more than a limit, as twelve tied
// entries have 12! orders.
func (p *gradientProgram) grid(b, steps, limit int) (out [][]*big.Rat) {
	if p.kinks[b].Slot.Kind == expr.StepSlot {
		for k := range steps + 1 {
			out = append(out, []*big.Rat{big.NewRat(int64(k), int64(steps))})
		}
		return out
	}
	if p.kinks[b].Pieces > limit {
		return nil
	}
	for v := range p.kinks[b].Vertices() {
		var list []*big.Rat
		for _, w := range v {
			list = append(list, big.NewRat(int64(w), 1))
		}
		out = append(out, list)
	}
	return out
}

// product calls with every combination of the lists.
func product(lists [][][]*big.Rat, chosen [][]*big.Rat, yield func([][]*big.Rat)) {
	if len(chosen) == len(lists) {
		yield(chosen)
		return
	}
	for _, v := range lists[len(chosen)] {
		product(lists, append(chosen, v), yield)
	}
}

// onGrid returns the gradients on the grid, or nil if there are more than a limit.
func (p *gradientProgram) onGrid(t require.TestingT, steps, limit int) (out []clarke.Vector) {
	var lists [][][]*big.Rat
	count := 1
	for b := range p.kinks {
		lists = append(lists, p.grid(b, steps, limit))
		if count *= len(lists[b]); count > limit || count == 0 {
			return nil
		}
	}
	product(lists, nil, func(v [][]*big.Rat) { out = append(out, p.at(t, v)) })
	return out
}

func (p *gradientProgram) corners(t require.TestingT, limit int) []clarke.Vector {
	return p.onGrid(t, 1, limit)
}
