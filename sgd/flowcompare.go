package sgd

import (
	"context"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Comparison says how far iterates are from their limit.
type Comparison struct {
	Steps []float64 // step sizes, as given
	// Gaps has for each step size the largest ‖xₖ − x(k·time)‖ for times up to the horizon, where time is that of a
	// step: the step size α for [GradientFlow] and [INNAFlow], √α for [HeavyBallFlow] and [NesterovFlow].
	Gaps []float64
	// Order is the slope of log gap over log step by least squares: 1 for gradient descent on smooth functions,
	// ½ at least for systems of second order. It is NaN for fewer than two step sizes or a gap of 0.
	Order float64
	Limit *Trajectory
}

// CompareLimit runs the method that a system is the limit of on the program from x0, with each of the step sizes, which
// are positive, up to the horizon in the time of the system, and measures how far it is from the limit. At kinks the
// wiring chooses the gradients. For [NesterovFlow] the iterates are the points yₖ of [Nesterov].
//
// The limit must be known up to the horizon or end at a critical point; else, and for bad arguments, the error is a
// *ConfigError, as for iterates that diverge. Other errors are those of [NewFlow], [Flow.Solve] and the context.
func CompareLimit(ctx context.Context, f *expr.Func, s System, w ad.Wiring, x0 []float64, horizon float64, steps []float64, o FlowOptions) (*Comparison, error) {
	for i, step := range steps {
		if !(step > 0) || !finite(step) {
			return nil, configError("steps", "step size %d is %v; it must be finite and positive", i, step)
		}
	}
	flow, err := NewFlow(f, s, o)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Steps: slices.Clone(steps)}
	if c.Limit, err = flow.Solve(ctx, x0, horizon); err != nil {
		return nil, err
	}
	switch c.Limit.Status {
	case ReachedHorizon, ReachedCritical:
	case Cancelled:
		return nil, context.Cause(ctx)
	default:
		return nil, configError("horizon", "the limit is known up to time %v only, %s: %s", c.Limit.End, c.Limit.Status, c.Limit.Reason)
	}
	run, err := newIterates(f, w)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		gap, err := run.gap(ctx, s, c.Limit, x0, step, horizon)
		if err != nil {
			return nil, err
		}
		c.Gaps = append(c.Gaps, gap)
	}
	var order fit
	for i, step := range steps {
		order.add(kernel.Log(step), kernel.Log(c.Gaps[i]))
	}
	c.Order = order.slope()
	return c, nil
}

// iterates runs methods on a program.
type iterates struct {
	gradient *vm.Workspace
	params   []Param
	n        int
}

func newIterates(f *expr.Func, w ad.Wiring) (*iterates, error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, w); err != nil {
		return nil, err
	}
	r := &iterates{}
	if r.gradient, err = workspaceOf(g); err != nil {
		return nil, err
	}
	for i, in := range f.In() {
		name, _ := in.Input()
		r.params = append(r.params, Param{Name: name.Name, Value: r.gradient.In(i), Grad: r.gradient.Out(1 + i)})
		r.n += in.Shape().Size()
	}
	return r, nil
}

// gap is the largest distance of the iterates for one step size from the limit.
func (r *iterates) gap(ctx context.Context, s System, limit *Trajectory, x0 []float64, step, horizon float64) (gap float64, err error) {
	m, rate, time := s.discrete(step)
	state, err := m.Start(r.params)
	if err != nil {
		return 0, err
	}
	setValues(r.params, x0)
	x := make([]float64, r.n)
	for k := 0; float64(float64(k)*time) <= horizon; k++ {
		if err := ctx.Err(); err != nil {
			return 0, context.Cause(ctx)
		}
		if k > 0 {
			if err := r.gradient.Run(); err != nil {
				return 0, err
			}
			state.Update(r.params, rate)
		}
		copyValues(x, r.params)
		for i, v := range x {
			if !finite(v) {
				return 0, configError("steps", "with the step size %v entry %d of iterate %d is %v; take smaller steps", step, i, k, v)
			}
		}
		addScaled(x, -1, limit.At(float64(float64(k)*time)))
		gap = max(gap, kernel.Norm(x))
	}
	return gap, nil
}
