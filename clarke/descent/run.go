package descent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// run is what all methods share: it asks the oracle, counts, keeps to the limits and
// remembers the point of the last accepted step.
type run struct {
	ctx    context.Context
	f      Oracle
	limits Limits
	result Result
}

// stop ends a run from within; it never leaves the package.
type stop struct {
	status  Status
	message string
}

func (s *stop) Error() string { return s.message }

// begin checks start and limits, and evaluates f and its gradient there.
func begin(ctx context.Context, method string, f Oracle, start []float64, l Limits) (*run, *point, error) {
	if len(start) != f.Dim() {
		return nil, nil, &InputError{"start", fmt.Sprintf("it has %d coordinates; the function has %d variables", len(start), f.Dim())}
	}
	for i, x := range start {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, nil, &InputError{"start", fmt.Sprintf("coordinate %d is %v; start from finite numbers", i, x)}
		}
	}
	if l.Calls < 0 || l.Iterations < 0 || math.IsNaN(l.Below) {
		return nil, nil, &InputError{"Limits", fmt.Sprintf("%+v; limits are at least 0, where 0 means the default", l)}
	}
	defaultTo(&l.Calls, defaultCalls)
	defaultTo(&l.Below, defaultBelow)
	r := &run{ctx: ctx, f: f, limits: l, result: Result{Method: method, X: slices.Clone(start), F: math.NaN()}}
	at := newPoint(len(start))
	copy(at.x, start)
	if err := at.ask(r); err != nil {
		return r, at, err
	}
	if math.IsInf(at.f, 1) {
		return nil, nil, &InputError{"start", "the function has no finite value there; start inside its domain"}
	}
	r.result.F = at.f
	return r, at, r.bounded()
}

// at evaluates f, +Inf where it is undefined.
func (r *run) at(x, gradient []float64) (float64, error) {
	if err := r.allow(1); err != nil {
		return 0, err
	}
	r.result.Calls++
	value, err := r.f.Evaluate(x, gradient)
	if math.IsNaN(value) {
		value = math.Inf(1)
	}
	return value, err
}

// all evaluates f and its gradient at many points.
func (r *run) all(points [][]float64, values []float64, gradients [][]float64) error {
	if err := r.allow(len(points)); err != nil {
		return err
	}
	if batch, ok := r.f.(Batch); ok {
		r.result.Calls += len(points)
		err := batch.EvaluateAll(r.ctx, points, values, gradients)
		if err != nil && r.ctx.Err() != nil {
			return &stop{Interrupted, "The run was interrupted."}
		}
		for i, v := range values {
			if math.IsNaN(v) {
				values[i] = math.Inf(1)
			}
		}
		return err
	}
	for i, x := range points {
		var err error
		if values[i], err = r.at(x, gradients[i]); err != nil {
			return err
		}
	}
	return nil
}

// allow says whether n more calls are within the limits.
func (r *run) allow(n int) error {
	switch {
	case r.ctx.Err() != nil:
		return &stop{Interrupted, "The run was interrupted."}
	case r.result.Calls+n > r.limits.Calls:
		return &stop{OutOfCalls, fmt.Sprintf("The limit of %d oracle calls was reached.", r.limits.Calls)}
	}
	return nil
}

// accept makes x the point of the run, at the end of an iteration.
func (r *run) accept(x []float64, value float64) error {
	copy(r.result.X, x)
	r.result.F = value
	r.result.Iterations++
	if err := r.bounded(); err != nil {
		return err
	}
	if n := r.limits.Iterations; n > 0 && r.result.Iterations >= n {
		return &stop{OutOfCalls, fmt.Sprintf("The limit of %d iterations was reached.", n)}
	}
	return nil
}

func (r *run) bounded() error {
	if r.result.F <= r.limits.Below {
		return &stop{Unbounded, fmt.Sprintf("The value %v is below %v: the function seems unbounded.", r.result.F, r.limits.Below)}
	}
	return nil
}

// end returns the result for what ended the run: a *stop, or a true error.
func (r *run) end(err error) (*Result, error) {
	var s *stop
	if !errors.As(err, &s) {
		return nil, err
	}
	r.result.Status, r.result.Message = s.status, s.message
	return &r.result, nil
}
