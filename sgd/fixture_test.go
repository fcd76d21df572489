package sgd_test

import (
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// squares is the mean of ½‖θ − a‖² over rows a of two numbers.
func squares(batch int) (*expr.Func, error) {
	g := expr.NewGraph()
	theta, a := g.Param("theta", 2), g.Data("a", batch, 2)
	d := expr.Sub(theta, a)
	return g.Func(expr.In(theta, a), expr.Out(expr.Scale(0.5, expr.Mean(expr.Dot(d, d)))))
}

// medians is the mean of |θ − a| over numbers a.
func medians(batch int) (*expr.Func, error) {
	g := expr.NewGraph()
	theta, a := g.Param("theta"), g.Data("a", batch)
	return g.Func(expr.In(theta, a), expr.Out(expr.Mean(expr.Abs(expr.Sub(theta, a)))))
}

// column returns data with the one column a of the given width.
func column(width int, values ...float64) sgd.Data {
	return sgd.Data{Rows: len(values) / width, Columns: map[string][]float64{"a": values}}
}

// config is plain SGD on the fixtures, rows in their order.
func config(t require.TestingT, model sgd.Model, data sgd.Data, batch int, theta ...float64) sgd.Config {
	s, err := sgd.NewSampler(sgd.Sampling{Rows: data.Rows, Batch: batch, Order: sgd.Incremental}, nil)
	require.NoError(t, err)
	return sgd.Config{
		Model: model, Data: data, Wiring: ad.AtKink(0), Method: sgd.SGD{}, Schedule: sgd.Constant(0.5),
		Sampler: s, Initial: map[string][]float64{"theta": theta},
	}
}

func trainer(t require.TestingT, c sgd.Config) *sgd.Trainer {
	out, err := sgd.NewTrainer(c)
	require.NoError(t, err)
	return out
}

// gaussian draws n numbers.
func gaussian(n int, seed uint64) []float64 {
	rng, out := rand.New(rand.NewPCG(seed, 0)), make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return out
}
