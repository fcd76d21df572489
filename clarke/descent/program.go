package descent

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Program is the Oracle of an expr.Func. Its x is flat over the inputs in their order. It is not safe for
// concurrent use.
type Program struct {
	f       *expr.Func
	single  *vm.Workspace
	value   *vm.Workspace
	along   *vm.Workspace // of EvaluateAlong, nil before its first call
	sampler *clarke.Sampler
	sizes   []int
	dim     int
}

// NewProgram compiles the value and gradient of a scalar program all of whose inputs are
// differentiated; w decides on kinks, as ad.AtKink(0) does. The error is an *InputError or one of
// package ad.
func NewProgram(f *expr.Func, w ad.Wiring) (*Program, error) {
	if len(f.Wrt()) != len(f.In()) {
		return nil, &InputError{"program", fmt.Sprintf("%d of its %d inputs are differentiated; a method moves all, so write the others as constants", len(f.Wrt()), len(f.In()))}
	}
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, w); err != nil {
		return nil, err
	}
	p := &Program{f: f}
	for _, in := range f.In() {
		p.sizes = append(p.sizes, in.Shape().Size())
		p.dim += in.Shape().Size()
	}
	both, err := vm.Compile(g, vm.Options{})
	if err != nil {
		return nil, err
	}
	value, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return nil, err
	}
	p.single, p.value = both.NewWorkspace(), value.NewWorkspace()
	p.sampler, err = clarke.NewSampler(f, w)
	return p, err
}

// Func returns the program.
func (p *Program) Func() *expr.Func { return p.f }

// Dim implements Oracle.
func (p *Program) Dim() int { return p.dim }

// Evaluate implements Oracle. Where a switch is NaN the value is NaN, and so is the gradient.
func (p *Program) Evaluate(x, gradient []float64) (float64, error) {
	w := p.single
	if gradient == nil {
		w = p.value
	}
	for i, n := range p.sizes {
		copy(w.In(i), x[:n])
		x = x[n:]
	}
	return p.run(w, gradient)
}

// run returns the value and writes the gradient, unless it is nil, of a workspace that has its inputs.
func (p *Program) run(w *vm.Workspace, gradient []float64) (float64, error) {
	if err := w.Run(); err != nil {
		return undefined(gradient, err)
	}
	for i := range p.sizes {
		if gradient != nil {
			gradient = gradient[copy(gradient, w.Out(1+i)):]
		}
	}
	return w.Out(0)[0], nil
}

// undefined turns a NaN switch into a value and a gradient of NaN.
func undefined(gradient []float64, err error) (float64, error) {
	var nan *vm.NaNError
	if !errors.As(err, &nan) {
		return 0, err
	}
	for i := range gradient {
		gradient[i] = math.NaN()
	}
	return math.NaN(), nil
}

// EvaluateAll implements Batch, in lanes.
func (p *Program) EvaluateAll(ctx context.Context, points [][]float64, values []float64, gradients [][]float64) error {
	err := p.sampler.Evaluate(ctx, clarke.Point{}, points, values, gradients)
	var nan *vm.NaNError
	if !errors.As(err, &nan) {
		return err
	}
	for i, x := range points { // one by one, so that the others keep their numbers
		if values[i], err = p.Evaluate(x, gradients[i]); err != nil {
			return err
		}
	}
	return nil
}
