package stochastic

import (
	"context"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/sgd"
)

// startOfRates is the first iterate; the minimiser is 0.
const startOfRates = 1

// rateRun makes runs of all methods on one problem.
type rateRun struct {
	c             *claim.Context
	p             problem
	order         sgd.Order // in the place of reshuffling
	bias          biasEstimate
	with, without sgd.Schedule
}

// one returns the suboptimalities of each method in run i at the powers of 2, from firstBlock on.
func (r rateRun) one(ctx context.Context, i int) ([][]float64, error) {
	loss, err := r.p.suboptimality()
	if err != nil {
		return nil, err
	}
	estimate, err := r.bias(r.p)
	if err != nil {
		return nil, err
	}
	_, ends, err := r.blocks(ctx, sgd.WithReplacement, r.with, "1/k", i)
	if err != nil {
		return nil, err
	}
	averages, _, err := r.blocks(ctx, r.order, r.without, "1/k^s", i)
	if err != nil {
		return nil, err
	}
	out := make([][]float64, 3)
	for b := firstBlock; b < len(ends); b++ {
		m, err := estimate(averages[b])
		if err != nil {
			return nil, err
		}
		for j, x := range []float64{ends[b], averages[b], averages[b] - float64(m*averageStep(r.without, b))} {
			y, err := loss(x)
			if err != nil {
				return nil, err
			}
			out[j] = append(out[j], y)
		}
	}
	return out, nil
}

// blocks returns the averages of the iterates after 2^{b−1} + 1, …, 2^b epochs and the iterates
// after 2^b epochs, for b = 0, 1, ….
func (r rateRun) blocks(ctx context.Context, order sgd.Order, steps sgd.Schedule, name string, i int) (averages, ends []float64, err error) {
	t, err := r.p.trainer(sgd.Sampling{Order: order}, steps, []float64{startOfRates},
		r.c.Source(claim.At("stream", "rows"), claim.At("steps", name), claim.At("run", i)))
	if err != nil {
		return nil, nil, err
	}
	sum, from, until := 0.0, 0, 1
	err = run(ctx, t, func(s sgd.Step, x []float64) bool {
		if s.Gradients%r.p.rows != 0 {
			return true
		}
		sum += x[0]
		if s.Gradients/r.p.rows == until {
			averages, ends = append(averages, sum/float64(until-from)), append(ends, x[0])
			sum, from, until = 0, until, 2*until
		}
		return len(ends) <= r.c.Int("doublings")
	})
	return averages, ends, err
}

// averageStep is the average over block b of the steps that the iterates in it are about to make.
func averageStep(steps sgd.Schedule, b int) float64 {
	sum, from, until := 0.0, 1<<b/2, 1<<b
	for k := from + 1; k <= until; k++ {
		sum += steps.Rate(sgd.Progress{Epoch: k})
	}
	return sum / float64(until-from)
}

// suboptimality returns J(x) − J(0) as a function; 0 is the minimiser.
func (p problem) suboptimality() (func(x float64) (float64, error), error) {
	g, err := p.gradient(p.rows)
	if err != nil {
		return nil, err
	}
	least, _, err := g.at([]float64{0}, p.all())
	return func(x float64) (float64, error) {
		y, _, err := g.at([]float64{x}, p.all())
		return y - least, err
	}, err
}

// biasOf estimates m = −½Σ∇²Jᵢ∇Jᵢ/Σ∇²Jᵢ at a point: reshuffling with step α settles around αm.
func biasOf(p problem) (func(x float64) (float64, error), error) {
	f, err := p.model(1)
	if err != nil {
		return nil, err
	}
	h, err := ad.Hessian(f, ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	code, err := vm.Compile(h, vm.Options{})
	if err != nil {
		return nil, err
	}
	g := &gradient{columns: p.columns, batch: 1, ws: code.NewWorkspace()}
	return func(x float64) (float64, error) {
		along, total := 0.0, 0.0
		for i := range p.rows {
			_, slope, err := g.at([]float64{x}, []int{i})
			if err != nil {
				return 0, err
			}
			hessian := g.ws.Out(2)[0]
			along += float64(hessian * slope[0])
			total += hessian
		}
		return -along / (2 * total), nil
	}, nil
}

func rateFigure(epochs []float64, kinds []rateKind) figure.Figure {
	f := figure.Figure{
		Title:   "Suboptimality over epochs, means over runs",
		Caption: "With replacement even the best steps gain a factor 2 from twice the epochs; without, the average gains more, and more again when its bias is removed. The lines tend to slopes −1, −2s and −2. Dashed: exact moments. Bars are confidence intervals at level 1 − 10⁻⁴.",
		X:       figure.Axis{Label: "epochs k", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "mean of J − J*", Unit: "1", Log: true},
	}
	for i, k := range kinds {
		measured := figure.Series{Name: k.label, Style: figure.Measured, X: epochs, Color: 1 + i}
		for b := range epochs {
			sample := make([]float64, len(k.values))
			for r := range sample {
				sample[r] = k.values[r][b]
			}
			m := claim.Mean(sample, claim.Alpha)
			measured.Y = append(measured.Y, m.Value)
			measured.Lower, measured.Upper = append(measured.Lower, m.Lower), append(measured.Upper, m.Upper)
		}
		f.Series = append(f.Series, measured, figure.Series{
			Name: "exact", Style: figure.Predicted, X: epochs, Y: k.exact[firstBlock : firstBlock+len(epochs)], Color: 1 + i,
		})
	}
	return f
}
