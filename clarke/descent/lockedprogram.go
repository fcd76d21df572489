package descent

import (
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// lockedProgram computes, at v = (x, τ) for the locked program P of ad.Lock, the n + s numbers (∇ₓP, z) and
// their Jacobian in v.
type lockedProgram struct {
	both     *vm.Workspace
	switches *vm.Workspace // nil without kinks
	sizes    []int         // of the inputs of both
	names    []string
	n, s     int
	outputs  int // of both, before the Jacobian
}

// compileLocked compiles the locked program of f.
func compileLocked(f *expr.Func, form *ad.Locked) (*lockedProgram, error) {
	l := &lockedProgram{names: form.Names, s: len(form.Names)}
	for _, in := range form.Func.In() {
		l.sizes = append(l.sizes, in.Shape().Size())
	}
	for _, size := range l.sizes[:len(f.In())] {
		l.n += size
	}
	system, err := stationarity(f, form)
	if err != nil {
		return nil, err
	}
	l.outputs = len(system.Out())
	jacobian, err := ad.Jacobian(system)
	if err != nil {
		return nil, err
	}
	if jacobian, err = ad.WireByPieces(jacobian, ad.AtSlot(0)); err != nil { // kinks that are not locked
		return nil, err
	}
	both, err := vm.Compile(jacobian, vm.Options{})
	if err != nil {
		return nil, err
	}
	l.both = both.NewWorkspace()
	if l.s == 0 {
		return l, nil
	}
	switches, err := vm.Compile(form.Switches, vm.Options{})
	if err != nil {
		return nil, err
	}
	l.switches = switches.NewWorkspace()
	return l, nil
}

// stationarity is the program of ∇ₓP and z.
func stationarity(f *expr.Func, form *ad.Locked) (*expr.Func, error) {
	g := f.Graph()
	value, err := g.Func(expr.In(form.Func.In()...), expr.Out(form.Func.Out()[0]))
	if err != nil {
		return nil, err
	}
	gradient, err := ad.Gradient(value)
	if err != nil {
		return nil, err
	}
	out := append(gradient.Out()[1:1+len(f.In())], form.Func.Out()[1:]...)
	return g.Func(expr.In(form.Func.In()...), expr.Out(out...))
}

// at returns the system at v and the rows of its Jacobian, which the next call overwrites. All is NaN where
// a kink that is not locked is.
func (l *lockedProgram) at(v []float64) (system []float64, jacobian [][]float64, err error) {
	for i := range l.sizes {
		v = v[copy(l.both.In(i), v):]
	}
	err = l.both.Run()
	for i := range l.outputs {
		system = append(system, l.both.Out(i)...)
	}
	if _, err = undefined(system, err); err != nil {
		return nil, nil, err
	}
	flat, m := l.both.Out(l.outputs), l.n+l.s
	for i := range m {
		jacobian = append(jacobian, flat[i*m:(i+1)*m])
	}
	return system, jacobian, nil
}

// values returns the switches at x under the branches taken there.
func (l *lockedProgram) values(x []float64) ([]float64, error) {
	if l.s == 0 {
		return nil, nil
	}
	for i := range l.switches.Inputs() {
		x = x[copy(l.switches.In(i), x):]
	}
	err := l.switches.Run()
	z := slices.Clone(l.switches.Out(0))
	_, err = undefined(z, err)
	return z, err
}

// signs are those of the switches at x, 1 for 0.
func (l *lockedProgram) signs(x []float64) ([]float64, error) {
	z, err := l.values(x)
	for i := range z {
		z[i] = math.Copysign(1, z[i]+0) // −0 is 0
	}
	return z, err
}
