package sgd

import (
	"context"

	"github.com/tamegrad/tamegrad/ad"
)

// Objective is the mean loss over all rows of the data and its gradient, which
// is the mean of the component gradients that the wiring selects. It is not
// safe for concurrent use.
type Objective struct {
	programs []*program // for chunks of rows, and for the rest
	rows     []int      // 0, 1, …
	params   []Param
}

// chunkRows is how many rows an Objective computes at once: enough for matrix
// products, few enough that intermediates of small networks stay in cache.
const chunkRows = 256

// NewObjective compiles the model for the data. The parameters are 0 at first;
// set them through Params. The error is a *ConfigError.
func NewObjective(model Model, data Data, wiring ad.Wiring) (*Objective, error) {
	if data.Rows < 1 {
		return nil, configError("Data", "there are no rows")
	}
	chunk := min(chunkRows, data.Rows)
	sizes := []int{chunk}
	if rest := data.Rows % chunk; rest != 0 {
		sizes = append(sizes, rest)
	}
	programs, err := blueprint{model: model, from: inputs{data: data}, wiring: wiring}.compileSizes(sizes)
	if err != nil {
		return nil, err
	}
	o := &Objective{programs: programs, rows: allRows(data.Rows)}
	for _, p := range programs[0].own {
		o.params = append(o.params, Param{Name: p.Name, Shape: p.Shape, Value: p.Value, Grad: make([]float64, len(p.Value))})
	}
	return o, nil
}

// Params returns the parameters: write Value, then Evaluate, then read Grad.
func (o *Objective) Params() []Param { return o.params }

// Size returns the number of parameters.
func (o *Objective) Size() int { return sizeOf(o.params) }

// Set copies parameter values in, such as those of [Trainer.Params]. The error
// is a *ConfigError if names or sizes differ.
func (o *Objective) Set(params []Param) error { return setParams(o.params, params) }

// Evaluate returns the mean loss at the values of Params and writes its
// gradient to their Grad. It allocates nothing. Rows are added up in their
// order, so the result is always the same. The error is ctx's, a
// *DivergedError or a *vm.NaNError.
func (o *Objective) Evaluate(ctx context.Context) (float64, error) {
	loss := 0.0
	for _, p := range o.params {
		clear(p.Grad)
	}
	for rest := o.rows; len(rest) > 0; {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		p := o.programs[0]
		if len(rest) < p.batch {
			p = o.programs[1]
		}
		l, err := p.run(0, rest[:p.batch])
		if err != nil {
			return 0, err
		}
		share := float64(p.batch) / float64(len(o.rows))
		loss += float64(share * l)
		o.add(share, p)
		rest = rest[p.batch:]
	}
	return loss, nil
}

// add adds share times the gradients of p.
func (o *Objective) add(share float64, p *program) {
	for i, q := range o.params {
		for j, g := range p.own[i].Grad {
			q.Grad[j] += float64(share * g)
		}
	}
}
