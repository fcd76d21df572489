package sgd

import (
	"context"
	"iter"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// Config says what a Trainer does. The fields down to Initial are required.
type Config struct {
	Model    Model
	Data     Data
	Wiring   ad.Wiring // what derivatives are at kinks, such as ad.AtKink(0)
	Method   Method
	Schedule Schedule
	Sampler  *Sampler // the trainer's own from now on
	// Initial has the values of each parameter before the first step, by its
	// name, flat and row-major. They are copied.
	Initial map[string][]float64
	// Random draws data inputs that are no columns anew in each step, such as masks of
	// dropout, and Augment changes rows of columns at random; both by the inputs' names.
	// What is drawn is a function of Seed, the name and the step.
	Random  map[string]Distribution
	Augment map[string]Augmentation
	Seed    uint64
	// Precision is that of losses and gradients; parameters and the method's state are
	// always float64, so that small steps are not lost in float32.
	Precision vm.Precision
	// Workers bounds the goroutines that share large operations; 0 means GOMAXPROCS.
	// Results do not depend on it.
	Workers int
	// CountKinks counts the active kinks that each step meets, see Step.Kinks. It
	// costs a few operations for each switch and leaves the iterates unchanged.
	CountKinks bool
}

// Trainer runs a method on a model. It is not safe for concurrent use.
type Trainer struct {
	method   State
	schedule Schedule
	sampler  *Sampler
	programs []*program // by size of the minibatch, in the order of Sampler.Sizes
	last     *program
	rows     int

	step      int
	gradients int
	err       error

	identity identity

	// For a method that searches: the values before the step, how to evaluate at
	// others, and how often that was done in this step.
	before []float64
	again  func() (float64, error)
	looks  int
}

// Step is one step made.
type Step struct {
	Number    int     // from 0
	Epoch     float64 // epochs made, this step included
	Gradients int     // component gradients computed, this step included
	Loss      float64 // mean loss of the minibatch before the update
	Rate      float64 // step size
	// Kinks is the number of active kinks met, decided by switches that are
	// exactly 0; it is 0 unless Config.CountKinks.
	Kinks int
	Rows  []int // the minibatch; valid until the next step
}

// NewTrainer compiles the gradient of the model for each size of minibatches.
// The error is a *ConfigError or a *MethodError.
func NewTrainer(c Config) (*Trainer, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	from := inputs{c.Data, c.Random, c.Augment, c.Seed}
	programs, err := blueprint{c.Model, from, c.Wiring, c.CountKinks, vm.Options{Precision: c.Precision, Workers: c.Workers}}.compileSizes(c.Sampler.Sizes())
	if err != nil {
		return nil, err
	}
	if err := setInitial(programs[0].own, c.Initial); err != nil {
		return nil, err
	}
	state, err := c.Method.Start(programs[0].own)
	if err != nil {
		return nil, err
	}
	t := &Trainer{
		method: state, schedule: c.Schedule, sampler: c.Sampler,
		programs: programs, last: programs[0], rows: c.Data.Rows, identity: identity{config: c},
	}
	if _, searches := state.(Searcher); searches {
		t.before, t.again = make([]float64, sizeOf(programs[0].own)), t.evaluate
	}
	return t, nil
}

func (c *Config) check() error {
	switch {
	case c.Method == nil:
		return configError("Method", "none is given; pass one such as sgd.SGD{Momentum: 0.9}")
	case c.Schedule == nil:
		return configError("Schedule", "none is given; pass one such as sgd.Constant(0.1)")
	case c.Sampler == nil:
		return configError("Sampler", "none is given; make one with NewSampler")
	case c.Sampler.Rows != c.Data.Rows:
		return configError("Sampler", "it draws from %d rows; the data has %d", c.Sampler.Rows, c.Data.Rows)
	}
	return nil
}

func setInitial(params []Param, initial map[string][]float64) error {
	for _, p := range params {
		v, ok := initial[p.Name]
		if !ok || len(v) != len(p.Value) {
			return configError("Initial", "parameter %q needs %d values, got %d", p.Name, len(p.Value), len(v))
		}
		copy(p.Value, v)
	}
	if len(initial) != len(params) {
		return configError("Initial", "there are values for %d parameters; the model has %d", len(initial), len(params))
	}
	return nil
}

// Params returns the parameters. Their values are live: they are those of the
// last step, and the next step starts from them, changed or not. Grad is that
// of the first size of minibatches only; do not rely on it.
func (t *Trainer) Params() []Param { return t.programs[0].own }

// Buffers returns the state of the method, live, see [State].
func (t *Trainer) Buffers() []Buffer { return t.method.Buffers() }

// KinkCounts lists the active kinks that the last step met, slot by slot; it is
// empty unless Config.CountKinks.
func (t *Trainer) KinkCounts() []KinkCount {
	p := t.last
	out := make([]KinkCount, len(p.slots))
	for i, name := range p.slots {
		out[i] = KinkCount{name, p.kinksAt(i)}
	}
	return out
}

// Next makes one step. It allocates nothing. The error is a *StepError; the
// parameters are then those before the step, and every later call returns the
// same error.
func (t *Trainer) Next() (Step, error) {
	if t.err != nil {
		return Step{}, t.err
	}
	rows := t.sampler.Next()
	s := Step{Number: t.step, Rows: rows}
	if err := t.advance(&s); err != nil {
		t.err = &StepError{Step: t.step, Epoch: t.epoch(), Rows: slices.Clone(rows), Err: err}
		return Step{}, t.err
	}
	t.step++
	t.gradients += (1 + t.looks) * len(rows)
	s.Gradients, s.Epoch = t.gradients, t.epoch()
	return s, nil
}

func (t *Trainer) epoch() float64 { return float64(t.gradients) / float64(t.rows) }

func (t *Trainer) advance(s *Step) error {
	s.Rate = t.schedule.Rate(Progress{Step: t.step, Epoch: t.gradients / t.rows})
	if !(s.Rate >= 0) || !finite(s.Rate) {
		return &RateError{s.Rate}
	}
	t.last = t.programs[0]
	if len(s.Rows) != t.last.batch {
		t.last = t.programs[1]
	}
	var err error
	if s.Loss, err = t.last.run(t.step, s.Rows); err != nil {
		return err
	}
	s.Kinks = t.last.kinks()
	t.looks = 0
	search, ok := t.method.(Searcher)
	if !ok {
		t.method.Update(t.last.moved(t.method), s.Rate)
		return nil
	}
	copyValues(t.before, t.last.params)
	err = search.Search(t.last.params, s.Rate, s.Loss, t.again)
	if err != nil {
		setValues(t.last.params, t.before)
	}
	return err
}

// evaluate computes the loss and the gradients of the present minibatch at the present
// parameters.
func (t *Trainer) evaluate() (float64, error) {
	t.looks++
	return t.last.again()
}

// Steps makes steps without end, until the loop over them breaks, ctx ends or a
// step fails. An error comes last: ctx's or a *StepError. Another call goes on
// where the last one stopped.
func (t *Trainer) Steps(ctx context.Context) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) { t.each(ctx, func() bool { return true }, yield) }
}

// Epochs makes the steps of the next count epochs: steps until count·n further
// component gradients are made. It is Steps otherwise.
func (t *Trainer) Epochs(ctx context.Context, count int) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		end := t.gradients + count*t.rows
		t.each(ctx, func() bool { return t.gradients < end }, yield)
	}
}

func (t *Trainer) each(ctx context.Context, more func() bool, yield func(Step, error) bool) {
	for more() {
		if err := ctx.Err(); err != nil {
			yield(Step{}, err)
			return
		}
		s, err := t.Next()
		if !yield(s, err) || err != nil {
			return
		}
	}
}
