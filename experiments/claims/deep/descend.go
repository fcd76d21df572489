package deep

import (
	"context"

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
