package sgd

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/tamegrad/tamegrad/sgd/durable"
)

// Plan says how far a run goes and what is done on the way.
type Plan struct {
	// Epochs and Steps bound the run: it ends when so many are made in all, those before
	// a checkpoint included. A bound of 0 is none; one of them must be above 0.
	Epochs, Steps int
	// Checkpoint is the path of a file that the run goes on from if it is there, and
	// that it saves to at the end and at the marks Save; "" for none. A nil Save saves at
	// the end only, also at one by the context.
	Checkpoint string
	Save       Marks
	// Watch is done in this order at marks, before saving.
	Watch []Watch
}

// Watch is something to look at during a run, which it does not change.
type Watch struct {
	// At marks steps; 0 is before the first. A mark after the last checkpoint is met again
	// by a run that goes on from it.
	At Marks
	// AtEnd adds the end of the run, unless it is at a mark.
	AtEnd bool
	// Do is called with what has been reached. Its error ends the run.
	Do func(ctx context.Context, m Moment) error
}

// Moment is what a run has reached.
type Moment struct {
	Steps int  // made in all
	Made  int  // of them by this Run
	Last  Step // zero before the first one of this Run
	// Training is the time that the steps of this Run took, without watching and saving.
	Training time.Duration
}

// Run makes the steps of a plan. It returns what was reached and the error that ended the
// run early: a *StepError, a *CheckpointError, ctx's, that of a Watch, or a *ConfigError
// if the plan cannot be carried out.
//
// Results do not depend on what is watched or saved, nor on how often the run was killed:
// with a checkpoint it repeats the steps after the last save, bit for bit. The checkpoint's
// folder must be there, and no other program may write to the file.
func (t *Trainer) Run(ctx context.Context, p Plan) (Moment, error) {
	if err := p.check(); err != nil {
		return Moment{}, err
	}
	if p.Checkpoint != "" {
		if err := t.goOn(p.Checkpoint); err != nil {
			return Moment{}, err
		}
	}
	r := run{Trainer: t, plan: p, next: make([]int, len(p.Watch)+1)}
	err := r.all(ctx)
	return r.moment, err
}

// goOn resumes from a checkpoint if there is one.
func (t *Trainer) goOn(path string) error {
	if err := durable.Clean(path); err != nil {
		return &CheckpointError{path, "its folder cannot be used", err}
	}
	if err := t.Resume(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (p *Plan) check() error {
	if p.Epochs < 0 || p.Steps < 0 || p.Epochs == 0 && p.Steps == 0 {
		return configError("Plan", "%d epochs and %d steps; one must be above 0 and none below", p.Epochs, p.Steps)
	}
	for i, w := range p.Watch {
		if w.At == nil || w.Do == nil {
			return configError("Plan", "Watch[%d] needs marks and something to do", i)
		}
	}
	if p.Save != nil && p.Checkpoint == "" {
		return configError("Plan", "there are marks for saving and no Checkpoint to save to")
	}
	return nil
}

// run is a Run at work.
type run struct {
	*Trainer
	plan   Plan
	next   []int // marks to come: of each Watch, then of saving
	moment Moment
	saved  int // steps at the last save
}

func (r *run) all(ctx context.Context) error {
	r.moment.Steps, r.saved = r.step, -1
	from := r.step
	if from == 0 {
		from = -1 // the mark 0 is still to come
	}
	for i := range r.next {
		r.next[i] = r.marks(i).After(from)
	}
	for {
		if err := r.pause(ctx, r.done()); err != nil || r.done() {
			return err
		}
		if err := r.stretch(ctx); err != nil {
			return r.stop(err)
		}
	}
}

// marks are those of a Watch, or after them those of saving.
func (r *run) marks(i int) Marks {
	switch {
	case i < len(r.plan.Watch):
		return r.plan.Watch[i].At
	case r.plan.Save != nil:
		return r.plan.Save
	}
	return Never{}
}

// done reports whether the plan is carried out.
func (r *run) done() bool {
	p := &r.plan
	return p.Steps > 0 && r.step >= p.Steps || p.Epochs > 0 && r.gradients >= p.Epochs*r.rows
}

// stretch makes steps until the next mark or the end.
func (r *run) stretch(ctx context.Context) error {
	start, mark := time.Now(), slices.Min(r.next)
	defer func() {
		r.moment.Training += time.Since(start)
		r.moment.Steps = r.step
	}()
	for r.step < mark && !r.done() {
		if err := ctx.Err(); err != nil {
			return err
		}
		s, err := r.Next()
		if err != nil {
			return err
		}
		r.moment.Last = s
		r.moment.Made++
	}
	return nil
}

// pause does what is to be done after the present step.
func (r *run) pause(ctx context.Context, end bool) error {
	for i := range r.next {
		marked := r.next[i] == r.step
		if marked {
			r.next[i] = r.marks(i).After(r.step)
		}
		var err error
		switch {
		case i < len(r.plan.Watch) && (marked || end && r.plan.Watch[i].AtEnd):
			err = r.plan.Watch[i].Do(ctx, r.moment)
		case i == len(r.plan.Watch) && (marked || end):
			err = r.save()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stop ends a run early, and saves what can be gone on from.
func (r *run) stop(err error) error {
	if r.err != nil {
		return err
	}
	return cmp.Or(r.save(), err)
}

func (r *run) save() error {
	if r.plan.Checkpoint == "" || r.saved == r.step {
		return nil
	}
	r.saved = r.step
	return r.Save(r.plan.Checkpoint)
}
