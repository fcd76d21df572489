package sgd

import (
	"context"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/expr/random"
)

// Neighbourhood says where gradients are sampled: at Points points, independent
// and uniform in the ball of the given Radius around the parameters, which are
// taken as one vector.
type Neighbourhood struct {
	Radius float64 // above 0, in the units of the parameters
	Points int     // at least 1
}

// Criticality samples gradients of the mean loss in a neighbourhood of its
// parameters and returns the point of smallest norm in their hull; its Norm is
// the sampled distance to criticality.
//
// A locally Lipschitz tame loss is differentiable with probability 1 where it
// is sampled, whatever the wiring, so the hull lies in the Goldstein
// subdifferential ∂_r J(θ), and Norm bounds dist(0, ∂_r J(θ)) from above; it goes
// there as Points → ∞ (Burke, Lewis and Overton, SIAM J. Optim. 15, 2005). The
// gradient at θ itself is left out: at a kink the selection may be no element of
// ∂J. Gradients are those of the full loss: those of minibatches belong to other
// functions.
//
// The parameters of o are restored. The error is a *ConfigError for bad
// arguments, or that of [Objective.Evaluate].
func (o *Objective) Criticality(ctx context.Context, n Neighbourhood, src rand.Source) (convex.MinNormPoint, error) {
	if !(n.Radius > 0) || !finite(n.Radius) || n.Points < 1 || src == nil {
		return convex.MinNormPoint{}, configError("Neighbourhood", "radius %v and %d points; a positive finite radius, at least one point and a source are needed", n.Radius, n.Points)
	}
	centre := flat(o.params, func(p Param) []float64 { return p.Value })
	defer o.moveTo(centre, nil)
	rng, shift := rand.New(src), make([]float64, len(centre))
	gradients := make([][]float64, n.Points)
	for i := range gradients {
		random.Ball(shift, n.Radius, rng)
		o.moveTo(centre, shift)
		if _, err := o.Evaluate(ctx); err != nil {
			return convex.MinNormPoint{}, err
		}
		gradients[i] = flat(o.params, func(p Param) []float64 { return p.Grad })
	}
	return convex.MinNorm(gradients)
}

// flat joins one array of each parameter.
func flat(params []Param, part func(Param) []float64) []float64 {
	var out []float64
	for _, p := range params {
		out = append(out, part(p)...)
	}
	return out
}

// moveTo sets the parameters to centre + shift; a nil shift is 0.
func (o *Objective) moveTo(centre, shift []float64) {
	for _, p := range o.params {
		centre = centre[copy(p.Value, centre):]
		if shift != nil {
			for j := range p.Value {
				p.Value[j] += shift[j]
			}
			shift = shift[len(p.Value):]
		}
	}
}
