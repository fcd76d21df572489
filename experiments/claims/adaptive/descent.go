package adaptive

import (
	"context"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
)

// descent runs methods on a function of the one vector theta.
type descent struct {
	ws    *vm.Workspace
	theta int // number of entries
}

// newDescent compiles the gradient of a text in theta and in data, which are given row by
// row. Derivatives at kinks have the given value.
func newDescent(text string, kink float64, theta int, data ...datum) (*descent, error) {
	in := []parse.Input{{Name: "theta", Dims: []int{theta}, Role: expr.Parameter}}
	for _, d := range data {
		in = append(in, parse.Input{Name: d.name, Dims: d.dims, Role: expr.Datum})
	}
	f, err := parse.Parse(text, parse.Inputs(in...))
	if err != nil {
		return nil, err
	}
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, ad.AtKink(kink)); err != nil {
		return nil, err
	}
	code, err := vm.Compile(g, vm.Options{})
	if err != nil {
		return nil, err
	}
	d := &descent{ws: code.NewWorkspace(), theta: theta}
	for i, v := range data {
		copy(d.ws.In(1+i), v.values)
	}
	return d, nil
}

type datum struct {
	name   string
	dims   []int
	values []float64
}

// run makes steps from start and shows every iterate, the start first, until visit says no
// or all are made. The slice that visit gets is changed by the next step.
func (d *descent) run(ctx context.Context, m sgd.Method, rate float64, start []float64, steps int, visit func(k int, theta []float64) bool) error {
	p := []sgd.Param{{Name: "theta", Shape: []int{d.theta}, Value: d.ws.In(0), Grad: d.ws.Out(1)}}
	copy(p[0].Value, start)
	state, err := m.Start(p)
	if err != nil {
		return err
	}
	for k := range steps + 1 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !visit(k, p[0].Value) || k == steps {
			return nil
		}
		if err := d.step(p, state, rate); err != nil {
			return err
		}
	}
	return nil
}

func (d *descent) step(p []sgd.Param, state sgd.State, rate float64) error {
	loss, err := d.evaluate()
	if err != nil {
		return err
	}
	if search, ok := state.(sgd.Searcher); ok {
		return search.Search(p, rate, loss, d.evaluate)
	}
	state.Update(p, rate)
	return nil
}

func (d *descent) evaluate() (float64, error) {
	err := d.ws.Run()
	return d.ws.Out(0)[0], err
}

// iterates returns the start and all iterates.
func (d *descent) iterates(ctx context.Context, m sgd.Method, rate float64, start []float64, steps int) (out [][]float64, err error) {
	err = d.run(ctx, m, rate, start, steps, func(_ int, theta []float64) bool {
		out = append(out, append([]float64{}, theta...))
		return true
	})
	return out, err
}

// named is a method with its name in the ledger and its step size.
type named struct {
	name   string
	method sgd.Method
	rate   float64
}
