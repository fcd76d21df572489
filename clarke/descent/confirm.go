package descent

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// cloud holds points with finite gradients.
type cloud struct {
	points, gradients [][]float64
}

// add appends copies, unless the gradient is no gradient.
func (c *cloud) add(x, gradient []float64) {
	if finite(gradient) {
		c.points, c.gradients = append(c.points, slices.Clone(x)), append(c.gradients, slices.Clone(gradient))
	}
}

// keep drops all but the last n points.
func (c *cloud) keep(n int) {
	if old := len(c.points) - n; old > 0 {
		c.points, c.gradients = slices.Delete(c.points, 0, old), slices.Delete(c.gradients, 0, old)
	}
}

// near returns the points within the radius of x.
func (c *cloud) near(x []float64, radius float64) *cloud {
	out := &cloud{}
	for i, p := range c.points {
		if distance(x, p) <= radius {
			out.points, out.gradients = append(out.points, p), append(out.gradients, c.gradients[i])
		}
	}
	return out
}

// without returns the points other than x.
func (c *cloud) without(x []float64) *cloud {
	out := &cloud{}
	for i, p := range c.points {
		if !slices.Equal(p, x) {
			out.points, out.gradients = append(out.points, p), append(out.gradients, c.gradients[i])
		}
	}
	return out
}

// confirm returns a certificate of x that does not rest on the oracle's gradient at x, where a kink
// may make it anything: backpropagation returns 0 for relu(x) − relu(−x) at 0, which is x. It uses
// the known points and pairs x ± u, u drawn from the ball of the radius, whose gradients have the mean
// ∇f(x) + O(‖u‖²) where f is smooth. It draws as many as it takes to come below the tolerance: first one
// pair, in the end most points.
func (r *run) confirm(known *cloud, x []float64, radius, tolerance float64, most int, rng *rand.Rand) (Certificate, error) {
	var c Certificate
	all := known.without(x)
	for drawn, want := 0, 2; ; want *= 2 {
		want = min(want, most)
		if err := r.pairs(all, x, radius, want-drawn, rng); err != nil {
			return c, err
		}
		drawn = want
		if len(all.points) > 0 {
			var err error
			if c, err = Certify(x, all.points, all.gradients); err != nil || c.Distance <= tolerance {
				return c, err
			}
		}
		if drawn == most {
			break
		}
	}
	if len(all.points) == 0 {
		return c, &stop{Stalled, fmt.Sprintf("The oracle has no finite gradient within %v of the point.", radius)}
	}
	return c, nil
}

// resolution times ‖x‖ is a distance at which float64 points around x have many directions.
const resolution = 0x1p-46

// resolvable is the radius, or what float64 allows if that is more.
func resolvable(x []float64, radius float64) float64 {
	return max(radius, float64(resolution*kernel.Norm(x)))
}

// pairs adds n points, in pairs opposite to each other.
func (r *run) pairs(to *cloud, x []float64, radius float64, n int, rng *rand.Rand) error {
	points, gradients := make([][]float64, n), make([][]float64, n)
	u := make([]float64, len(x))
	for i := range points {
		points[i], gradients[i] = make([]float64, len(x)), make([]float64, len(x))
		sign := -1.0
		if i%2 == 0 {
			random.Ball(u, resolvable(x, radius), rng)
			sign = 1
		}
		move(points[i], x, sign, u)
	}
	if err := r.all(points, make([]float64, n), gradients); err != nil {
		return err
	}
	for i, p := range points {
		to.add(p, gradients[i])
	}
	return nil
}

// conclude ends a run. Where the method has left no certificate, it is the one of the known points
// within the radius.
func (r *run) conclude(err error, known *cloud, radius float64) (*Result, error) {
	result, err := r.end(err)
	if err != nil || len(result.Certificate.Points) > 0 {
		return result, err
	}
	if near := known.near(result.X, radius); len(near.points) > 0 {
		result.Certificate, err = Certify(result.X, near.points, near.gradients)
	}
	return result, err
}

// stationary is the end of a run with a certificate.
func (r *run) stationary(c Certificate) error {
	r.result.Certificate = c
	return &stop{Stationary, fmt.Sprintf("The hull of gradients within %.2g of the point comes within %.2g of 0.", c.Radius, c.Distance)}
}

// stalled is the end of a run that found no way down.
func (r *run) stalled(c Certificate) error {
	r.result.Certificate = c
	return &stop{Stalled, fmt.Sprintf("No step decreases the value any more; the hull of gradients within %.2g of the point has the distance %.2g from 0.", c.Radius, c.Distance)}
}
