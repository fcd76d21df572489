package descent

import (
	"math"
	"slices"
)

// The line search's constants; c₁ and c₂ are HANSO's.
const (
	sufficientDecrease = 1e-4
	curvature          = 0.5
	// maxBisections halvings leave 2⁻⁶⁰ of a bracket, which is below the spacing of float64 at its ends.
	maxBisections = 60
	// maxDoublings take a unit step beyond the largest float64.
	maxDoublings = 1100
)

// lineSearch looks along a line for a point that satisfies the weak Wolfe conditions
//
//	f(x + td) < f(x) + c₁ts,   ⟨∇f(x + td), d⟩ > c₂s,   s < 0 the slope at x,
//
// by doubling and bisection (A. Lewis and M. Overton, "Nonsmooth optimization via quasi-Newton
// methods", Math. Programming 141, 2013). For a function that is bounded below
// and semi-algebraic along the line it ends at such a point, and brackets a kink on its way.
// A trial without a finite value or gradient counts as too high.
type lineSearch struct {
	best  *point // the last trial of sufficient decrease
	trial *point
}

func newLineSearch(n int) *lineSearch { return &lineSearch{newPoint(n), newPoint(n)} }

// found says what a search has in best.
type found int

const (
	nothing  found = iota // no trial decreased f sufficiently
	decrease              // sufficient decrease only
	wolfe                 // both conditions
)

// search starts at from, along d, where f has the slope s.
func (l *lineSearch) search(r *run, from *point, d []float64, s float64) (found, error) {
	low, high, t := 0.0, math.Inf(1), 1.0
	for bisections, doublings := 0, 0; bisections < maxBisections && doublings < maxDoublings; {
		if move(l.trial.x, from.x, t, d); slices.Equal(l.trial.x, from.x) {
			break
		}
		if err := l.ask(r); err != nil {
			return status(low), err
		}
		if l.trial.f < from.f+float64(sufficientDecrease*t*s) {
			l.best, l.trial = l.trial, l.best
			low = t
			if dot(l.best.gradient, d) > float64(curvature*s) {
				return wolfe, nil
			}
			if l.best.f <= r.limits.Below {
				break
			}
		} else {
			high = t
		}
		if math.IsInf(high, 1) {
			doublings++
			t *= 2
		} else {
			bisections++
			t = low + float64((high-low)/2)
		}
	}
	return status(low), nil
}

// ask evaluates the trial, +Inf where it cannot be used.
func (l *lineSearch) ask(r *run) error {
	l.trial.f = math.Inf(1)
	if !finite(l.trial.x) {
		return nil
	}
	if err := l.trial.ask(r); err != nil {
		return err
	}
	if !l.trial.differentiable() && l.trial.f > r.limits.Below {
		l.trial.f = math.Inf(1)
	}
	return nil
}

func status(low float64) found {
	if low > 0 {
		return decrease
	}
	return nothing
}
