package descent

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
)

// BFGS is the quasi-Newton method with a weak Wolfe line search of A. Lewis and M. Overton
// ("Nonsmooth optimization via quasi-Newton methods", Math. Programming 141, 2013). No theory says that
// it converges for nonsmooth functions, and in practice nothing that asks for gradients only is faster.
//
// The run ends as stationary if gradients near the last point have nearly 0 in their hull: those at recent
// points of the run (F. Curtis, T. Mitchell and M. Overton, "A BFGS-SQP method for nonsmooth,
// nonconvex, constrained optimization", Optim. Methods Softw. 32, 2017) and at points drawn to
// confirm it, never that at the last point itself. While steps still decrease f the gradients must be
// from within 10⁻⁴ times Radius, since the error of f may be as large as that distance times a Lipschitz
// constant; once none does, from within Radius. The run ends as stalled if a step along the shortest
// vector of the hull does not help either.
type BFGS struct {
	Memory    int     // pairs of the limited-memory estimate; 0 means the full matrix, for n ≤ 10,000
	Tolerance float64 // of the certificate's distance; 0 means 1e−6, as in HANSO
	Radius    float64 // of the certificate, in the units of x; 0 means 1e−4, as in PyGRANSO
	Recent    int     // points of either kind in a certificate; 0 means min(100, 2n, n + 10), as in HANSO
	Seed      uint64  // of the points that are drawn
}

const (
	// bfgsStream keeps the draws apart from those of other methods with the same seed.
	bfgsStream = 0x62666773
	// usualRadius is the default of Radius.
	usualRadius = 1e-4
	// earlyFraction of Radius is the radius of a certificate while steps still decrease f.
	earlyFraction = 1e-4
	// mostEscapes bounds the steps along the shortest vector of a hull. Each costs some Recent calls
	// and starts the estimate of the Hessian afresh.
	mostEscapes = 20
	// mostCrawling is how many steps in a row may decrease f without the Wolfe conditions.
	mostCrawling = 5
	// fullMatrix is the largest n for a matrix of n² numbers: 800 MB.
	fullMatrix = 10_000
)

// Name implements Method.
func (BFGS) Name() string { return "bfgs" }

// Minimize implements Method.
func (b BFGS) Minimize(ctx context.Context, f Oracle, start []float64, l Limits) (*Result, error) {
	n := len(start)
	b, err := b.complete(n)
	if err != nil {
		return nil, err
	}
	r, at, err := begin(ctx, b.Name(), f, start, l)
	if err != nil {
		return r.end(err)
	}
	q := &quasiNewton{
		BFGS: b, run: r, at: at, line: newLineSearch(n), h: newMetric(n, b.Memory),
		d: make([]float64, n), s: make([]float64, n), y: make([]float64, n),
		rng: rand.New(rand.NewPCG(b.Seed, bfgsStream)),
	}
	q.recent.add(at.x, at.gradient)
	return r.conclude(q.iterate(), &q.recent, b.Radius)
}

// complete checks the options and puts defaults in place of zeros.
func (b BFGS) complete(n int) (BFGS, error) {
	if err := checkOptions("BFGS", b, float64(b.Memory), b.Tolerance, b.Radius, float64(b.Recent)); err != nil {
		return b, err
	}
	if b.Memory == 0 && n > fullMatrix {
		return b, &InputError{"BFGS.Memory", fmt.Sprintf("the matrix of %d variables is too large; set Memory to 30, say", n)}
	}
	defaultTo(&b.Tolerance, 1e-6)
	defaultTo(&b.Radius, usualRadius)
	defaultTo(&b.Recent, recentPoints(n))
	return b, nil
}

// quasiNewton is a run of BFGS.
type quasiNewton struct {
	BFGS
	*run
	at      *point
	line    *lineSearch
	h       metric
	d, s, y []float64
	recent  cloud
	rng     *rand.Rand
	escapes int
	wait    int // steps until promising looks again

	crawling int // steps in a row without the Wolfe conditions
}

func (q *quasiNewton) iterate() error {
	for {
		promising, err := q.promising()
		if err != nil {
			return err
		}
		if !promising {
			found, err := q.step()
			if err != nil {
				return err
			}
			if q.advances(found) {
				continue
			}
		}
		if err := q.inspect(); err != nil {
			return err
		}
	}
}

// advances says whether steps go on after one of some kind. One without the Wolfe conditions is as short as rounding allows.
// When there are several in a row, the run crawls along a kink that it has met to the last digit.
func (q *quasiNewton) advances(kind found) bool {
	if kind == wolfe {
		q.crawling = 0
		return true
	}
	q.crawling++
	return kind == decrease && q.crawling%mostCrawling != 0
}

// promising says whether the recent gradients nearly have 0 in their hull. A hull of many points costs
// more than a step and changes little in one, so after a no it looks again only once an eighth of
// them is new.
func (q *quasiNewton) promising() (bool, error) {
	if q.wait > 0 {
		q.wait--
		return false, nil
	}
	near := q.recent.near(q.at.x, q.Radius*earlyFraction)
	if len(near.points) == 0 {
		return true, nil // the start has no gradient
	}
	c, err := Certify(q.at.x, near.points, near.gradients)
	if err != nil || c.Distance <= q.Tolerance {
		return true, err
	}
	q.wait = len(near.points) / 8
	return false, nil
}

// step makes a quasi-Newton step, if there is one.
func (q *quasiNewton) step() (found, error) {
	q.h.apply(q.d, q.at.gradient)
	slope := -dot(q.d, q.at.gradient)
	if !(slope < 0) || !finite(q.d) { // rounding has spoilt the estimate
		q.h.reset()
		copy(q.d, q.at.gradient)
		slope = -dot(q.d, q.d)
	}
	scale(q.d, -1, q.d)
	return q.follow(slope)
}

// follow searches along d, where f has the given slope, and moves to what it finds.
func (q *quasiNewton) follow(slope float64) (found, error) {
	kind, err := q.line.search(q.run, q.at, q.d, slope)
	if kind == nothing {
		return nothing, err
	}
	to := q.line.best
	move(q.s, to.x, -1, q.at.x)
	move(q.y, to.gradient, -1, q.at.gradient)
	if sy := dot(q.s, q.y); sy > 0 && !math.IsInf(sy, 1) {
		q.h.update(q.s, q.y)
	}
	q.at, q.line.best = to, q.at
	q.recent.add(to.x, to.gradient)
	q.recent.keep(q.Recent)
	if accepted := q.accept(to.x, to.f); err == nil {
		err = accepted
	}
	return kind, err
}

// inspect looks around a point where the run may end, at radii that grow: it ends the run with a
// certificate, or else makes a step of steepest descent for the hull of the gradients, if that helps.
func (q *quasiNewton) inspect() error {
	var c Certificate
	for radius := q.Radius * earlyFraction; ; radius *= 10 {
		radius = min(radius, q.Radius)
		var err error
		if c, err = q.confirm(q.recent.near(q.at.x, radius), q.at.x, radius, q.Tolerance, q.Recent, q.rng); err != nil {
			return err
		}
		if c.Distance <= q.Tolerance {
			return q.stationary(c)
		}
		if q.escapes < mostEscapes {
			scale(q.d, -1, c.MinNorm)
			if kind, err := q.follow(-float64(c.Distance * c.Distance)); err != nil || kind != nothing {
				q.escapes++
				q.h.reset()
				return err
			}
		}
		if radius == q.Radius {
			return q.stalled(c)
		}
	}
}
