package deep

import (
	"cmp"
	"context"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// widePath is a training.
type widePath struct {
	losses []float64
	moved  float64 // how far the unit that moves most is from its start
	slides int     // pairs of a unit and a row that stay at the kink
	flips  int     // other pairs that are not the same at the end as when the rate is first taken
	least  float64 // eigenvalue of the kernel at the end, units at kinks projected
}

// watched is how many steps after the training tell which units stay at kinks.
const watched = 1000

func (w *wide) descend(ctx context.Context, eta float64) (p widePath, err error) {
	start(w.o, w.initial)
	steps := int(16 / float64(w.eta*w.lambda))
	var before []bool
	var failed error
	err = descend(ctx, w.o, sgd.SGD{}, eta, steps, func(k int, loss float64) bool {
		p.losses = append(p.losses, loss)
		if k == p.late(steps) {
			before, failed = w.pattern()
		}
		return failed == nil
	})
	if err != nil || failed != nil {
		return p, cmp.Or(err, failed)
	}
	after, err := w.pattern()
	if err != nil {
		return p, err
	}
	w.moved(&p)
	k, slides, err := w.slidingKernel(ctx, eta)
	if err != nil {
		return p, err
	}
	lambda, err := eigenvalues(len(w.y), k)
	if err != nil {
		return p, err
	}
	for pair, slide := range slides {
		switch {
		case slide:
			p.slides++
		case before[pair] != after[pair]:
			p.flips++
		}
	}
	p.least = lambda[0]
	return p, nil
}

// late is the step from which on the rate in the end is taken.
func (widePath) late(last int) int { return last * 3 / 4 }

// pattern tells of each pair of a row and a unit whether the output depends on the unit.
func (w *wide) pattern() ([]bool, error) {
	_, jacobian, err := w.t.at(w.o)
	active := make([]bool, len(w.y)*w.width)
	for pair := range active {
		active[pair] = err == nil && w.nonzero(jacobian, pair/w.width, pair%w.width)
	}
	return active, err
}

// moved measures the unit that has moved most.
func (w *wide) moved(p *widePath) {
	now, before := w.o.Params()[0].Value, w.initial[firstWeights]
	for r := range w.width {
		square := 0.0
		for i := r; i < len(now); i += w.width {
			square += float64((now[i] - before[i]) * (now[i] - before[i]))
		}
		p.moved = max(p.moved, math.Sqrt(square))
	}
}

// slidingKernel makes more steps and returns the kernel of the limit in continuous time, with
// the pairs of a row and a unit that stay at the kink.
func (w *wide) slidingKernel(ctx context.Context, eta float64) ([]float64, []bool, error) {
	n, m := len(w.y), w.width
	var jacobian []float64
	active, changes := make([]bool, n*m), make([]int, n*m)
	var failed error
	err := descend(ctx, w.o, sgd.SGD{}, eta, watched, func(k int, _ float64) bool {
		if _, jacobian, failed = w.t.at(w.o); failed != nil {
			return false
		}
		for pair := range active {
			now := w.nonzero(jacobian, pair/m, pair%m)
			if k > 0 && now != active[pair] {
				changes[pair]++
			}
			active[pair] = now
		}
		return true
	})
	if err != nil || failed != nil {
		return nil, nil, cmp.Or(err, failed)
	}
	slides := make([]bool, n*m)
	for r := range m {
		var at [][]float64 // orthonormal, of the inputs at whose kink the unit is
		for i := range n {
			if slides[i*m+r] = changes[i*m+r] >= 2; slides[i*m+r] { // there and back
				at = orthonormal(at, w.input(i))
			}
		}
		for i := range n {
			w.project(jacobian, i, r, at, slides[i*m+r])
		}
	}
	return w.t.kernel(jacobian), slides, nil
}

func (w *wide) input(i int) []float64 {
	d := len(w.x) / len(w.y)
	return w.x[i*d : (i+1)*d]
}

// nonzero tells whether an output depends on a unit.
func (w *wide) nonzero(jacobian []float64, row, unit int) bool {
	for i := unit; i < w.t.size; i += w.width {
		if jacobian[row*w.t.size+i] != 0 {
			return true
		}
	}
	return false
}

// project makes the gradient of an output with respect to a unit orthogonal to directions in
// which the unit cannot move, or 0 if the unit stays at the row's kink.
func (w *wide) project(jacobian []float64, row, unit int, at [][]float64, slides bool) {
	if len(at) == 0 {
		return
	}
	g := make([]float64, len(w.input(0)))
	for i := range g {
		if !slides {
			g[i] = jacobian[row*w.t.size+i*w.width+unit]
		}
	}
	g = orthogonal(g, at)
	for i, v := range g {
		jacobian[row*w.t.size+i*w.width+unit] = v
	}
}

// orthogonal returns the part of v orthogonal to orthonormal vectors.
func orthogonal(v []float64, to [][]float64) []float64 {
	out := append([]float64{}, v...)
	for _, u := range to {
		c := dot(out, u)
		for i := range out {
			out[i] -= float64(c * u[i])
		}
	}
	return out
}

// orthonormal adds the direction of v.
func orthonormal(to [][]float64, v []float64) [][]float64 {
	out := orthogonal(v, to)
	norm := kernel.Norm(out)
	for i := range out {
		out[i] /= norm
	}
	return append(to, out)
}

// stochastic is the loss after epochs of SGD with single rows, in units of the bound.
func (w *wide) stochastic(ctx context.Context, c *claim.Context, eta float64, epochs int) (float64, error) {
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: len(w.y), Batch: 1}, c.Source(claim.At("stream", "sgd")))
	if err != nil {
		return 0, err
	}
	trainer, err := sgd.NewTrainer(sgd.Config{
		Model: w.net.Objective, Data: w.data(), Wiring: ad.AtKink(0), Method: sgd.SGD{}, Schedule: sgd.Constant(eta),
		Sampler: sampler, Initial: w.initial, Workers: 1,
	})
	if err != nil {
		return 0, err
	}
	if _, err = trainer.Run(ctx, sgd.Plan{Epochs: epochs}); err != nil {
		return 0, err
	}
	start(w.o, w.initial)
	first, err := w.o.Evaluate(ctx)
	if err != nil {
		return 0, err
	}
	if err := w.o.Set(trainer.Params()); err != nil {
		return 0, err
	}
	last, err := w.o.Evaluate(ctx)
	return last / first / kernel.Pow(w.factor(), float64(epochs)), err
}
