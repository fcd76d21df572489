package implicit

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// rated is a lasso off kinks with its step and its predicted rate.
type rated struct {
	*lassoPoint
	gamma     *big.Rat
	rate      float64
	distances []float64 // measured, by iteration
}

// drawRated draws a lasso of three columns, two on the support, whose rate shows within few
// iterations. The step 1/‖K‖² is at most that of the theorem.
func drawRated(rng *rand.Rand) *rated {
	const lowest, highest, apart = 0.4, 0.85, 0.8
	for {
		r := &rated{lassoPoint: drawLasso(3, rng)}
		if !r.regular || len(r.tied) != 2 || len(r.zero) != 0 {
			continue
		}
		square := new(big.Rat)
		for _, row := range r.k {
			for _, x := range row {
				addProduct(square, x, x)
			}
		}
		r.gamma = square.Inv(square)
		g, gamma := r.gram(r.tied), number(r.gamma)
		var other float64
		r.rate, other = slowest(number(g[0][0]), number(g[0][1]), number(g[1][1]), gamma)
		if lowest <= r.rate && r.rate <= highest && other <= apart*r.rate {
			return r
		}
	}
}

func number(x *big.Rat) float64 {
	f, _ := x.Float64()
	return f
}

// run notes the distances of Jacobians from that of the solution.
func (r *rated) run(ctx context.Context, iterations int, p programs) error {
	g := expr.NewGraph()
	y, b, lambda, step := r.step(g, new(big.Rat).Mul(r.gamma, p.slower), p.shrink)
	f, err := g.Func(expr.In(y, b, lambda), expr.Out(step))
	if err != nil {
		return err
	}
	it, err := conservative.NewIteration(f, []expr.Node{y}, conservative.Options{})
	if err != nil {
		return err
	}
	want := r.quotients((*lasso).solve)
	at := clarke.RationalPoint(zeros(r.n), r.b, []*big.Rat{r.lambda})
	return follow(ctx, it, at, clarke.Vector{}, conservative.Wired(ad.AtSlot(0.5)), iterations, func(i conservative.Iterate) {
		off := make([]float64, len(want))
		for k, x := range i.Jacobian.Exact {
			off[k] = number(new(big.Rat).Sub(x, want[k]))
		}
		r.distances = append(r.distances, kernel.Norm(off))
	})
}

// follow sees the iterates 0 to n.
func follow(ctx context.Context, it *conservative.Iteration, at clarke.Point, start clarke.Vector, s conservative.Schedule, n int, see func(conservative.Iterate)) error {
	for i, err := range it.Piggyback(ctx, at, start, s) {
		if err != nil {
			return err
		}
		if see(i); i.Step == n {
			break
		}
	}
	return nil
}

// rates measures the last ratio of distances.
func rates(ctx context.Context, c *claim.Context, p programs) (checks []claim.Check, traces []*rated, err error) {
	rng := c.Rand(claim.At("stream", "lassos"))
	for i := range c.Int("lassos") {
		r := drawRated(rng)
		if err := r.run(ctx, c.Int("iterations"), p); err != nil {
			return nil, nil, err
		}
		last := len(r.distances) - 1
		traces = append(traces, r)
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("rate/lasso=%d", i+1), Sentence: "Off kinks the distance from the Jacobian of the solution falls by max |1 − γμ| in an iteration.",
			Predicted: claim.NearRelative(r.rate, 0.001), Measured: claim.Measured(r.distances[last] / r.distances[last-1]),
		})
	}
	return checks, traces, nil
}

// rateFigure shows the distances.
func rateFigure(traces []*rated) figure.Figure {
	f := figure.Figure{
		Title:   "Derivatives of forward–backward iterates of lassos",
		Caption: "Distance of the derivative of an iterate from that of the solution. Lines are the predicted rates, through the last point.",
		X:       figure.Axis{Label: "iteration", Unit: "1"},
		Y:       figure.Axis{Label: "‖J_k − J‖", Unit: "1", Log: true},
	}
	for i, t := range traces[:min(4, len(traces))] {
		measured := figure.Series{Name: fmt.Sprintf("lasso %d", i+1), Style: figure.Measured, Color: i}
		theory := figure.Series{Name: fmt.Sprintf("%.3g^k", t.rate), Style: figure.Predicted, Color: i}
		last := len(t.distances) - 1
		for k, d := range t.distances {
			if d > 0 && !math.IsInf(d, 0) {
				measured.X, measured.Y = append(measured.X, float64(k)), append(measured.Y, d)
				theory.X, theory.Y = append(theory.X, float64(k)), append(theory.Y, t.distances[last]*kernel.Pow(t.rate, float64(k-last)))
			}
		}
		f.Series = append(f.Series, measured, theory)
	}
	return f
}
