package critical

import (
	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/sgd"
)

// stepProgram returns one step of the recursion as a program in its own right,
//
//	(x, α) ↦ x − α·v(x),
//
// where v is what backpropagation through f returns, wired by w. It can be run
// in rationals and in any precision. f has one scalar input.
func stepProgram(f *expr.Func, w ad.Wiring) (*expr.Func, error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, w); err != nil {
		return nil, err
	}
	x, v := g.In()[0], g.Out()[1]
	alpha := g.Graph().Data("alpha")
	next := expr.Sub(x, expr.Mul(alpha, v))
	return g.Graph().Func(expr.In(x, alpha), expr.Out(next))
}

// descent is the trainer of a scalar program without data, so that an epoch is a
// step.
func descent(text string, from float64, rates sgd.Schedule, w ad.Wiring) (*sgd.Trainer, error) {
	f, err := parse.Parse(text)
	if err != nil {
		return nil, err
	}
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: 1, Batch: 1, Order: sgd.Incremental}, nil)
	if err != nil {
		return nil, err
	}
	return sgd.NewTrainer(sgd.Config{
		Model: func(int) (*expr.Func, error) { return f, nil }, Data: sgd.Data{Rows: 1}, Wiring: w,
		Method: sgd.SGD{}, Schedule: rates, Sampler: sampler, Initial: map[string][]float64{"x": {from}},
	})
}
