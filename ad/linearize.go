package ad

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"sync"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// Linearizer computes the piecewise linearisations of one program. It is
// immutable and safe for concurrent use.
type Linearizer struct {
	f      *expr.Func
	slots  []expr.Node // of all kinks
	finder *Finder     // of the active ones
	open   *expr.Func  // the tangents of the keys, one for each slot
	// The same derivatives of two lists of nodes: switches alone are rational
	// more often than outputs.
	switches, outputs *probe
}

// NewLinearizer derives and compiles what the linearisations of f need. Kinks
// whose switch is within tol of a tie count as active, as in Within; 0 means
// ties only. The program may have any outputs, and must have inputs to
// differentiate.
func NewLinearizer(f *expr.Func, tol float64) (*Linearizer, error) {
	if err := differentiable(f); err != nil {
		return nil, err
	}
	l := &Linearizer{f: f}
	keys, err := l.close(f)
	if err != nil {
		return nil, err
	}
	if l.outputs, err = newProbe(f, f.Out(), l.slots, tol); err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return l, nil
	}
	if l.switches, err = newProbe(f, keys, l.slots, tol); err != nil {
		return nil, err
	}
	if l.open, err = tangentsOf(f, append(f.Out(), keys...), tol); err != nil {
		return nil, err
	}
	l.finder, err = NewFinder(l.open)
	return l, err
}

// close finds all slots: those of the derivative of f and, since rows of switches
// pass kinks too, those of the derivatives of their keys. It returns the keys.
func (l *Linearizer) close(f *expr.Func) (keys []expr.Node, err error) {
	for roots := f.Out(); ; roots = append(f.Out(), keys...) {
		open, err := tangentsOf(f, roots, 0)
		if err != nil {
			return nil, err
		}
		if len(open.Slots()) == len(keys) {
			return keys, nil
		}
		l.slots, keys = open.Slots(), nil
		for _, n := range l.slots {
			s, _ := n.Slot()
			keys = append(keys, s.Keys()[0])
		}
	}
}

// tangentsOf returns the program of the tangents of some nodes of f, with open
// slots that count within tol.
func tangentsOf(f *expr.Func, roots []expr.Node, tol float64) (*expr.Func, error) {
	part, err := f.Graph().Func(expr.In(f.In()...), expr.Out(roots...))
	if err != nil {
		return nil, err
	}
	open, err := Forward(part)
	if err != nil || tol == 0 {
		return open, err
	}
	return Wire(open, Within(tol))
}

// probe computes derivatives of a list of nodes with respect to inputs and to
// slots.
type probe struct {
	roots, slots, wrt []expr.Node
	// settled says that no tangent of a root depends on a slot.
	settled bool
	// rows computes the cotangents of the inputs for cotangents of the roots;
	// response the derivative of the tangents of the roots with respect to slots.
	rows, response program
	// columns and arrivals are their transposes, derived when they are asked for:
	// the tangents of the roots, and the cotangents of the slots for cotangents of
	// these tangents.
	columns, arrivals func() (*program, error)
}

// program is a Func in each arithmetic.
type program struct {
	f       *expr.Func
	float   func() (*vm.Program, error)
	exact   *exact.Program
	exactly error // why there is no exact one
	mixed   func() (*mixed, error)
}

func compileBoth(f *expr.Func) (program, error) {
	p := newProgram(f)
	_, err := p.float()
	return p, err
}

// newProgram leaves float64 for when it is asked for.
func newProgram(f *expr.Func) (p program) {
	p.f = f
	p.exact, p.exactly = exact.Compile(f)
	p.float = sync.OnceValues(func() (*vm.Program, error) { return vm.Compile(f, vm.Options{}) })
	p.mixed = sync.OnceValues(func() (*mixed, error) { return newMixed(f) })
	return p
}

func newProbe(f *expr.Func, roots, slots []expr.Node, tol float64) (*probe, error) {
	p := &probe{roots: roots, slots: slots, wrt: f.Wrt()}
	open, err := tangentsOf(f, roots, tol)
	if err != nil {
		return nil, err
	}
	p.transpose(open)
	moves := companions(open, slots, "slot")
	second := new(rules).tangents(open.Out()[len(roots):], slots, moves)
	p.settled = true
	for i, d := range second {
		if !d.Valid() {
			second[i] = zeros(roots[i])
			continue
		}
		p.settled = false
	}
	response, err := f.Graph().Func(expr.In(open.In()...), expr.In(moves...), expr.Out(second...))
	if err != nil {
		return nil, err
	}
	if p.response, err = compileBoth(response); err != nil {
		return nil, err
	}
	part, err := f.Graph().Func(expr.In(f.In()...), expr.Out(roots...))
	if err != nil {
		return nil, err
	}
	back, err := Backward(part)
	if err != nil {
		return nil, err
	}
	if tol > 0 {
		if back, err = Wire(back, Within(tol)); err != nil {
			return nil, err
		}
	}
	cotangents, err := f.Graph().Func(expr.In(back.In()...), expr.Out(back.Out()[len(roots):]...))
	if err != nil {
		return nil, err
	}
	p.rows, err = compileBoth(cotangents)
	return p, err
}

// exactly is nil if the probe runs in rationals.
func (p *probe) exactly() error {
	return errors.Join(p.rows.exactly, p.response.exactly)
}

// SwitchesExactly reports whether kinks are decided in rationals at rational
// points, else why not: an *exact.UnsupportedError.
func (l *Linearizer) SwitchesExactly() error {
	if l.switches == nil {
		return nil
	}
	return errors.Join(l.finder.exactly, l.switches.exactly())
}

// Smooth reports whether the program has no kinks at all.
func (l *Linearizer) Smooth() bool { return l.switches == nil }

// At returns the linearisation at x, one flat row-major buffer for each input, in
// float64. A switch that is NaN is a *vm.NaNError; when ctx ends, its error is
// returned.
func (l *Linearizer) At(ctx context.Context, x ...[]float64) (*Linearization, error) {
	if err := checkPoint(l.f, x, isFinite); err != nil {
		return nil, err
	}
	kinks, levels, err := l.kinks(func() ([]Kink, error) { return l.finder.At(l.still(x)...) })
	if err != nil {
		return nil, err
	}
	m := newModel(ctx, &floatNumbers, l, kinks, levels)
	if err := m.linearize(l.switches, l.outputs, x); err != nil {
		return nil, err
	}
	return m.publish(m), nil
}

// AtExact is At at a rational point: switches are decided, and their rows
// computed, in rationals; so are the outputs if they have rational derivatives,
// else in float64 under the same decisions. The error is an *exact.UnsupportedError if a switch is not
// rational, and an *exact.FaultError if numbers grow too long.
func (l *Linearizer) AtExact(ctx context.Context, x ...[]*big.Rat) (*Linearization, error) {
	if err := checkPoint(l.f, x, func(r *big.Rat) bool { return r != nil }); err != nil {
		return nil, err
	}
	if err := l.SwitchesExactly(); err != nil {
		return nil, err
	}
	kinks, levels, err := l.kinks(func() ([]Kink, error) { return l.finder.AtExact(l.stillExact(x)...) })
	if err != nil {
		return nil, err
	}
	m := newModel(ctx, &ratNumbers, l, kinks, levels)
	if l.outputs.exactly() == nil {
		if err = m.linearize(l.switches, l.outputs, x); err == nil {
			return m.publish(nil), nil
		}
	}
	var fault *exact.FaultError
	if err != nil && !errors.As(err, &fault) { // a division by zero off the switches, say
		return nil, err
	}
	if err := m.linearize(l.switches, nil, x); err != nil {
		return nil, err
	}
	float := m.rounded()
	float.numbers = mixedNumbers(x)
	at := make([][]float64, len(x))
	for i, row := range x {
		at[i] = nearest(row)
	}
	if err := float.attach(l.outputs, at); err != nil {
		return nil, err
	}
	return m.publish(float), nil
}

// kinks returns the active blocks in topological order, and the first block of
// every level, see sorted.
func (l *Linearizer) kinks(find func() ([]Kink, error)) (kinks []Kink, levels []int, err error) {
	if l.finder == nil {
		return nil, nil, nil
	}
	if kinks, err = find(); err != nil {
		return nil, nil, err
	}
	kinks, levels = l.sorted(kinks)
	return kinks, levels, nil
}

// still completes a point by tangents 0, which the finder does not read.
func (l *Linearizer) still(x [][]float64) [][]float64 {
	for _, n := range l.f.Wrt() {
		x = append(x[:len(x):len(x)], make([]float64, n.Shape().Size()))
	}
	return x
}

func (l *Linearizer) stillExact(x [][]*big.Rat) [][]*big.Rat {
	for _, n := range l.f.Wrt() {
		zeros := make([]*big.Rat, n.Shape().Size())
		for i := range zeros {
			zeros[i] = new(big.Rat)
		}
		x = append(x[:len(x):len(x)], zeros)
	}
	return x
}

// SwitchError says that the derivative rule of an op does not act through its
// switch: where the tangent of the switch is 0 its slot still matters, so the op
// has no piecewise linearisation.
type SwitchError struct{ Slot *expr.Slot }

func (e *SwitchError) Error() string {
	if e.Slot == nil {
		return "ad: the derivative is not a piecewise linear function of the direction; a rule uses a slot where its switch does not move"
	}
	return fmt.Sprintf("ad: the rule of %v uses its slot %v where its switch does not move; its slopes must differ by a multiple of the switch", e.Slot.Owner, e.Slot)
}
