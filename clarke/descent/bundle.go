package descent

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// Bundle is a proximal bundle method for convex f (C. Lemaréchal, "Bundle methods in nonsmooth
// optimization", Nonsmooth Optimization, 1978; K. Kiwiel, "Proximity control in bundle methods for convex
// nondifferentiable minimization", Math. Programming 46, 1990). It minimises the model
// maxᵢ f(yᵢ) + ⟨gᵢ, z − yᵢ⟩ + ‖z − x‖²/(2t) of cuts from earlier points, moves to its minimiser if that
// decreases f by a part of what the model says, and otherwise adds the cut from there: a null step.
//
// The certificate has, besides what it says about Goldstein's set, an error ε (see
// [Certificate.Linearisation]): MinNorm is an ε-subgradient of f at X, so that for every z
//
//	f(z) ≥ f(X) − Distance·‖z − X‖ − ε.
//
// For that the gradients may be from far away, and Radius is often large. For f that is not convex the
// method often ends at a minimum too: once a cut shows that f is not convex, the error of a cut is at least half of its
// squared distance (K. Kiwiel, Methods of Descent for Nondifferentiable Optimization, 1985), which keeps
// the points of the certificate near, and null steps that teach nothing shorten the next ones. But f may be
// found out late or never. Its certificate says no more than that MinNorm is in Goldstein's set for Radius,
// which may be next to nothing, and ε says nothing at all: a status of [Stationary] then means no more than that.
//
// A certificate may use the gradient at X itself only if gradients around X have it nearly in their hull.
type Bundle struct {
	Tolerance float64 // of the certificate's distance; 0 means 1e−6
	Error     float64 // of the certificate's ε, relative to 1 + |f(X)|; 0 means 1e−9
	Step      float64 // length of the first step, in the units of x; 0 means 1, as in Kiwiel's paper
	Decrease  float64 // the part m < 1 of the model's decrease that a step must bring; 0 means 0.1
	Cuts      int     // the cuts that are kept, at least n + 3; 0 means 2n + 10, but at most 100 or n + 3
	Seed      uint64  // of the points that test a certificate
}

const (
	bundleStream = 0x62756e64
	// fullSteps is the part of the model's decrease that lets t grow, and mostRescaling the factor by which t
	// changes at most: ½ and 10 in Kiwiel's paper.
	fullSteps     = 0.5
	mostRescaling = 10
	// patience is the number of null steps before t may shrink.
	patience = 3
	// testRadius, in the units of Step, is that of points that test a certificate.
	testRadius = 1e-4
	// closeRadius, in the units of Step, is that of points whose gradients test the one at x: the curvature of f
	// does not show there. generalPosition tilts the directions to them off other kinks.
	closeRadius     = 1e-10
	generalPosition = 1e-3
	// mostRetries bounds the draws that look for a way on where there is no step.
	mostRetries = 12
)

// Name implements Method.
func (Bundle) Name() string { return "bundle" }

// Minimize implements Method.
func (b Bundle) Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error) {
	n := len(start)
	b, err := b.complete(n)
	if err != nil {
		return nil, err
	}
	r, at, err := begin(ctx, b.Name(), f, start, l)
	if err != nil {
		return r.end(err)
	}
	m := &bundled{
		Bundle: b, run: r, at: at, trial: newPoint(n),
		model: newCuttingModel(n), radius: float64(testRadius * b.Step),
		rng: rand.New(rand.NewPCG(b.Seed, bundleStream)),
	}
	m.model.add(at, at)
	result, err := r.end(m.iterate())
	if err == nil && len(result.Certificate.Points) == 0 && m.model.solved() {
		result.Certificate = m.model.certificate(result.X)
	}
	return result, err
}

// complete checks the options and puts defaults in place of zeros.
func (b Bundle) complete(n int) (Bundle, error) {
	if err := checkOptions("Bundle", b, b.Tolerance, b.Error, b.Step, b.Decrease); err != nil {
		return b, err
	}
	if err := checkFraction("Bundle.Decrease", b.Decrease); err != nil {
		return b, err
	}
	if b.Cuts != 0 && b.Cuts < n+3 {
		return b, &InputError{"Bundle.Cuts", fmt.Sprintf("it is %d; %d variables need %d at least", b.Cuts, n, n+3)}
	}
	defaultTo(&b.Cuts, min(2*n+10, max(100, n+3)))
	defaultTo(&b.Tolerance, 1e-6)
	defaultTo(&b.Error, 1e-9)
	defaultTo(&b.Step, 1)
	defaultTo(&b.Decrease, .1)
	return b, nil
}

// bundled is a run of Bundle.
type bundled struct {
	Bundle
	*run
	at, trial *point
	model     *cuttingModel
	t         float64 // the proximal parameter; 0 before the first step
	nulls     int     // null steps since x moved
	retune    bool    // the last null step taught nothing
	retries   int     // draws since the last step
	radius    float64
	rng       *rand.Rand
}

func (b *bundled) iterate() error {
	for {
		if err := b.allow(0); err != nil {
			return err
		}
		if len(b.model.cuts) == 0 { // no gradient at the start
			if err := b.lookAround(); err != nil {
				return err
			}
			continue
		}
		if err := b.solve(); err != nil {
			return err
		}
		var err error
		if b.model.short(b.Tolerance, b.slack()) {
			err = b.test()
		} else {
			err = b.step()
		}
		if err != nil {
			return err
		}
	}
}

// slack is the error ε that the certificate may have.
func (b *bundled) slack() float64 { return float64(b.Error * (1 + math.Abs(b.at.f))) }

// solve finds the step of the model.
func (b *bundled) solve() error {
	steepest := b.model.steepest()
	if b.t == 0 && steepest > 0 {
		b.t = min(b.Step/steepest, math.MaxFloat64)
	}
	b.model.resolve(steepest, b.slack())
	err := b.model.solve(b.ctx)
	if err == nil && (b.nulls == 0 || b.retune) {
		err = b.model.tune(b.ctx, b.t)
	}
	if err != nil && b.ctx.Err() != nil {
		return b.allow(0)
	}
	return err
}

// step goes to the minimiser of the model and learns from there.
func (b *bundled) step() error {
	t := min(b.t, b.model.longest()) // finite, so that it reaches 0 if it must
	move(b.trial.x, b.at.x, -t, b.model.g)
	if !b.trial.differs(b.at) {
		return b.lookAround()
	}
	if !finite(b.trial.x) {
		b.t = t / mostRescaling
		return nil
	}
	if err := b.trial.ask(b.run); err != nil {
		return err
	}
	if b.trial.f <= b.limits.Below {
		return b.accept(b.trial.x, b.trial.f)
	}
	if math.IsInf(b.trial.f, 1) || !b.trial.differentiable() {
		b.t = t / mostRescaling
		return b.accept(b.at.x, b.at.f)
	}
	b.retries = 0
	predicted := b.model.decrease(t)
	if b.trial.f < b.at.f && b.trial.f <= b.at.f-float64(b.Decrease*predicted) {
		return b.descend(t, predicted)
	}
	return b.null(t, predicted)
}

// parabola returns the t of the minimum along the step of the parabola through both values that falls as
// the model says; +Inf if it has none.
func (b *bundled) parabola(t, predicted float64) float64 {
	if bend := predicted + (b.trial.f - b.at.f); bend > 0 {
		return t * predicted / float64(2*bend)
	}
	return math.Inf(1)
}

// descend moves x.
func (b *bundled) descend(t, predicted float64) error {
	if b.at.f-b.trial.f >= float64(fullSteps*predicted) {
		b.t = max(b.t, min(b.parabola(t, predicted), min(float64(mostRescaling*t), math.MaxFloat64)))
	}
	b.nulls = 0
	b.at, b.trial = b.trial, b.at
	b.model.centre(b.at)
	b.model.add(b.at, b.at)
	b.model.keep(b.Cuts, b.at)
	return b.accept(b.at.x, b.at.f)
}

// null adds the cut from the trial.
func (b *bundled) null(t, predicted float64) error {
	b.nulls++
	b.model.add(b.trial, b.at)
	if len(b.model.cuts) == 0 { // all errors were too large to be numbers
		return b.accept(b.at.x, b.at.f)
	}
	if b.retune = !b.model.teaches(); b.retune {
		b.t = min(b.t, t/2)
		if predicted > float64(convexity*(math.Abs(b.at.f)+math.Abs(b.trial.f))) {
			b.model.doubt(b.at)
		}
	} else if b.nulls > patience && b.model.last().alpha > predicted {
		b.t = min(t, max(b.parabola(t, predicted), t/mostRescaling))
	}
	b.model.keep(b.Cuts, b.at)
	return b.accept(b.at.x, b.at.f)
}

// test ends the run as stationary, unless one of two points near x refutes what the certificate says
// of a convex function: then f is not convex, or the oracle's gradients were not what they seemed.
func (b *bundled) test() error {
	c := b.model.certificate(b.at.x)
	promised := b.model.lower(b.at, b.slack())
	learnt, err := b.pair(func(z *point) bool { return z.f < promised(z.x) })
	if err != nil || learnt {
		b.model.doubt(b.at)
		return err
	}
	if b.model.restsOn(b.at) {
		if genuine, err := b.genuine(); err != nil {
			return err
		} else if !genuine {
			b.model.drop(b.at)
			return b.lookAround()
		}
	}
	return b.optimal(c)
}

// optimal is the end of a run with a certificate.
func (b *bundled) optimal(c Certificate) error {
	if b.model.nonconvex {
		return b.stationary(c)
	}
	b.result.Certificate = c
	return &stop{Stationary, fmt.Sprintf("If f is convex, then f(z) ≥ f(x) − %.2g·‖z − x‖ − %.2g for every z; the gradients that say so are from within %.2g of the point.", c.Distance, b.model.alpha, c.Radius)}
}

// genuine says whether the oracle's gradient g at x itself, where a kink may make it anything, is within the tolerance of the
// hull of gradients around x. It adds those that f takes where the shortest vector from g to the hull so far points away
// from. For convex f, ⟨∇f(z) − g, z − x⟩ ≥ 0 then, so that either the hull comes nearer to g, or g is none.
func (b *bundled) genuine() (bool, error) {
	n := len(b.at.x)
	radius := resolvable(b.at.x, float64(closeRadius*b.Step))
	z, d, away := newPoint(n), make([]float64, n), make([]float64, n)
	var differences [][]float64
	for range 2*n + mostRetries {
		random.Sphere(d, 1, b.rng)
		if norm := kernel.Norm(away); norm > 0 {
			scale(d, generalPosition, d)
			move(d, d, -1/norm, away)
		}
		move(z.x, b.at.x, radius, d)
		if err := z.ask(b.run); err != nil {
			return false, err
		}
		if !z.differentiable() {
			continue
		}
		difference := make([]float64, n)
		move(difference, z.gradient, -1, b.at.gradient)
		differences = append(differences, difference)
		m, err := convex.MinNorm(differences)
		if err != nil || m.Norm <= b.Tolerance {
			return err == nil, err
		}
		if dot(difference, d) < -b.Tolerance {
			return false, nil
		}
		away = m.Point
	}
	return false, nil
}

// lookAround adds cuts from two points near x, where the model has no step or no cut at all.
func (b *bundled) lookAround() error {
	if b.retries++; b.retries > mostRetries {
		if !b.model.solved() {
			return &stop{Stalled, fmt.Sprintf("The oracle has no finite gradient within %v of the point.", float64(testRadius*b.Step))}
		}
		return b.stalled(b.model.certificate(b.at.x))
	}
	_, err := b.pair(func(*point) bool { return true })
	return err
}

// pair asks at x ± u for a random u and learns from those points that the test picks, if any.
func (b *bundled) pair(pick func(z *point) bool) (bool, error) {
	centre, u := b.at.x, make([]float64, len(b.at.x))
	random.Ball(u, resolvable(centre, b.radius), b.rng)
	learnt := false
	for _, sign := range []float64{1, -1} {
		z := newPoint(len(u))
		move(z.x, centre, sign, u)
		if err := z.ask(b.run); err != nil {
			return learnt, err
		}
		if !math.IsInf(z.f, 1) && pick(z) {
			b.learn(z)
			learnt = true
		}
	}
	if !learnt {
		return false, nil
	}
	b.nulls = 0
	b.radius /= 2
	return true, b.accept(b.at.x, b.at.f)
}

// learn drops the cuts that z refutes, adds its own and moves there if it is lower.
func (b *bundled) learn(z *point) {
	b.model.refute(z, b.slack())
	if z.f < b.at.f {
		b.at = z
		b.model.centre(z)
	}
	b.model.add(z, b.at)
}
