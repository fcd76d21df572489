package deep

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// meanIterate trains the network with masks drawn and projects its last iterates on that of
// gradient descent on the penalised loss.
func meanIterate(ctx context.Context, c *claim.Context, masks func(keep float64) sgd.Distribution) (claim.Check, []float64, error) {
	rows, columns := c.Int("rows"), c.Int("columns")
	q := newRegression(rows, columns, c.Rand(claim.At("stream", "training")))
	keep := c.Floats("keep")[len(c.Floats("keep"))-1]
	norm := 0.0 // bounds the curvature of the mean loss with any mask
	for _, w := range floats(q.weights) {
		norm += w
	}
	rate := float64(rows) * keep * keep / norm
	limit, err := penalisedIterate(ctx, q, (1-keep)/keep, rate, c.Int("steps"))
	if err != nil {
		return claim.Check{}, nil, err
	}
	projections := make([]float64, c.Int("runs"))
	err = c.Each(ctx, len(projections), func(ctx context.Context, run int) error {
		w, err := droppedIterate(q, keep, masks(keep), rate, c.Int("steps"), c.Rand(claim.At("stream", "masks"), claim.At("run", run)))
		if err == nil {
			projections[run] = projection(w, limit)
		}
		return err
	})
	return claim.Check{
		Label: "iterates", Sentence: "The mean over trainings of the last iterate is that of gradient descent on the penalised loss.", At: map[string]any{"p": keep},
		Predicted: claim.Covered(1, 0.1), Measured: claim.Mean(projections, claim.Alpha),
	}, projections, err
}

// penalisedIterate is an iterate of gradient descent from 0 on half the mean over rows of the
// right side of the formula, the penalty spread over the rows.
func penalisedIterate(ctx context.Context, q *regression, odds, rate float64, steps int) (w []float64, err error) {
	model := func(batch int) (*expr.Func, error) {
		return parsed(fmt.Sprintf("mean((y - dot(x, w))^2 + %v*dot(x*x, w*w)) / 2", odds), parameter("w", q.columns), given("x", batch, q.columns), given("y", batch))
	}
	o, err := sgd.NewObjective(model, q.data(), ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	err = descend(ctx, o, sgd.SGD{}, rate, steps, func(int, float64) bool { return true })
	return o.Params()[0].Value, err
}

func (q *regression) data() sgd.Data {
	return sgd.Data{Rows: q.rows, Columns: map[string][]float64{network.Inputs: floats(q.x), network.Targets: floats(q.y)}}
}

// droppedIterate is one training from 0 with all rows in each step.
func droppedIterate(q *regression, keep float64, masks sgd.Distribution, rate float64, steps int, rng *rand.Rand) ([]float64, error) {
	net := dropoutNetwork(q.columns, keep)
	drawn, err := net.Random()
	if err != nil {
		return nil, err
	}
	for name := range drawn {
		drawn[name] = masks
	}
	return lastIterate(sgd.Config{
		Model: net.Objective, Data: q.data(), Random: drawn, Schedule: sgd.Constant(rate),
		Initial: map[string][]float64{"w1": make([]float64, q.columns)},
	}, steps, rng)
}
