package deep

import (
	"cmp"
	"context"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// lazyRuns trains networks on one sample.
type lazyRuns struct {
	*sample
	kind
	rate float64 // below the inverse of the kernel's trace, about
}

// widthRuns has relative changes of each run, by width, and the largest output at a start.
type widthRuns struct {
	sizes            []float64
	weights, kernels [][]float64
	outputs          float64
}

func (l *lazyRuns) byWidth(ctx context.Context, c *claim.Context) (*widthRuns, error) {
	out, runs := &widthRuns{}, c.Int("runs")
	widths := c.Ints("widths")
	for _, m := range widths {
		out.sizes = append(out.sizes, float64(m))
		out.weights, out.kernels = append(out.weights, make([]float64, runs)), append(out.kernels, make([]float64, runs))
	}
	outputs := make([]float64, len(widths)*runs)
	err := c.Each(ctx, len(outputs), func(ctx context.Context, at int) error {
		i, j := at/runs, at%runs
		r, err := l.newRun(widths[i], 1, l.kind)
		if err != nil {
			return err
		}
		if err := r.draw(c.Source(claim.At("stream", "width"), claim.At("width", widths[i]), claim.At("run", j))); err != nil {
			return err
		}
		f, jacobian, err := r.tangent.at(r.o)
		if err != nil {
			return err
		}
		for _, v := range f {
			outputs[at] = max(outputs[at], math.Abs(v))
		}
		before := r.tangent.kernel(jacobian)
		if err := r.train(ctx, l.rate, c.Int("steps")); err != nil {
			return err
		}
		if _, jacobian, err = r.tangent.at(r.o); err != nil {
			return err
		}
		out.weights[i][j] = r.moved(0) / kernel.Norm(r.first[0])
		out.kernels[i][j] = distance(r.tangent.kernel(jacobian), before) / kernel.Norm(before)
		return nil
	})
	for _, v := range outputs {
		out.outputs = max(out.outputs, v)
	}
	return out, err
}

// scaleRuns has distances of each run, by α.
type scaleRuns struct {
	sizes         []float64
	moved, errors [][]float64
	limit         float64
}

func (l *lazyRuns) byScale(ctx context.Context, c *claim.Context, name string, runs int) (*scaleRuns, error) {
	out := &scaleRuns{sizes: c.Floats("alphas")}
	for range out.sizes {
		out.moved, out.errors = append(out.moved, make([]float64, runs)), append(out.errors, make([]float64, runs))
	}
	ratios := make([]float64, runs)
	err := c.Each(ctx, runs, func(ctx context.Context, j int) error {
		for i, alpha := range out.sizes {
			r, err := l.newRun(c.Int("width"), alpha, l.kind)
			if err != nil {
				return err
			}
			// The same weights for all α.
			if err := r.draw(c.Source(claim.At("stream", "scale"), claim.At("kind", name), claim.At("run", j))); err != nil {
				return err
			}
			outputs, length, err := l.linearised(ctx, r, c.Int("steps"))
			if err != nil {
				return err
			}
			if out.errors[i][j], err = l.worst(ctx, r, alpha, outputs); err != nil {
				return err
			}
			out.moved[i][j] = kernel.Norm([]float64{r.moved(0), r.moved(1)})
			ratios[j] = alpha * out.moved[i][j] / length // in the end that of the largest α
		}
		return nil
	})
	out.limit = meanOf(ratios)
	return out, err
}

// linearised trains the model θ ↦ J(θ − θ₀) with α = 1, which only scales θ, and returns its
// outputs for all steps and ‖θ − θ₀‖ in the end.
func (l *lazyRuns) linearised(ctx context.Context, r *twoLayerRun, steps int) (outputs [][]float64, length float64, err error) {
	_, jacobian, err := r.tangent.at(r.o)
	if err != nil {
		return nil, 0, err
	}
	features := append([]float64{}, jacobian...)
	size := r.tangent.size
	data := sgd.Data{Rows: l.n, Columns: map[string][]float64{network.Inputs: features, network.Targets: l.y}}
	o, err := sgd.NewObjective(linear(size, halfSum).Objective, data, ad.AtKink(0))
	if err != nil {
		return nil, 0, err
	}
	theta := o.Params()[0].Value
	err = descend(ctx, o, sgd.SGD{}, l.rate, steps, func(int, float64) bool {
		u := make([]float64, l.n)
		for i := range u {
			u[i] = dot(features[i*size:(i+1)*size], theta)
		}
		outputs = append(outputs, u)
		return true
	})
	return outputs, kernel.Norm(theta), err
}

// compared is how many steps are from one comparison of outputs to the next.
const compared = 5

// worst trains the network on y and returns the largest distance of α(f − f₀) from other outputs.
func (l *lazyRuns) worst(ctx context.Context, r *twoLayerRun, alpha float64, outputs [][]float64) (worst float64, err error) {
	f, _, err := r.tangent.at(r.o)
	if err != nil {
		return 0, err
	}
	before := append([]float64{}, f...)
	for i, v := range before {
		r.targets[i] = l.y[i] + float64(alpha*v)
	}
	var failed error
	err = descend(ctx, r.o, sgd.SGD{}, l.rate, len(outputs)-1, func(k int, _ float64) bool {
		if k%compared != 0 {
			return true
		}
		if f, _, failed = r.tangent.at(r.o); failed != nil {
			return false
		}
		u := make([]float64, len(f))
		for i, v := range f {
			u[i] = alpha * (v - before[i])
		}
		worst = max(worst, distance(u, outputs[k]))
		return true
	})
	return worst, cmp.Or(err, failed)
}
