package sgd

import (
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// program is the wired gradient of a model for one size of minibatches, with a
// workspace. Its outputs are the loss, a gradient for each parameter and, if
// asked for, the number of active kinks of each slot.
type program struct {
	batch   int
	f       *expr.Func
	options vm.Options
	ws      *vm.Workspace
	own     []Param // values and gradients in the workspace
	params  []Param // what methods see: the values may be those of another program
	joined  []Param // the same as one, with the numbers between them; nil if they do not stand together
	feeds   []feed
	slots   []string // names, if kinks are counted
	square  [1]float64
}

// blueprint says how the programs of a run are made.
type blueprint struct {
	model   Model
	from    inputs
	wiring  ad.Wiring
	kinks   bool // count them
	options vm.Options
}

// compileSizes makes a program for each size; the first holds the parameters.
func (b blueprint) compileSizes(sizes []int) ([]*program, error) {
	if b.model == nil {
		return nil, configError("Model", "none is given")
	}
	out := make([]*program, len(sizes))
	for i, size := range sizes {
		var err error
		if out[i], err = b.compile(size, out[0]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// compile makes one program. shared is the program whose parameter values this
// one follows, or nil.
func (b blueprint) compile(batch int, shared *program) (*program, error) {
	f, err := b.model(batch)
	if err != nil {
		return nil, &ConfigError{"Model", "the loss cannot be built", err}
	}
	p := &program{batch: batch, options: b.options}
	if p.f, p.slots, err = wiredGradient(f, b.wiring, b.kinks); err != nil {
		return nil, &ConfigError{"Model", "the gradient of the loss cannot be built", err}
	}
	code, err := vm.Compile(p.f, b.options)
	if err != nil {
		return nil, &ConfigError{"Model", "the gradient of the loss cannot be compiled", err}
	}
	p.ws = code.NewWorkspace()
	if err := p.bind(f, b.from); err != nil {
		return nil, err
	}
	return p, p.share(shared)
}

// wiredGradient returns loss, gradients and kink counts as one program without
// open slots, and the names of the slots counted.
func wiredGradient(f *expr.Func, wiring ad.Wiring, kinks bool) (*expr.Func, []string, error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	if kinks {
		if g, names, err = withKinkCounts(g); err != nil {
			return nil, nil, err
		}
	}
	w, err := ad.Wire(g, wiring)
	switch {
	case err != nil:
		return nil, nil, err
	case len(w.Slots()) > 0:
		open, _ := w.Slots()[0].Slot()
		return nil, nil, configError("Wiring", "it leaves the slot %v open; say what derivatives are at kinks, such as ad.AtKink(0)", open)
	case len(w.In()) > len(g.In()):
		return nil, nil, configError("Wiring", "it needs the further input %v, such as a direction; training has none", w.In()[len(g.In())])
	}
	return w, names, nil
}

// bind finds the buffers of parameters and data; f is the loss.
func (p *program) bind(f *expr.Func, from inputs) error {
	at := map[expr.Node]int{}
	for i, n := range p.f.In() {
		at[n] = i
	}
	for i, n := range f.Wrt() {
		in, _ := n.Input()
		p.own = append(p.own, Param{Name: in.Name, Shape: n.Shape().Dims(), Value: p.ws.In(at[n]), Grad: p.ws.Out(1 + i)})
	}
	if len(p.own) == 0 {
		return configError("Model", "the loss has no parameters; declare them with Graph.Param")
	}
	p.join(f, at)
	for _, n := range f.Wrt() {
		delete(at, n)
	}
	for i, n := range p.f.In() {
		if _, isData := at[n]; !isData {
			continue
		}
		fed, err := from.feed(n, p.ws.In(i), p.batch)
		if err != nil {
			return err
		}
		p.feeds = append(p.feeds, fed)
	}
	return from.checkUse(p.f)
}

// join finds the parameters as one, if their values stand together as their gradients do; at has the numbers of the inputs.
func (p *program) join(f *expr.Func, at map[expr.Node]int) {
	first := at[f.Wrt()[0]]
	var value, grad []float64
	for i, n := range f.Wrt() {
		if at[n] != first+i {
			return
		}
		value, grad = p.ws.InRange(first, first+i+1), p.ws.OutRange(1, 2+i)
		if value == nil || len(value) != len(grad) {
			return
		}
	}
	p.joined = []Param{{Value: value, Grad: grad}}
}

// share lets p follow the values of another program's parameters.
func (p *program) share(first *program) error {
	p.params = p.own
	if first == nil {
		return nil
	}
	if len(first.own) != len(p.own) {
		return configError("Model", "it has %d parameters for %d rows and %d for %d", len(first.own), first.batch, len(p.own), p.batch)
	}
	p.params = make([]Param, len(p.own))
	for i, q := range p.own {
		r := first.own[i]
		if q.Name != r.Name || !slices.Equal(q.Shape, r.Shape) {
			return configError("Model", "parameter %d is %q of shape %v for %d rows and %q of shape %v for %d", i, r.Name, r.Shape, first.batch, q.Name, q.Shape, p.batch)
		}
		p.params[i] = Param{Name: q.Name, Shape: q.Shape, Value: r.Value, Grad: q.Grad}
	}
	if p.joined != nil && first.joined != nil {
		p.joined[0].Value = first.joined[0].Value
	} else {
		p.joined = nil
	}
	return nil
}

// moved returns the parameters as a method is given them.
func (p *program) moved(by State) []Param {
	if s, ok := by.(*entrywise); ok && p.joined != nil && !s.hasPast() {
		return p.joined
	}
	return p.params
}

// run computes loss and gradients of the given rows, as many as the program has, with what
// is drawn in the step.
func (p *program) run(step int, rows []int) (loss float64, err error) {
	for _, f := range p.feeds {
		f.load(step, rows)
	}
	return p.again()
}

// again computes loss and gradients of the rows of the last run.
func (p *program) again() (loss float64, err error) {
	for i := range p.own {
		if own, now := p.own[i].Value, p.params[i].Value; &own[0] != &now[0] {
			copy(own, now)
		}
	}
	if err := p.ws.Run(); err != nil {
		return 0, err
	}
	loss = p.ws.Out(0)[0]
	return loss, p.checkFinite(loss)
}
