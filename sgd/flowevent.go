package sgd

import (
	"errors"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

const (
	// stepSamples is at how many points of a step the mode is checked.
	stepSamples = 4
	// mostBisections is enough to find a time to its last bit.
	mostBisections = 60
)

// follow integrates in the present mode until it holds no more or the trajectory ends.
func (s *solution) follow() error {
	step := newStepper(s.velocity, &s.o, s.now, s.y)
	for s.now < s.horizon {
		if s.t.Steps >= s.o.Steps {
			return s.end(TooManySteps, "%d steps were made", s.t.Steps)
		}
		g, err := step.step(s.ctx, s.horizon)
		switch {
		case errors.Is(err, errBlocked):
			return s.end(Blocked, "at time %v no step is short enough: the solution leaves the domain of f or blows up", s.now)
		case s.ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		s.t.Steps++
		ended, err := s.cut(&g)
		if err != nil && !errors.Is(err, errBlocked) {
			return err
		}
		s.t.segments = append(s.t.segments, g)
		s.now = g.end
		if err != nil {
			g.at(g.end, s.y)
			return s.end(Blocked, "at time %v a switch becomes NaN: the solution leaves the domain of f", s.now)
		}
		if ended {
			g.at(g.end, s.y)
			return s.restore(s.x())
		}
		if len(s.mode.manifold) > 0 {
			step.fresh = false
			if err := s.restore(s.x()); err != nil {
				return err
			}
		}
		if s.clarke != nil && step.fresh && kernel.Norm(step.k[0]) <= s.o.Critical || s.resting() {
			if _, err := s.known(); err != nil || s.t.Status != "" {
				return err
			}
		}
	}
	return s.end(ReachedHorizon, "the solution is known up to time %v", s.horizon)
}

// resting reports whether the velocity on a manifold is 0 up to the tolerance.
func (s *solution) resting() bool {
	if len(s.mode.manifold) == 0 {
		return false
	}
	dy := make([]float64, len(s.y))
	return s.velocity(s.now, s.y, dy) == nil && kernel.Norm(dy) <= s.o.Critical
}

// cut ends a step where the mode holds no more, and reports whether that is so.
func (s *solution) cut(g *segment) (bool, error) {
	if s.pieces.s == 0 {
		return false, nil
	}
	low, floors := g.start, slices.Repeat([]float64{-beyond * s.o.Kink}, s.pieces.s)
	for i := range stepSamples {
		t := g.end
		if i+1 < stepSamples {
			t = g.start + float64(float64(i+1)/stepSamples*(g.end-g.start))
		}
		held, err := s.holdsAt(g, t, floors)
		if err != nil {
			return false, err
		}
		if !held {
			g.end, err = s.bisect(g, low, t)
			return true, err
		}
		low = t
	}
	return false, nil
}

// point is that of the manifold nearest to x(t).
func (s *solution) point(g *segment, t float64) ([]float64, error) {
	x := make([]float64, s.pieces.n)
	g.at(t, x)
	return x, s.restore(x)
}

func (s *solution) holdsAt(g *segment, t float64, floors []float64) (bool, error) {
	x, err := s.point(g, t)
	if err != nil {
		return false, err
	}
	return s.holds(x, floors)
}

// bisect returns the time between low and high from which on the mode does not hold, with errBlocked if that is
// for a NaN. That is where a switch becomes 0, or
// farther on the wrong side than at low: events at about one time leave some there, and rounding those that stay 0.
func (s *solution) bisect(g *segment, low, high float64) (float64, error) {
	x, err := s.point(g, low)
	if err != nil {
		return 0, err
	}
	at, err := s.pieces.at(x, s.mode.signs)
	if err != nil {
		return 0, err
	}
	floors := make([]float64, s.pieces.s)
	for i, z := range at.z {
		if z *= s.mode.signs[i]; z < s.o.Kink/1024 {
			floors[i] = min(z, 0) - s.o.Kink/1024
		}
	}
	for range mostBisections {
		middle := low + float64((high-low)/2)
		if middle <= low || middle >= high {
			break
		}
		held, err := s.holdsAt(g, middle, floors)
		if err != nil {
			return 0, err
		}
		if held {
			low = middle
		} else {
			high = middle
		}
	}
	x, err = s.point(g, high)
	if err != nil {
		return 0, err
	}
	if at, err = s.pieces.at(x, s.mode.signs); err == nil && slices.ContainsFunc(at.z, math.IsNaN) {
		return low, errBlocked
	}
	return high, err
}
