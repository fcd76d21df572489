package descent

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Subgradient is the subgradient method x ← x − tg/‖g‖ (N. Shor, Minimization Methods for Non-Differentiable
// Functions, 1985), which needs nothing but a gradient a step and is what others are compared with. The
// result is its best iterate. Where f is convex and the rule of Steps is a true one for it, the best
// values converge to the minimum; slowly, and only TargetLevel and Polyak know when to end.
//
// Three things complete the method. A step that leaves the domain of f is halved. Where the oracle has no
// gradient or says 0, the shortest vector of the hull of gradients around takes its place. And the run
// ends as stationary where recent gradients near the best point have nearly 0 in their hull and gradients
// around it confirm that.
type Subgradient struct {
	Steps     StepRule
	Step      float64 // a > 0 in the units of x: the first step of Diminishing and TargetLevel; 0 means 1
	Power     float64 // p ≤ 1 of Diminishing; 0 means ½
	Minimum   float64 // the minimum f* of f, for Polyak
	Tolerance float64 // of the certificate's distance; 0 means 1e−6
	Radius    float64 // of the certificate, in the units of x; 0 means 1e−4
	Recent    int     // points of either kind in a certificate; 0 means min(100, 2n, n + 10)
	Seed      uint64  // of the points that are drawn
}

// StepRule says how long the steps of Subgradient are.
type StepRule int

const (
	// Diminishing steps are t = a/(k + 1)^p for k = 0, 1, …; their sum diverges for p ≤ 1.
	Diminishing StepRule = iota
	// Polyak steps are t = (f(x) − f*)/‖g‖ for a known minimum f* (B. Polyak, "Minimization of
	// unsmooth functionals", USSR Comput. Math. Math. Phys. 9, 1969). They converge linearly where f
	// grows like the distance from its minimisers. If Minimum is too low the steps never become short; if it
	// is too high the run ends there.
	Polyak
	// TargetLevel steps are Polyak's for an estimate of f*: the best value less δ, where δ is halved
	// once the steps since the last success add up to more than a bound (J.-L. Goffin and K. Kiwiel,
	// "Convergence of a simple subgradient level method", Math. Programming 85, 1999). The first δ is a‖g‖ and
	// the bound is 10a.
	TargetLevel
)

const (
	subgradientStream = 0x73756267
	// levelPath times a is the bound on the path of TargetLevel.
	levelPath = 10
	// maxHalvings of a step look for the domain of f.
	maxHalvings = 60
)

// Name implements Method.
func (Subgradient) Name() string { return "subgradient" }

// Minimize implements Method.
func (s Subgradient) Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error) {
	n := len(start)
	s, err := s.complete(n)
	if err != nil {
		return nil, err
	}
	r, at, err := begin(ctx, s.Name(), f, start, l)
	if err != nil {
		return r.end(err)
	}
	m := &subgradients{
		Subgradient: s, run: r, at: at, next: newPoint(n), best: newPoint(n), d: make([]float64, n),
		rng: rand.New(rand.NewPCG(s.Seed, subgradientStream)),
	}
	m.best.set(at)
	m.recent.add(at.x, at.gradient)
	err = m.iterate()
	m.recent.add(m.best.x, m.best.gradient)
	return r.conclude(err, &m.recent, s.Radius)
}

// complete checks the options and puts defaults in place of zeros.
func (s Subgradient) complete(n int) (Subgradient, error) {
	if err := checkOptions("Subgradient", s, s.Step, s.Power, s.Tolerance, s.Radius, float64(s.Recent)); err != nil {
		return s, err
	}
	if s.Power > 1 {
		return s, &InputError{"Subgradient.Power", fmt.Sprintf("it is %v; choose one up to 1, for which the steps have no finite sum", s.Power)}
	}
	if s.Steps < Diminishing || s.Steps > TargetLevel {
		return s, &InputError{"Subgradient.Steps", fmt.Sprintf("unknown rule %d; use Diminishing, Polyak or TargetLevel", s.Steps)}
	}
	if math.IsNaN(s.Minimum) || math.IsInf(s.Minimum, 0) {
		return s, &InputError{"Subgradient.Minimum", fmt.Sprintf("it is %v; give a finite number, or choose other Steps", s.Minimum)}
	}
	defaultTo(&s.Step, 1)
	defaultTo(&s.Power, .5)
	defaultTo(&s.Tolerance, 1e-6)
	defaultTo(&s.Radius, 1e-4)
	defaultTo(&s.Recent, recentPoints(n))
	return s, nil
}

// subgradients is a run of Subgradient.
type subgradients struct {
	Subgradient
	*run
	at, next, best *point
	d              []float64 // the direction −d of the step, of norm 1
	recent         cloud
	rng            *rand.Rand
	level          targetLevel
}

func (s *subgradients) iterate() error {
	for k := 0; ; k++ {
		if k%s.Recent == s.Recent-1 {
			if err := s.promising(); err != nil {
				return err
			}
		}
		norm, err := s.direction()
		if err != nil {
			return err
		}
		moved, err := s.step(s.length(k, norm))
		if err == nil && !moved {
			err = s.finish()
		}
		if err != nil {
			return err
		}
	}
}

// direction writes the direction of the next step to d and returns the norm of the gradient that it
// stands for.
func (s *subgradients) direction() (float64, error) {
	g, norm := s.at.gradient, kernel.Norm(s.at.gradient)
	if !s.at.differentiable() || norm == 0 {
		c, err := s.confirm(s.recent.near(s.at.x, s.Radius), s.at.x, s.Radius, s.Tolerance, s.Recent, s.rng)
		if err != nil {
			return 0, err
		}
		if c.Distance <= s.Tolerance {
			if s.at.f <= s.best.f {
				copy(s.result.X, s.at.x) // of the same value as the best point, which may be another
				return 0, s.stationary(c)
			}
			s.at.set(s.best) // stationary, but not the best: a maximum, say
			return s.direction()
		}
		g, norm = c.MinNorm, c.Distance
	}
	for i, v := range g {
		s.d[i] = v / norm
	}
	return norm, nil
}

// length is that of step k, where the gradient has the given norm.
func (s *subgradients) length(k int, norm float64) float64 {
	switch s.Steps {
	case Polyak:
		return (s.at.f - s.Minimum) / norm
	case TargetLevel:
		return s.level.length(s.at.f, s.best.f, norm, s.Step)
	default:
		return s.Step / kernel.Pow(float64(k+1), s.Power)
	}
}

// step makes a step of the length, or of the first of its halves that stays in the domain. It is
// false if there is none that changes x.
func (s *subgradients) step(length float64) (bool, error) {
	for range maxHalvings {
		move(s.next.x, s.at.x, -length, s.d)
		if !(length > 0) || !s.at.differs(s.next) {
			return false, nil
		}
		if finite(s.next.x) {
			if err := s.next.ask(s.run); err != nil {
				return false, err
			}
			if s.next.f < math.Inf(1) {
				s.at, s.next = s.next, s.at
				return true, s.visit()
			}
		}
		length /= 2
	}
	return false, nil
}

// visit counts the step to at and keeps the best point.
func (s *subgradients) visit() error {
	s.recent.add(s.at.x, s.at.gradient)
	s.recent.keep(s.Recent)
	if s.at.f < s.best.f {
		s.best.set(s.at)
	}
	return s.accept(s.best.x, s.best.f)
}

// promising ends the run if the recent gradients near the best point say that it is stationary, and
// those around it confirm it.
func (s *subgradients) promising() error {
	near := s.recent.near(s.best.x, s.Radius)
	if len(near.points) == 0 {
		return nil
	}
	c, err := Certify(s.best.x, near.points, near.gradients)
	if err != nil || c.Distance > s.Tolerance {
		return err
	}
	c, err = s.confirm(near, s.best.x, s.Radius, s.Tolerance, s.Recent, s.rng)
	if err == nil && c.Distance <= s.Tolerance {
		return s.stationary(c)
	}
	return err
}

// finish ends a run whose rule has no step any more.
func (s *subgradients) finish() error {
	c, err := s.confirm(s.recent.near(s.best.x, s.Radius), s.best.x, s.Radius, s.Tolerance, s.Recent, s.rng)
	switch {
	case err != nil:
		return err
	case c.Distance <= s.Tolerance:
		return s.stationary(c)
	}
	s.result.Certificate = c
	if s.Steps == Polyak && s.best.f <= s.Minimum {
		return &stop{Stalled, fmt.Sprintf("The value %v is as low as the Minimum given; the hull of gradients within %.2g of the point has the distance %.2g from 0.", s.best.f, c.Radius, c.Distance)}
	}
	return &stop{Stalled, fmt.Sprintf("The rule's next step does not change the point; the hull of gradients within %.2g of the best one has the distance %.2g from 0.", c.Radius, c.Distance)}
}

// targetLevel is the state of the rule of that name.
type targetLevel struct {
	delta, path, record float64
}

// length returns that of the next step from a point of value f, where best is the lowest value so far.
func (l *targetLevel) length(f, best, norm, step float64) float64 {
	switch {
	case l.delta == 0: // the first step
		l.delta, l.record = float64(step*norm), best
	case best <= l.record-float64(l.delta/2):
		l.path, l.record = 0, best
	case l.path > levelPath*step:
		l.path, l.record = 0, best
		l.delta /= 2
	}
	t := (f - (l.record - l.delta)) / norm
	l.path += t
	return t
}
