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

// interpolated is a run of interpolated normalised gradient descent, of which INGD and Goldstein are
// two kinds. Let g be the shortest vector of the hull of gradients at points within δ of x. If the
// step −δg/‖g‖ decreases f by δ‖g‖/4, it is made. If it does not, then the mean of ⟨∇f, g⟩ on the way is below
// ‖g‖²/4, and a gradient from a random point there makes the hull come nearer to 0, in the mean. Both papers
// take the shortest vector of the segment from g to the new gradient; that of the hull of all is at most
// as long, so that their bounds hold for it.
type interpolated struct {
	*run
	radius, tolerance float64
	kind              interpolation
	at, trial         *point
	hull              cloud // a corral of the shortest vector
	directions        [][]float64
	g                 []float64 // the shortest vector
	norm              float64
	lipschitz         float64 // the length of the longest gradient so far
	rng               *rand.Rand
}

// interpolation is where a method asks for gradients: each function writes a point to trial.x and asks
// for the gradient there, along the direction that it returns, or nil.
type interpolation interface {
	first(i *interpolated) ([]float64, error) // within the radius of at
	next(i *interpolated) ([]float64, error)  // within the radius, near the segment from at along −g
}

const (
	// quarter of δ‖g‖ is the decrease that a step must bring.
	quarter = 0.25
	// idleDraws + idleFactor·L/‖g‖ bounds the draws one after the other that do not shorten g. As the mean of
	// ⟨∇f, g⟩ is at most ‖g‖²/2, a draw shortens g with probability ‖g‖/(4L) or more (Markov), so that the bound
	// is met by chance with probability e⁻²⁰.
	idleDraws  = 1000
	idleFactor = 80
	// mostUndefined bounds draws without a finite gradient, one after the other.
	mostUndefined = 100
)

// minimize runs a kind of interpolation, for which kind, radius, tolerance and rng are set.
func (i *interpolated) minimize(ctx context.Context, method string, f Oracle, start []float64, l Limits) (*Result, error) {
	defaultTo(&i.radius, 1e-3)
	defaultTo(&i.tolerance, 1e-3)
	r, at, err := begin(ctx, method, f, start, l)
	if err != nil {
		return r.end(err)
	}
	i.run, i.at, i.trial = r, at, newPoint(len(start))
	result, err := r.end(i.iterate())
	if err == nil && len(result.Certificate.Points) == 0 {
		err = i.conclude()
	}
	return result, err
}

func (i *interpolated) iterate() error {
	for {
		i.hull, i.directions = cloud{}, nil
		for idle := 0.0; ; {
			shorter, err := i.draw()
			if err == nil && shorter {
				idle = 0
				var moved bool
				if moved, err = i.step(); err == nil && moved {
					break
				}
			}
			if err != nil {
				return err
			}
			if idle++; idle > idleDraws+idleFactor*i.lipschitz/i.norm {
				return i.idle(idle)
			}
		}
	}
}

// draw adds a gradient and says whether the hull came nearer to 0 by it.
func (i *interpolated) draw() (bool, error) {
	ask := i.kind.next
	if len(i.hull.points) == 0 {
		ask = i.kind.first
	}
	for range mostUndefined {
		d, err := ask(i)
		if err != nil {
			return false, err
		}
		if i.trial.differentiable() {
			i.hull.add(i.trial.x, i.trial.gradient)
			i.directions = append(i.directions, d)
			return i.shorten()
		}
	}
	return false, &stop{Stalled, fmt.Sprintf("There is no finite gradient at %d points within %v of the point, itself left out; if there are some, choose a larger radius.", mostUndefined, i.radius)}
}

// shorten finds g after a gradient was added, and drops the gradients that it does not need.
func (i *interpolated) shorten() (bool, error) {
	last := len(i.hull.points) - 1
	i.lipschitz = max(i.lipschitz, kernel.Norm(i.hull.gradients[last]))
	m, err := convex.MinNormContext(i.ctx, i.hull.gradients)
	if err != nil && i.ctx.Err() != nil {
		return false, i.allow(0)
	}
	if err != nil {
		return false, err
	}
	var kept cloud
	var directions [][]float64
	shorter := false
	for _, k := range m.Support {
		kept.points, kept.gradients = append(kept.points, i.hull.points[k]), append(kept.gradients, i.hull.gradients[k])
		directions = append(directions, i.directions[k])
		shorter = shorter || k == last
	}
	i.hull, i.directions, i.g, i.norm = kept, directions, m.Point, m.Norm
	return shorter, nil
}

// step ends the run if g is short enough, or else moves if that decreases f enough.
func (i *interpolated) step() (bool, error) {
	if i.norm <= i.tolerance {
		c, err := certifyAlong(i.at.x, i.hull.points, i.hull.gradients, i.directions)
		if err != nil {
			return false, err
		}
		return false, i.stationary(c)
	}
	i.towards(i.g, 1)
	if !i.trial.differs(i.at) {
		return false, &stop{Stalled, fmt.Sprintf("A step of length %v does not change the point; choose a larger radius.", i.radius)}
	}
	if !finite(i.trial.x) {
		return false, nil
	}
	f, err := i.run.at(i.trial.x, nil)
	if err != nil || !(f <= i.at.f-float64(float64(quarter*i.radius)*i.norm)) || f == i.at.f {
		return false, err
	}
	i.at, i.trial = i.trial, i.at
	i.at.f = f
	return true, i.accept(i.at.x, f)
}

// towards puts the trial at the fraction t of the step against v.
func (i *interpolated) towards(v []float64, t float64) {
	norm := kernel.Norm(v)
	for j, x := range i.at.x {
		i.trial.x[j] = x - float64(float64(t*i.radius)*(v[j]/norm))
	}
}

// around puts the trial at a random point of the ball around at, and asks for its gradient.
func (i *interpolated) around() error {
	random.Ball(i.trial.x, i.radius, i.rng)
	move(i.trial.x, i.trial.x, 1, i.at.x)
	return i.ask()
}

// ask asks for the gradient at the trial, unless that is at itself, where the oracle may stand on a kink.
func (i *interpolated) ask() error {
	if !i.trial.differs(i.at) {
		i.trial.gradient[0] = math.NaN()
		return i.allow(0)
	}
	return i.trial.ask(i.run)
}

// idle is the end of a run that draws in vain.
func (i *interpolated) idle(draws float64) error {
	if err := i.conclude(); err != nil {
		return err
	}
	c := i.result.Certificate
	return &stop{Stalled, fmt.Sprintf("A step does not decrease the value, and %.0f gradients on its way bring the hull no nearer to 0 than %.2g: the oracle's are not those of its values.", draws, c.Distance)}
}

// conclude leaves the certificate that the gradients in hand give.
func (i *interpolated) conclude() error {
	var near cloud
	var directions [][]float64
	for k, p := range i.hull.points {
		if distance(i.result.X, p) <= float64(i.radius*(1+1e-9)) {
			near.points, near.gradients = append(near.points, p), append(near.gradients, i.hull.gradients[k])
			directions = append(directions, i.directions[k])
		}
	}
	if len(near.points) == 0 {
		return nil
	}
	var err error
	i.result.Certificate, err = certifyAlong(i.result.X, near.points, near.gradients, directions)
	return err
}
