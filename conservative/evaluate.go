package conservative

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// at is a program at a point.
type at struct {
	a     *Analyzer
	x     clarke.Point
	kinks []ad.Kink
	value clarke.Vector
}

// choice is a value of one active block: weights over a common denominator, one
// for each of the block's entries. It means the same in both arithmetics.
type choice struct {
	weights []int
	over    int
}

// assignment has a choice for every active block.
type assignment []choice

// lanes is how many assignments one run computes.
const lanes = 64

// NonFiniteError says that the gradient program gave a number that is not
// finite.
type NonFiniteError struct {
	Coordinate int // of the gradient
	Value      float64
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("conservative: the gradient is %v at coordinate %d; look for an overflow or an infinite slope", e.Value, e.Coordinate)
}

// plan is a list of assignments that is not held in memory.
type plan struct {
	size int
	at   func(i int) assignment
}

func listed(list ...assignment) plan {
	return plan{len(list), func(i int) assignment { return list[i] }}
}

// evaluate returns g at the assignments, in order.
func (p *at) evaluate(ctx context.Context, list plan) ([]clarke.Vector, error) {
	switch {
	case p.x.IsExact():
		return p.evaluateExact(ctx, list)
	case list.size < lanes/8:
		return p.evaluateIn(ctx, list, p.a.float, 1)
	}
	p.a.once.Do(func() {
		p.a.lanes, p.a.lanesErr = vm.Compile(p.a.g, vm.Options{Lanes: lanes, Shared: p.a.g.In()})
	})
	if p.a.lanesErr != nil {
		return nil, p.a.lanesErr
	}
	return p.evaluateIn(ctx, list, p.a.lanes, lanes)
}

func (p *at) evaluateExact(ctx context.Context, list plan) ([]clarke.Vector, error) {
	out := make([]clarke.Vector, 0, list.size)
	slots := p.a.zeroSlots()
	for i := range list.size {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for b, c := range list.at(i) {
			into := slots[p.a.slots[p.kinks[b].Slot.Node]]
			for j, e := range p.kinks[b].Entries {
				into[e] = big.NewRat(int64(c.weights[j]), int64(c.over))
			}
		}
		r, err := p.a.exact.Run(slices.Concat(p.x.Exact(), slots)...)
		if err != nil {
			return nil, err
		}
		out = append(out, clarke.Rational(slices.Concat(r[1:]...)))
	}
	return out, nil
}

func (p *at) evaluateIn(ctx context.Context, list plan, g *vm.Program, width int) ([]clarke.Vector, error) {
	w := g.NewWorkspace()
	for i, v := range p.x {
		copy(w.In(i), v.Float)
	}
	out := make([]clarke.Vector, 0, list.size)
	for from := 0; from < list.size; from += width {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch := min(width, list.size-from)
		for lane := range batch {
			p.fill(w, lane, width, list.at(from+lane))
		}
		if err := w.Run(); err != nil {
			return nil, err
		}
		for lane := range batch {
			v, err := p.read(w, lane, width)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	return out, nil
}

func (p *at) fill(w *vm.Workspace, lane, width int, s assignment) {
	for b, c := range s {
		k := &p.kinks[b]
		in := w.In(len(p.x) + p.a.slots[k.Slot.Node])
		size := len(in) / width
		for j, e := range k.Entries {
			in[lane*size+e] = float64(c.weights[j]) / float64(c.over)
		}
	}
}

func (p *at) read(w *vm.Workspace, lane, width int) (clarke.Vector, error) {
	var v []float64
	for i := range p.a.f.Wrt() {
		out := w.Out(1 + i)
		size := len(out) / width
		v = append(v, out[lane*size:(lane+1)*size]...)
	}
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return clarke.Vector{}, &NonFiniteError{i, x}
		}
	}
	return clarke.Floats(v), nil
}
