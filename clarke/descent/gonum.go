package descent

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/optimize"
)

// Problem returns f for the methods of gonum's package optimize. Where f is undefined its value is +Inf.
// An error of the oracle is +Inf too, and ends optimize.Minimize after the iteration with
// optimize.Failure and that error. Calls of f never overlap, whatever optimize.Settings.Concurrent says.
func Problem(f Oracle) optimize.Problem {
	p := &guarded{f: f}
	return optimize.Problem{
		Func:   func(x []float64) float64 { return p.evaluate(x, nil) },
		Grad:   func(gradient, x []float64) { p.evaluate(x, gradient) },
		Status: p.status,
	}
}

// guarded is an oracle that keeps its first error.
type guarded struct {
	sync.Mutex
	f   Oracle
	err error
}

func (g *guarded) evaluate(x, gradient []float64) float64 {
	g.Lock()
	defer g.Unlock()
	value, err := g.f.Evaluate(x, gradient)
	if g.err == nil {
		g.err = err
	}
	if err != nil || math.IsNaN(value) {
		return math.Inf(1)
	}
	return value
}

func (g *guarded) status() (optimize.Status, error) {
	g.Lock()
	defer g.Unlock()
	if g.err != nil {
		return optimize.Failure, g.err
	}
	return optimize.NotTerminated, nil
}
