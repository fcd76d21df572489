package stochastic

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// digitsInputs makes the digits part of a claim's key.
func digitsInputs(claim.Values) (claim.Inputs, error) {
	set, err := dataset.Digits()
	if err != nil {
		return claim.Inputs{}, err
	}
	return claim.Inputs{Data: map[string]string{"digits": set.SHA256}}, nil
}

// parity is logistic regression on the digits: is the digit odd?
func parity() (problem, error) {
	set, err := dataset.Digits()
	if err != nil {
		return problem{}, err
	}
	odd := make([]float64, set.N)
	for i, label := range set.Labels {
		odd[i] = float64(label % 2)
	}
	return problem{
		text: "let z = dot(x, theta); mean(softplus(z) - y * z)", dim: set.D, rows: set.N,
		columns: []column{{"x", set.D, set.X}, {"y", 0, odd}},
	}, nil
}

// drawn are the moments of minibatch gradients of a problem, drawn at random.
type drawn struct {
	rows   int
	points []drawnPoint
}

// drawnPoint is one size and design: the means of ⟨G, ∇J⟩/‖∇J‖² and of b‖G − ∇J‖²/σ².
type drawnPoint struct {
	design         design
	batch          int
	mean, variance claim.Measurement
}

// drawnWidth is how wide the interval of a drawn moment may be, in units of ‖∇J‖² and σ²/b.
const drawnWidth = 0.35

func (d *drawn) checks() []claim.Check {
	var out []claim.Check
	for _, p := range d.points {
		at := map[string]any{"batch": p.batch, "design": p.design.name}
		label := fmt.Sprintf("%s-b%d", p.design.name, p.batch)
		out = append(out,
			claim.Check{Label: "mean-" + label, At: at, Predicted: claim.Covered(1, drawnWidth), Measured: p.mean},
			claim.Check{Label: "variance-" + label, At: at, Predicted: claim.Covered(float(p.design.factor(d.rows, p.batch)), drawnWidth), Measured: p.variance},
		)
	}
	return out
}

// drawMinibatches draws for each size and design.
func drawMinibatches(ctx context.Context, c *claim.Context, designs []design) (*drawn, error) {
	p, err := parity()
	if err != nil {
		return nil, err
	}
	theta := make([]float64, p.dim)
	random.Normals(theta, 0.1, c.Rand(claim.At("stream", "theta")))
	whole, sigma, err := p.spread(theta)
	if err != nil {
		return nil, err
	}
	out := &drawn{rows: p.rows}
	for _, b := range slices.Compact(slices.Sorted(slices.Values(c.Ints("batches")))) {
		for _, d := range designs {
			out.points = append(out.points, drawnPoint{design: d, batch: b})
		}
	}
	alpha := claim.Alpha / float64(2*len(out.points))
	return out, c.Each(ctx, len(out.points), func(ctx context.Context, i int) error {
		return out.points[i].draw(ctx, c, p, theta, whole, sigma, alpha)
	})
}

// spread returns ∇J(theta) and σ², the mean of ‖∇Jᵢ − ∇J‖².
func (p problem) spread(theta []float64) (whole []float64, sigma float64, err error) {
	full, err := p.gradient(p.rows)
	if err != nil {
		return nil, 0, err
	}
	if _, whole, err = full.at(theta, p.all()); err != nil {
		return nil, 0, err
	}
	one, err := p.gradient(1)
	if err != nil {
		return nil, 0, err
	}
	for i := range p.rows {
		_, g, err := one.at(theta, []int{i})
		if err != nil {
			return nil, 0, err
		}
		sigma += squaredGap(g, whole) / float64(p.rows)
	}
	return whole, sigma, nil
}

// draw takes the first minibatch of each pass of the sampler, so that trials are independent.
func (d *drawnPoint) draw(ctx context.Context, c *claim.Context, p problem, theta, whole []float64, sigma, alpha float64) error {
	g, err := p.gradient(d.batch)
	if err != nil {
		return err
	}
	s, err := sgd.NewSampler(sgd.Sampling{Rows: p.rows, Batch: d.batch, Order: d.design.order, DropLast: true},
		c.Source(claim.At("stream", "rows"), claim.At("design", d.design.name), claim.At("batch", d.batch)))
	if err != nil {
		return err
	}
	along, away := make([]float64, c.Int("trials")), make([]float64, c.Int("trials"))
	norm := squaredGap(whole, make([]float64, p.dim))
	for t := range along {
		if err := ctx.Err(); err != nil {
			return err
		}
		_, v, err := g.at(theta, s.Next())
		if err != nil {
			return err
		}
		along[t], away[t] = inner(v, whole)/norm, float64(d.batch)*squaredGap(v, whole)/sigma
		for range s.PassSteps() - 1 {
			s.Next()
		}
	}
	d.mean, d.variance = claim.Mean(along, alpha), claim.Mean(away, alpha)
	return nil
}

// squaredGap returns ‖u − v‖².
func squaredGap(u, v []float64) float64 {
	sum := 0.0
	for i, x := range u {
		sum += float64((x - v[i]) * (x - v[i]))
	}
	return sum
}

func inner(u, v []float64) float64 {
	sum := 0.0
	for i, x := range u {
		sum += float64(x * v[i])
	}
	return sum
}
