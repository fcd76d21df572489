package minimisation

import (
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// certified is how far the numbers of a certificate may be off by rounding.
const certified = 1e-9

// recheck holds an answer against the definition of (δ, ε)-stationary, from its points, weights and directions
// alone: the gradients are asked anew from an oracle that the method has not seen, and added up here. The error says
// what does not hold.
func recheck(fresh descent.DirectionalOracle, r *descent.Result, delta, epsilon float64) error {
	c := r.Certificate
	if r.Status != descent.Stationary {
		return fmt.Errorf("the run ended as %s", r.Status)
	}
	if len(c.Points) == 0 || len(c.Weights) != len(c.Points) {
		return fmt.Errorf("there are %d points and %d weights", len(c.Points), len(c.Weights))
	}
	sum, total, g := make([]float64, len(r.X)), 0.0, make([]float64, len(r.X))
	for i, y := range c.Points {
		if far := distance(r.X, y); !(far <= delta*(1+certified)) {
			return fmt.Errorf("point %d is at distance %v", i, far)
		}
		if !(c.Weights[i] >= 0) {
			return fmt.Errorf("weight %d is %v", i, c.Weights[i])
		}
		if err := gradient(fresh, c, i, g); err != nil {
			return err
		}
		total += c.Weights[i]
		for j := range sum {
			sum[j] += float64(c.Weights[i] * g[j])
		}
	}
	if !(math.Abs(total-1) <= certified) {
		return fmt.Errorf("the weights add up to %v", total)
	}
	if length := kernel.Norm(sum); !(length <= epsilon*(1+certified)) {
		return fmt.Errorf("the combination has the length %v", length)
	}
	return c.Check(fresh, r.X, certified)
}

// gradient asks for gradient i of a certificate.
func gradient(f descent.DirectionalOracle, c descent.Certificate, i int, g []float64) error {
	var err error
	if c.Directions != nil && c.Directions[i] != nil {
		_, err = f.EvaluateAlong(c.Points[i], c.Directions[i], g)
	} else {
		_, err = f.Evaluate(c.Points[i], g)
	}
	return err
}
