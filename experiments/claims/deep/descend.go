package deep

import (
	"context"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// descend makes steps of a method on the mean loss of all rows, from where the objective's
// parameters are, and shows the loss at every iterate, the start and the end included, until
// visit says no.
func descend(ctx context.Context, o *sgd.Objective, m sgd.Method, rate float64, steps int, visit func(k int, loss float64) bool) error {
	state, err := m.Start(o.Params())
	if err != nil {
		return err
	}
	for k := range steps + 1 {
		loss, err := o.Evaluate(ctx)
		if err != nil {
			return err
		}
		if !visit(k, loss) || k == steps {
			return nil
		}
		state.Update(o.Params(), rate)
	}
	return nil
}

// start writes initial values, by name, to the parameters.
func start(o *sgd.Objective, initial map[string][]float64) {
	for _, p := range o.Params() {
		copy(p.Value, initial[p.Name])
	}
}

// named returns a parameter.
func named(o *sgd.Objective, name string) sgd.Param {
	for _, p := range o.Params() {
		if p.Name == name {
			return p
		}
	}
	return sgd.Param{}
}

// lastIterate trains the one parameter of a model by plain SGD with all rows in each step;
// masks and the like are drawn from rng.
func lastIterate(c sgd.Config, steps int, rng *rand.Rand) ([]float64, error) {
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: c.Data.Rows, Batch: c.Data.Rows}, rng)
	if err != nil {
		return nil, err
	}
	c.Sampler, c.Method, c.Wiring, c.Seed, c.Workers = sampler, sgd.SGD{}, ad.AtKink(0), rng.Uint64(), 1
	trainer, err := sgd.NewTrainer(c)
	if err != nil {
		return nil, err
	}
	for range steps {
		if _, err := trainer.Next(); err != nil {
			return nil, err
		}
	}
	return trainer.Params()[0].Value, nil
}

func dot(u, v []float64) (sum float64) {
	for i, x := range u {
		sum += float64(x * v[i])
	}
	return sum
}

// projection is the coefficient of w's projection on v.
func projection(w, v []float64) float64 { return dot(w, v) / dot(v, v) }

func distance(u, v []float64) float64 {
	d := make([]float64, len(u))
	for i := range d {
		d[i] = u[i] - v[i]
	}
	return kernel.Norm(d)
}
