package descent

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr/random"
)

// GradientSampling is algorithm GS of J. Burke, F. Curtis, A. Lewis, M. Overton and L. Simões,
// "Gradient sampling methods for nonsmooth optimization" (Numerical Nonsmooth Optimization, 2020):
// steepest descent for the hull of the gradients at x and at random points within a radius that
// shrinks. Zeros mean the values given there.
//
// For a locally Lipschitz f that is continuously differentiable on an open set of full measure, with
// probability 1 f falls without bound or every cluster point is Clarke stationary, if there are more
// samples than variables. The error of f at the end is about Radius times a Lipschitz constant.
//
// Three things go beyond the algorithm, because arithmetic is rounded and an oracle returns what it likes
// at kinks. Where no step t > 0 decreases f, the radius shrinks as if x were stationary for it. An iterate
// without a finite gradient is moved by less than min(t, ε)‖g‖, as algorithm GS asks for points where f
// is not differentiable. And the final certificate rests on the samples alone: if they deny what
// they said with the gradient at x, that gradient is dropped and the run goes on.
type GradientSampling struct {
	// Samples are the points drawn at an iteration. 0 means 2n as far as that is at most 100; then 100, or
	// the n + 1 that the theory needs; and 300 for n ≥ 300, where minimum norm points begin to cost more
	// than most oracles.
	Samples int

	Radius         float64 // of the final certificate, in the units of x; 0 means 1e−6
	Tolerance      float64 // of the final certificate's distance; 0 means 1e−6
	StartRadius    float64 // ε₀, in the units of x; 0 means 0.1
	StartTolerance float64 // ν₀; 0 means 0.1
	Reduction      float64 // θ < 1, of radius and tolerance; 0 means 0.1
	Decrease       float64 // β < 1, of sufficient decrease; 0 means 1e−4
	Backtracking   float64 // γ < 1, of steps; 0 means 0.5
	Seed           uint64
}

const (
	samplingStream = 0x67730001
	// mostBacktracks bounds the reductions of a step for γ near 1; with γ = ½ the step has no effect before.
	mostBacktracks = 1100
	// mostPerturbations bounds the draws around an iterate without a gradient; each halves the radius.
	mostPerturbations = 30
	mostSamples       = 300
)

// Name implements Method.
func (GradientSampling) Name() string { return "gradient-sampling" }

// Minimize implements Method.
func (g GradientSampling) Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error) {
	n := len(start)
	g, err := g.complete(n)
	if err != nil {
		return nil, err
	}
	r, at, err := begin(ctx, g.Name(), f, start, l)
	if err != nil {
		return r.end(err)
	}
	s := &sampling{
		GradientSampling: g, run: r, at: at, next: newPoint(n), trusted: true,
		radius: max(g.StartRadius, g.Radius), tolerance: max(g.StartTolerance, g.Tolerance),
		rng: rand.New(rand.NewPCG(g.Seed, samplingStream)),
	}
	for range g.Samples {
		s.points, s.gradients = append(s.points, make([]float64, n)), append(s.gradients, make([]float64, n))
	}
	s.values = make([]float64, g.Samples)
	err = s.iterate()
	if s.trusted {
		s.bundle.add(s.at.x, s.at.gradient)
	}
	return r.conclude(err, &s.bundle, 2*s.radius) // the bundle may be that of the iterate before
}

// complete checks the options and puts defaults in place of zeros.
func (g GradientSampling) complete(n int) (GradientSampling, error) {
	if err := checkOptions("GradientSampling", g, float64(g.Samples), g.Radius, g.Tolerance, g.StartRadius, g.StartTolerance, g.Reduction, g.Decrease, g.Backtracking); err != nil {
		return g, err
	}
	for _, err := range []error{
		checkFraction("GradientSampling.Reduction", g.Reduction),
		checkFraction("GradientSampling.Decrease", g.Decrease),
		checkFraction("GradientSampling.Backtracking", g.Backtracking),
	} {
		if err != nil {
			return g, err
		}
	}
	defaultTo(&g.Samples, min(2*n, max(100, n+1), mostSamples))
	defaultTo(&g.Radius, 1e-6)
	defaultTo(&g.Tolerance, 1e-6)
	defaultTo(&g.StartRadius, .1)
	defaultTo(&g.StartTolerance, .1)
	defaultTo(&g.Reduction, .1)
	defaultTo(&g.Decrease, 1e-4)
	defaultTo(&g.Backtracking, .5)
	return g, nil
}

// sampling is a run of GradientSampling.
type sampling struct {
	GradientSampling
	*run
	at, next          *point
	trusted           bool // the gradient at at has not been denied by those around
	radius, tolerance float64
	rng               *rand.Rand
	points, gradients [][]float64
	values            []float64
	bundle            cloud // the last samples and, if it was trusted, the point they were drawn around
}

func (s *sampling) iterate() error {
	for {
		if err := s.sample(); err != nil {
			return err
		}
		moved, err := s.descend()
		if err != nil {
			return err
		}
		switch {
		case moved:
		case s.radius > s.Radius || s.tolerance > s.Tolerance:
			s.radius, s.tolerance = max(s.radius*s.Reduction, s.Radius), max(s.tolerance*s.Reduction, s.Tolerance)
			err = s.accept(s.at.x, s.at.f)
		default:
			err = s.finish()
		}
		if err != nil {
			return err
		}
	}
}

// sample draws the bundle of an iteration.
func (s *sampling) sample() error {
	for _, p := range s.points {
		random.Ball(p, resolvable(s.at.x, s.radius), s.rng)
		move(p, p, 1, s.at.x)
	}
	if err := s.all(s.points, s.values, s.gradients); err != nil {
		return err
	}
	s.bundle = cloud{}
	if s.trusted {
		s.bundle.add(s.at.x, s.at.gradient)
	}
	for i, p := range s.points {
		s.bundle.add(p, s.gradients[i])
	}
	return nil
}

// descend steps along the shortest vector of the hull of the bundle, unless it is within the tolerance.
func (s *sampling) descend() (bool, error) {
	if len(s.bundle.points) == 0 {
		return false, nil
	}
	m, err := convex.MinNorm(s.bundle.gradients)
	if err != nil || m.Norm <= s.tolerance {
		return false, err
	}
	return s.backtrack(m.Point, m.Norm)
}

// backtrack looks for t = 1, γ, γ², … with f(x − tg) < f(x) − βt‖g‖² and moves there.
func (s *sampling) backtrack(g []float64, norm float64) (bool, error) {
	t := 1.0
	for range mostBacktracks {
		move(s.next.x, s.at.x, -t, g)
		if slices.Equal(s.next.x, s.at.x) {
			return false, nil
		}
		bound := s.at.f - float64(float64(s.Decrease*t)*float64(norm*norm))
		found, err := s.below(bound)
		if err == nil && found && !s.next.differentiable() {
			found, err = s.perturb(bound, float64(min(t, s.radius)*norm))
		}
		if err != nil {
			return false, err
		}
		if found {
			s.at, s.next, s.trusted = s.next, s.at, true
			return true, s.accept(s.at.x, s.at.f)
		}
		t *= s.Backtracking
	}
	return false, nil
}

// below asks next and says whether its value is below the bound.
func (s *sampling) below(bound float64) (bool, error) {
	if !finite(s.next.x) {
		return false, nil
	}
	err := s.next.ask(s.run)
	return s.next.f < bound, err
}

// perturb moves next to a point with a gradient within the radius that keeps the decrease.
func (s *sampling) perturb(bound, radius float64) (bool, error) {
	if s.next.f <= s.limits.Below {
		return true, nil
	}
	centre := slices.Clone(s.next.x)
	for range mostPerturbations {
		random.Ball(s.next.x, radius, s.rng)
		move(s.next.x, s.next.x, 1, centre)
		if found, err := s.below(bound); err != nil || found && s.next.differentiable() {
			return found, err
		}
		radius /= 2
	}
	return false, nil
}

// finish ends the run if the gradients around x agree that it is stationary; otherwise it goes on
// without the gradient at x, or ends as stalled where there is no way down either.
func (s *sampling) finish() error {
	c, err := s.confirm(&s.bundle, s.at.x, s.radius, s.Tolerance, s.Samples, s.rng)
	if err != nil {
		return err
	}
	if c.Distance <= s.Tolerance {
		return s.stationary(c)
	}
	moved, err := s.backtrack(c.MinNorm, c.Distance)
	if err != nil || moved {
		return err
	}
	if !s.trusted {
		return s.stalled(c)
	}
	s.trusted = false
	return nil
}
