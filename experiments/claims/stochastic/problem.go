package stochastic

import (
	"context"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
)

// problem is a finite sum J = (J₁ + … + Jₙ)/n of losses in the parameter theta.
type problem struct {
	text    string // the mean loss of a minibatch, as parse reads it
	dim     int    // extent of theta
	rows    int    // n
	columns []column
}

// column is one input of the data: n rows of width numbers, or n numbers if width is 0.
type column struct {
	name   string
	width  int
	values []float64
}

// centres are the terms of an isotropic quadratic, Jᵢ = ½L‖θ − aᵢ‖² with L = lipschitz, the
// points aᵢ given row by row.
func centres(dim int, lipschitz float64, points []float64) problem {
	l := make([]float64, len(points)/dim)
	for i := range l {
		l[i] = lipschitz
	}
	return problem{
		text: "mean(l * dot(theta - a, theta - a)) / 2", dim: dim, rows: len(l),
		columns: []column{{"l", 0, l}, {"a", dim, points}},
	}
}

// model is the problem as package sgd takes it.
func (p problem) model(batch int) (*expr.Func, error) {
	in := []parse.Input{{Name: "theta", Dims: []int{p.dim}, Role: expr.Parameter}}
	for _, c := range p.columns {
		dims := []int{batch}
		if c.width > 0 {
			dims = append(dims, c.width)
		}
		in = append(in, parse.Input{Name: c.name, Dims: dims, Role: expr.Datum})
	}
	return parse.Parse(p.text, parse.Inputs(in...))
}

func (p problem) data() sgd.Data {
	d := sgd.Data{Rows: p.rows, Columns: map[string][]float64{}}
	for _, c := range p.columns {
		d.Columns[c.name] = c.values
	}
	return d
}

// trainer is plain SGD with minibatches of one row unless the sampling says otherwise.
func (p problem) trainer(s sgd.Sampling, steps sgd.Schedule, start []float64, src rand.Source) (*sgd.Trainer, error) {
	s.Rows = p.rows
	s.Batch = max(s.Batch, 1)
	sampler, err := sgd.NewSampler(s, src)
	if err != nil {
		return nil, err
	}
	return sgd.NewTrainer(sgd.Config{
		Model: p.model, Data: p.data(), Wiring: ad.AtKink(0), Method: sgd.SGD{},
		Schedule: steps, Sampler: sampler, Initial: map[string][]float64{"theta": start},
	})
}

// gradient evaluates the loss of a minibatch and its gradient in float64.
type gradient struct {
	columns []column
	batch   int
	ws      *vm.Workspace
}

// gradient compiles value and gradient of the loss of a minibatch.
func (p problem) gradient(batch int) (*gradient, error) {
	f, err := p.model(batch)
	if err != nil {
		return nil, err
	}
	return compileGradient(f, p.columns, batch)
}

// compileGradient is for a program whose first inputs are the parameters, and the last ones the columns.
func compileGradient(f *expr.Func, columns []column, batch int) (*gradient, error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, ad.AtKink(0)); err != nil {
		return nil, err
	}
	code, err := vm.Compile(g, vm.Options{})
	if err != nil {
		return nil, err
	}
	return &gradient{columns: columns, batch: batch, ws: code.NewWorkspace()}, nil
}

// at returns the loss of the rows at theta and its gradient, which the next call overwrites.
func (g *gradient) at(theta []float64, rows []int) (float64, []float64, error) {
	copy(g.ws.In(0), theta)
	for i, c := range g.columns {
		w := max(c.width, 1)
		for j, r := range rows {
			copy(g.ws.In(1 + i)[j*w:(j+1)*w], c.values[r*w:(r+1)*w])
		}
	}
	if err := g.ws.Run(); err != nil {
		return 0, nil, err
	}
	return g.ws.Out(0)[0], g.ws.Out(1), nil
}

// all returns the rows 0, …, n − 1.
func (p problem) all() []int {
	rows := make([]int, p.rows)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// eighths draws numbers k/8 with |k| ≤ 8·bound: float64 and rational arithmetic agree on them.
func eighths(n int, bound int64, rng *rand.Rand) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(rng.Int64N(16*bound+1)-8*bound) / 8
	}
	return out
}

// rational returns finite numbers as they are, without rounding.
func rational(v []float64) []*big.Rat {
	out := make([]*big.Rat, len(v))
	for i, x := range v {
		out[i] = new(big.Rat).SetFloat64(x)
	}
	return out
}

// run makes steps until visit returns false. Its errors are those of sgd.Trainer.
func run(ctx context.Context, t *sgd.Trainer, visit func(sgd.Step, []float64) bool) error {
	for step, err := range t.Steps(ctx) {
		if err != nil {
			return err
		}
		if !visit(step, t.Params()[0].Value) {
			return nil
		}
	}
	return nil
}
