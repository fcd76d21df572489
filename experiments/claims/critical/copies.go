package critical

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// copies trains independent copies of a small problem side by side: the
// parameter has a row for each copy, and the loss of one row of the data is
//
//	Σ_r f(θ_r) + ⟨ξ_r, θ_r⟩
//
// with fresh noise ξ of mean 0 and variance σ² in every entry. Each step takes
// the next row, so the gradient of each copy is one of f plus independent noise.
type copies struct {
	count, size int
	// sum is Σ_r f(θ_r) for parameters of shape count×size.
	sum   func(theta expr.Node) expr.Node
	noise float64 // σ
	rates sgd.Schedule
	steps int
	start []float64
}

// maxNoise bounds the numbers held at once, 256 MB of them.
const maxNoise = 1 << 25

// model is the loss of one row.
func (p copies) model(batch int) (*expr.Func, error) {
	g := expr.NewGraph()
	theta, xi := g.Param("theta", p.count, p.size), g.Data("xi", batch, p.count, p.size)
	noise := expr.Scale(1/float64(batch), expr.Sum(expr.Mul(xi, theta)))
	return g.Func(expr.In(theta, xi), expr.Out(expr.Add(p.sum(theta), noise)))
}

// run trains; visit sees the parameters after each step, numbered from 1. It
// returns the number of kinks that were met exactly.
func (p copies) run(ctx context.Context, c *claim.Context, axis claim.Axis, visit func(step int, theta []float64)) (kinks int, err error) {
	if numbers := p.steps * p.count * p.size; numbers > maxNoise {
		return 0, fmt.Errorf("%s %s: %d steps of %d copies take %d random numbers, the limit is %d: ask for fewer copies or a shorter run", axis.Name, axis.Value, p.steps, p.count, numbers, maxNoise)
	}
	xi := make([]float64, p.steps*p.count*p.size)
	random.Normals(xi, p.noise, c.Rand(claim.At("stream", "noise"), axis))
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: p.steps, Batch: 1, Order: sgd.Incremental}, nil)
	if err != nil {
		return 0, err
	}
	t, err := sgd.NewTrainer(sgd.Config{
		Model: p.model, Data: sgd.Data{Rows: p.steps, Columns: map[string][]float64{"xi": xi}}, Wiring: ad.AtKink(0),
		Method: sgd.SGD{}, Schedule: p.rates, Sampler: sampler,
		Initial: map[string][]float64{"theta": p.start}, CountKinks: true,
	})
	if err != nil {
		return 0, err
	}
	for step, err := range t.Epochs(ctx, 1) {
		if err != nil {
			return kinks, fmt.Errorf("step %d of %s %s: %w", step.Number, axis.Name, axis.Value, err)
		}
		kinks += step.Kinks
		visit(step.Number+1, t.Params()[0].Value)
	}
	return kinks, ctx.Err()
}
