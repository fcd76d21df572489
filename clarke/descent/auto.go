package descent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/random"
)

// Auto is the method for a function of which nothing is known. It takes turns:
//
//  1. BFGS, with the full matrix for n ≤ 1000 and 30 pairs beyond, for three quarters of the calls.
//  2. If f is [Structured] and has at most 200 variables and switches together, Newton's method along the manifold of the
//     kinks near the answer, and BFGS from there, by turns while that helps. BFGS has only the first quarter of the
//     calls then, since it is slow in valleys of kinks. Second derivatives count as a call for each of their rows.
//  3. The same from a point at distance Beside from the answer. A stationary point that is no minimum, say
//     a start at the top of a kink, is seldom found again. While such a run finds a lower value, there
//     is another, up to five, each for at most half of the calls that are left.
//  4. Gradient sampling from the best answer for the rest, unless the answer is certified.
//
// Of two answers the lower one is kept, and if their values agree to 10⁻⁹(1 + |f|), a certified one; its
// certificate passes to the lower one if its gradients are from within 10⁻⁴ of that. The
// run ends as soon as one of its turns finds f unbounded or is interrupted. It is at least twice as
// expensive as BFGS alone.
type Auto struct {
	Beside float64 // in the units of x; 0 means 0.01
	Seed   uint64
}

const (
	autoStream    = 0x6175746f
	mostFull      = 1000 // the largest n whose estimate is a full matrix
	limitedMemory = 30
	mostFollowed  = 200 // the most variables and switches whose second derivatives are asked for
	mostTurns     = 5
	sameValue     = 1e-9 // relative to 1 + |f|
)

// Name implements Method.
func (Auto) Name() string { return "auto" }

// Minimize implements Method.
func (a Auto) Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error) {
	if err := checkOptions("Auto", a, a.Beside); err != nil {
		return nil, err
	}
	defaultTo(&a.Beside, .01)
	defaultTo(&l.Calls, defaultCalls)
	t := &turns{ctx: ctx, f: f, limits: l, calls: l.Calls}
	s := &searches{turns: t, bfgs: BFGS{Seed: a.Seed}}
	if len(start) > mostFull {
		s.bfgs.Memory = limitedMemory
	}
	first := l.Calls - l.Calls/4
	var err error
	if s.manifold, err = newManifold(f, mostFollowed); err != nil {
		return nil, err
	}
	if s.manifold != nil {
		first = l.Calls - 3*(l.Calls/4)
	}
	if _, err := s.from(start, first); err != nil {
		return nil, err
	}
	if err := a.again(s); err != nil {
		return nil, err
	}
	if t.best.Status != Stationary && !t.over() {
		if _, err := t.take(GradientSampling{Seed: a.Seed}, t.best.X, t.calls); err != nil {
			return nil, err
		}
	}
	return t.result(a.Name()), nil
}

// searches are turns of the methods that go downhill fast.
type searches struct {
	*turns
	bfgs     BFGS
	manifold *manifold // or nil
	followed *Result   // the answer that manifold has started from last
}

// from runs BFGS, and follows the manifold of kinks from the best answer while that helps; lower says whether something did.
func (s *searches) from(start []float64, calls int) (lower bool, err error) {
	for {
		helped, err := s.take(s.bfgs, start, calls)
		lower = lower || helped
		if err != nil || s.manifold == nil || s.best == s.followed || s.over() {
			return lower, err
		}
		s.followed = s.best
		helped, err = s.take(s.manifold, s.best.X, s.calls)
		lower = lower || helped
		if err != nil || !helped || s.last.Status == Stationary || s.over() {
			return lower, err
		}
		start, calls = s.best.X, (s.calls+1)/2
	}
}

// again searches from beside the best answer while that helps.
func (a Auto) again(t *searches) error {
	rng := rand.New(rand.NewPCG(a.Seed, autoStream))
	for range mostTurns {
		if t.over() {
			break
		}
		from := make([]float64, len(t.best.X))
		random.Sphere(from, a.Beside, rng)
		move(from, from, 1, t.best.X)
		lower, err := t.from(from, (t.calls+1)/2)
		var outside *InputError
		if errors.As(err, &outside) { // f has no value there
			t.calls--
			continue
		}
		if err != nil {
			return err
		}
		if !lower {
			break
		}
	}
	return nil
}

// turns are runs of several methods on one function within common limits.
type turns struct {
	ctx        context.Context
	f          Oracle
	limits     Limits
	calls      int // that are left
	used       int
	iterations int
	best       *Result
	lowest     *Result // which best is not if that is certified and of nearly the same value
	count      int
	last       *Result
}

// take runs a method and keeps its answer if it is better; lower says whether its value clearly is.
func (t *turns) take(m Method, start []float64, calls int) (lower bool, err error) {
	l := t.limits
	l.Calls = calls
	if l.Iterations > 0 {
		l.Iterations -= t.iterations
	}
	r, err := m.Minimize(t.ctx, t.f, start, l)
	if err != nil {
		return false, err
	}
	t.calls -= r.Calls
	t.used += r.Calls
	t.iterations += r.Iterations
	t.count++
	t.last = r
	if t.lowest == nil || r.F < t.lowest.F {
		t.lowest = r
	}
	if t.best == nil {
		t.best = r
		return true, nil
	}
	margin := float64(sameValue * (1 + math.Abs(t.best.F)))
	lower = r.F < t.best.F-margin
	same := !lower && r.F <= t.best.F+margin
	certified, before := r.Status == Stationary, t.best.Status == Stationary
	if lower || same && (certified && !before || certified == before && r.F < t.best.F) {
		t.best = r
	}
	return lower, nil
}

// over says whether no turn can follow.
func (t *turns) over() bool {
	return t.last.Status == Unbounded || t.last.Status == Interrupted || t.calls <= 0 ||
		t.limits.Iterations > 0 && t.iterations >= t.limits.Iterations
}

// result is the best answer, with what all turns have cost. The last turn says why there is no better
// one, unless its own answer was good but higher.
func (t *turns) result(name string) *Result {
	r := *t.best
	r.Message = fmt.Sprintf("Best of %d %s, by %s. %s", t.count, plural(t.count, "run"), r.Method, r.Message)
	if r.Status != Stationary && t.last != t.best && t.last.Status != Stationary {
		r.Status = t.last.Status
		r.Message += " The last run, by " + t.last.Method + ", ended so: " + t.last.Message
	}
	if low := t.lowest; low.F < r.F && r.Status == Stationary {
		r.lowerTo(low.X, low.F)
	}
	r.Method, r.Calls, r.Iterations = name, t.used, t.iterations
	return &r
}

// lowerTo moves to a lower point if the certificate is about points near that too.
func (r *Result) lowerTo(x []float64, value float64) {
	radius := 0.0
	for _, p := range r.Certificate.Points {
		radius = max(radius, distance(x, p))
	}
	if radius <= usualRadius {
		r.X, r.F, r.Certificate.Radius = x, value, radius
		r.Message += fmt.Sprintf(" The point is a lower one beside, within %.2g of these gradients'.", radius)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
