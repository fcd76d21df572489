package stochastic

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// fromLimit is the distance ρ^{2k} to the stationary variance, relative to it, at which it is measured.
const fromLimit = 1e-9

// chains runs independent chains x ← x − α(Lx + σξ) from 0 with α = u/L and returns the mean
// of x² over the late half of each.
func chains(ctx context.Context, c *claim.Context, u float64) ([]float64, error) {
	l, n := c.Float("lipschitz"), c.Int("chains")
	p := problem{text: "mean(l * dot(theta, theta)) / 2", dim: n, rows: 1, columns: []column{{"l", 0, []float64{l}}}}
	g, err := p.gradient(1)
	if err != nil {
		return nil, err
	}
	rng := c.Rand(claim.At("stream", "noise"), claim.At("relative step", u))
	x, noise, sum := make([]float64, n), make([]float64, n), make([]float64, n)
	burn := mixing(u)
	for k := range 2 * burn {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		_, slope, err := g.at(x, []int{0})
		if err != nil {
			return nil, err
		}
		random.Normals(noise, c.Float("sigma"), rng)
		for i := range x {
			x[i] -= float64(u / l * (slope[i] + noise[i]))
			if k >= burn {
				sum[i] += float64(x[i] * x[i])
			}
		}
	}
	for i := range sum {
		sum[i] /= float64(burn)
	}
	return sum, nil
}

// mixing is the number of steps after which ρ^{2k} ≤ fromLimit, ρ = 1 − u.
func mixing(u float64) int {
	rho := math.Abs(1 - u)
	if rho == 0 {
		return 1
	}
	return max(1, int(math.Ceil(kernel.Log(fromLimit)/(2*kernel.Log(rho)))))
}
