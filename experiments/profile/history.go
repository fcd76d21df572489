package profile

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// History is what an oracle answered in the course of a run, one value a call, in the order of the
// calls. It holds all points that a method looked at, whether it made a step to them or not.
type History struct {
	values  []float64
	longest float64
}

// Calls returns the number of calls.
func (h *History) Calls() int { return len(h.values) }

// Value returns f at the point of call k = 1, 2, …; NaN where f is undefined, and for calls that gave none.
func (h *History) Value(k int) float64 { return h.values[k-1] }

// Best returns the smallest value among the first k calls, or all if there were fewer; +Inf if f had no value there.
func (h *History) Best(k int) float64 {
	best := math.Inf(1)
	for _, v := range h.values[:min(max(k, 0), len(h.values))] {
		if v < best { // false for NaN
			best = v
		}
	}
	return best
}

// Cost returns the first call k at which f was at most the target, +Inf if there was none.
func (h *History) Cost(target float64) float64 {
	for i, v := range h.values {
		if v <= target {
			return float64(i + 1)
		}
	}
	return math.Inf(1)
}

// Longest returns the norm of the longest gradient that the oracle gave; those that are not finite do not
// count.
func (h *History) Longest() float64 { return h.longest }

// Reduced is the target of J. Moré and S. Wild (2009): f_L + τ(f(x₀) − f_L), where f_L is the smallest value
// that any solver found. It asks for the share 1 − τ of the decrease that is known to be possible.
func Reduced(start, smallest, tau float64) float64 {
	return smallest + float64(tau*(start-smallest))
}

// Within is the target f* + ε(1 + |f*|) for a known minimum f*. As no value is below f*, up to rounding, a value
// v ≤ Within is one with |v − f*| ≤ ε(1 + |f*|).
func Within(minimum, epsilon float64) float64 {
	return minimum + float64(epsilon*(1+math.Abs(minimum)))
}

// Record returns an oracle that answers as f does, bit for bit, and writes every call down. It is a
// descent.Batch, whose points are calls one after the other, a descent.DirectionalOracle if f is one, and
// descent.Counting as well if f is both that and descent.Structured: what a method computes from the program by
// itself counts as calls without a value. It is not safe for concurrent use.
func Record(f descent.Oracle) (descent.Oracle, *History) {
	r := &recorder{f: f, History: &History{}}
	along, ok := f.(descent.DirectionalOracle)
	if !ok {
		return r, r.History
	}
	d := &directional{recorder: r, along: along}
	if known, ok := f.(descent.Structured); ok {
		return &structured{d, known}, r.History
	}
	return d, r.History
}

type recorder struct {
	f descent.Oracle
	*History
}

// Dim implements descent.Oracle.
func (r *recorder) Dim() int { return r.f.Dim() }

// Evaluate implements descent.Oracle.
func (r *recorder) Evaluate(x, gradient []float64) (float64, error) {
	value, err := r.f.Evaluate(x, gradient)
	if err == nil {
		r.note(value, gradient)
	}
	return value, err
}

// EvaluateAll implements descent.Batch.
func (r *recorder) EvaluateAll(ctx context.Context, points [][]float64, values []float64, gradients [][]float64) error {
	batch, ok := r.f.(descent.Batch)
	if !ok {
		return r.oneByOne(ctx, points, values, gradients)
	}
	if err := batch.EvaluateAll(ctx, points, values, gradients); err != nil {
		return err
	}
	for i, v := range values {
		r.note(v, gradients[i])
	}
	return nil
}

func (r *recorder) oneByOne(ctx context.Context, points [][]float64, values []float64, gradients [][]float64) error {
	for i, x := range points {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if values[i], err = r.Evaluate(x, gradients[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) note(value float64, gradient []float64) {
	r.values = append(r.values, value)
	if norm := kernel.Norm(gradient); norm > r.longest && !math.IsInf(norm, 1) {
		r.longest = norm
	}
}

// directional is a recorder of what only some oracles know.
type directional struct {
	*recorder
	along descent.DirectionalOracle
}

// EvaluateAlong implements descent.DirectionalOracle.
func (d *directional) EvaluateAlong(x, direction, gradient []float64) (float64, error) {
	value, err := d.along.EvaluateAlong(x, direction, gradient)
	if err == nil {
		d.note(value, gradient)
	}
	return value, err
}

type structured struct {
	*directional
	known descent.Structured
}

// Count implements descent.Counting.
func (s *structured) Count(calls int) {
	for range calls {
		s.note(math.NaN(), nil)
	}
}

// Func implements descent.Structured.
func (s *structured) Func() *expr.Func { return s.known.Func() }
