package explain

import (
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// evaluator runs programs at one point, in rationals if exact is set.
type evaluator struct{ exact bool }

// run returns the outputs of f. A switch that is NaN is an error.
func (e evaluator) run(f *expr.Func, in ...clarke.Vector) ([]clarke.Vector, error) {
	run, err := e.compile(f)
	if err != nil {
		return nil, err
	}
	return run(in)
}

// compile returns f as a function of its inputs.
func (e evaluator) compile(f *expr.Func) (func(in []clarke.Vector) ([]clarke.Vector, error), error) {
	if e.exact {
		p, err := exact.Compile(f)
		return func(in []clarke.Vector) ([]clarke.Vector, error) { return runRational(p, in) }, err
	}
	p, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return nil, err
	}
	w := p.NewWorkspace()
	return func(in []clarke.Vector) ([]clarke.Vector, error) {
		for i, v := range in {
			copy(w.In(i), v.Float)
		}
		err := w.Run()
		out := make([]clarke.Vector, len(f.Out()))
		for i := range out {
			out[i].Float = append(out[i].Float, w.Out(i)...)
		}
		return out, err
	}, nil
}

func runRational(p *exact.Program, in []clarke.Vector) ([]clarke.Vector, error) {
	res, err := p.Run(clarke.Point(in).Exact()...)
	if err != nil {
		return nil, err
	}
	out := make([]clarke.Vector, len(res))
	for i, r := range res {
		out[i] = clarke.Rational(r)
	}
	return out, nil
}
