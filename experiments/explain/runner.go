package explain

import (
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// runner runs one program at many points: in rationals if the inputs are rational
// and the program allows it; else in float64, with the choices at kinks decided in
// rationals if those allow it. It is safe for concurrent use.
type runner struct {
	rational *exact.Program // nil if an op has no rational value
	decided  *decided       // nil if rational is not, or if switches have no rational value
	float    *vm.Program
}

func newRunner(f *expr.Func) (r *runner, err error) {
	r = &runner{}
	if r.rational, err = exact.Compile(f); err != nil {
		r.decided = newDecided(f)
	}
	r.float, err = vm.Compile(f, vm.Options{})
	return r, err
}

// run returns the outputs. A switch that is NaN, and an op without a value, is an
// error, see isRunFault.
func (r *runner) run(in ...clarke.Vector) ([]clarke.Vector, error) {
	x := clarke.Point(in)
	if x.IsExact() {
		out, err := r.exactly(x)
		if out != nil || err != nil && !isFault(err) {
			return out, err
		}
	}
	return runFloat(r.float, x.Floats())
}

// exactly returns nil if nothing is rational.
func (r *runner) exactly(x clarke.Point) ([]clarke.Vector, error) {
	switch {
	case r.rational != nil:
		out, err := r.rational.Run(x.Exact()...)
		return rationals(out), err
	case r.decided != nil:
		return r.decided.run(x)
	}
	return nil, nil
}

// isFault reports whether a rational run came upon something that has no
// rational value, or a number that grows too long.
func isFault(err error) bool {
	var fault *exact.FaultError
	return errors.As(err, &fault)
}

// isRunFault reports whether a run came upon a number that an op cannot take.
func isRunFault(err error) bool {
	var nan *vm.NaNError
	var fault *vm.FaultError
	return errors.As(err, &nan) || errors.As(err, &fault)
}

func rationals(rows [][]*big.Rat) (out []clarke.Vector) {
	for _, r := range rows {
		out = append(out, clarke.Rational(r))
	}
	return out
}

func runFloat(p *vm.Program, in [][]float64) ([]clarke.Vector, error) {
	nodes := p.Func().Out()
	out, values := make([]clarke.Vector, len(nodes)), make([][]float64, len(nodes))
	for i, n := range nodes {
		values[i] = make([]float64, n.Shape().Size())
		out[i] = clarke.Floats(values[i])
	}
	err := p.Run(values, in...)
	return out, err
}

// decided is a program in two parts: its selectors, which choose at kinks, in
// rationals, and the rest, which takes what was chosen, in float64. A kink at 1/3
// stays one.
type decided struct {
	choices *exact.Program
	rest    *vm.Program
}

// newDecided returns nil if the program cannot be parted.
func newDecided(f *expr.Func) *decided {
	var selectors []expr.Node
	for _, n := range f.Nodes() {
		if slices.Contains([]string{"step", "rank", "permutation", "direction"}, n.Op().Name) {
			selectors = append(selectors, n)
		}
	}
	if len(selectors) == 0 {
		return nil
	}
	part, err := f.Graph().Func(expr.In(f.In()...), expr.Out(selectors...))
	if err != nil {
		return nil
	}
	d := &decided{}
	if d.choices, err = exact.Compile(part); err != nil {
		return nil
	}
	if d.rest, err = compileRest(f, selectors); err != nil {
		return nil
	}
	return d
}

// compileRest makes inputs of the selectors.
func compileRest(f *expr.Func, selectors []expr.Node) (*vm.Program, error) {
	c := &copier{g: expr.NewGraph(), to: map[expr.Node]expr.Node{}}
	for _, n := range slices.Concat(f.In(), selectors) {
		c.to[n] = c.g.Data(fmt.Sprintf("input %d", len(c.in)), n.Shape().Dims()...)
		c.in = append(c.in, c.to[n])
	}
	for _, n := range f.Nodes() {
		c.node(n)
	}
	out := f.Out()
	for i, n := range out {
		out[i] = c.to[n]
	}
	rest, err := c.g.Func(expr.In(c.in...), expr.Out(out...))
	if err != nil {
		return nil, err
	}
	return vm.Compile(rest, vm.Options{})
}

func (d *decided) run(x clarke.Point) ([]clarke.Vector, error) {
	chosen, err := d.choices.Run(x.Exact()...)
	if err != nil {
		return nil, err
	}
	return runFloat(d.rest, slices.Concat(x, rationals(chosen)).Floats())
}
