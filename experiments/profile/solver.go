package profile

import (
	"context"
	"errors"
	"slices"

	"gonum.org/v1/gonum/optimize"

	"github.com/tamegrad/tamegrad/clarke/descent"
)

// Solver minimises f from a start within a number of calls, at least 1.
type Solver struct {
	Name string
	// Minimize returns the solver's answer. A run that ends early, for its budget or the context, is one. The
	// error is that of the oracle or of a bad start.
	Minimize func(ctx context.Context, f descent.Oracle, start []float64, calls int) (Answer, error)
}

// Answer is what a solver returns.
type Answer struct {
	X          []float64
	F          float64
	Iterations int    // steps, as the solver counts them
	Status     string // in the solver's own words
}

// Run is a run of a solver with all that it was told.
type Run struct {
	Answer
	*History
}

// Record runs the solver on f and records it.
func (s Solver) Record(ctx context.Context, f descent.Oracle, start []float64, calls int) (Run, error) {
	recorded, history := Record(f)
	answer, err := s.Minimize(ctx, recorded, start, calls)
	return Run{answer, history}, err
}

// Method returns the solver that is a method of package descent.
func Method(name string, m descent.Method) Solver {
	return Solver{name, func(ctx context.Context, f descent.Oracle, start []float64, calls int) (Answer, error) {
		r, err := m.Minimize(ctx, f, start, descent.Limits{Calls: calls})
		if err != nil {
			return Answer{}, err
		}
		return Answer{X: r.X, F: r.F, Iterations: r.Iterations, Status: string(r.Status)}, nil
	}}
}

// Gonum returns the solver that is a method of gonum's package optimize, with its own defaults and rules for
// ending; fresh makes a new one. gonum asks for a value and a gradient separately: both at one point, one after
// the other, are one call. A line search that fails is the end of a run, not an error.
func Gonum(name string, fresh func() optimize.Method) Solver {
	return Solver{name, func(ctx context.Context, f descent.Oracle, start []float64, calls int) (Answer, error) {
		m := &memory{f: f, ctx: ctx, left: calls}
		r, err := optimize.Minimize(descent.Problem(m), slices.Clone(start), nil, fresh())
		switch {
		case m.failure != nil:
			return Answer{}, m.failure
		case r == nil:
			return Answer{}, err
		}
		a := Answer{X: r.X, F: r.F, Iterations: r.MajorIterations, Status: r.Status.String()}
		if err != nil {
			a.Status = err.Error()
		}
		return a, nil
	}}
}

// errSpent ends a run that has no calls left.
var errSpent = errors.New("out of calls")

// memory is an oracle that remembers the last point, and lets a number of questions through.
type memory struct {
	f       descent.Oracle
	ctx     context.Context
	left    int
	x, g    []float64
	value   float64
	failure error // of f
}

// Dim implements descent.Oracle.
func (m *memory) Dim() int { return m.f.Dim() }

// Evaluate implements descent.Oracle.
func (m *memory) Evaluate(x, gradient []float64) (float64, error) {
	if m.x == nil || !slices.Equal(x, m.x) {
		if err := m.ask(x); err != nil {
			return 0, err
		}
	}
	copy(gradient, m.g)
	return m.value, nil
}

func (m *memory) ask(x []float64) error {
	if err := m.ctx.Err(); err != nil {
		return err
	}
	if m.left == 0 {
		return errSpent
	}
	m.left--
	if m.g == nil {
		m.g = make([]float64, len(x))
	}
	m.value, m.failure = m.f.Evaluate(x, m.g)
	m.x = append(m.x[:0], x...)
	return m.failure
}
