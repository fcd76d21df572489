package subgradient

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// walkChecks runs SGD from 0 with both conventions.
func walkChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	looks := slices.Compact(slices.Sorted(slices.Values(c.Ints("steps"))))
	moved, err := runs(ctx, c, 0, looks)
	if err != nil {
		return nil, err
	}
	left := 0
	for _, x := range moved {
		if slices.ContainsFunc(x, func(v float64) bool { return v != 0 }) {
			left++
		}
	}
	walked, err := runs(ctx, c, 1, looks)
	if err != nil {
		return nil, err
	}
	checks := []claim.Check{{
		Label: "convention-0-leaves", Sentence: "With abs′(0) = 0 no run ever leaves 0.",
		Predicted: claim.Exact(0), Measured: claim.Measured(float64(left)),
	}}
	squares, err := squareChecks(c, looks, walked)
	return append(checks, squares...), err
}

// squareWidth is above that of the interval for the mean of squares, of variance
// 2, over 1500 runs: 2·4.5·√(2/1500), and some more for its spread.
const squareWidth = 0.42

// squareChecks compares the mean of x²/α² over runs with k.
func squareChecks(c *claim.Context, looks []int, walked [][]float64) ([]claim.Check, error) {
	var checks []claim.Check
	var k, mean, lower, upper []float64
	alpha := stepSize(c)
	for j, steps := range looks {
		squares := make([]float64, len(walked))
		for i, x := range walked {
			squares[i] = x[j] / alpha * (x[j] / alpha) / float64(steps)
		}
		m := claim.Mean(squares, claim.Alpha/float64(len(looks)))
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("convention-1-after-%d", steps), At: map[string]any{"k": steps},
			Sentence:  "With abs′(0) = 1 the iterate is a simple random walk: E[x_k²]/(α²k) = 1.",
			Predicted: claim.Covered(1, squareWidth), Measured: m,
		})
		n := float64(steps)
		k, mean = append(k, n), append(mean, float64(n*m.Value))
		lower, upper = append(lower, float64(n*m.Lower)), append(upper, float64(n*m.Upper))
	}
	return checks, c.Figure("walk", figure.Figure{
		Title:   "SGD from a kink of components whose mean is constant",
		Caption: "Mean square of the iterate of SGD on s·|x| from 0, in units of the step size, with intervals at level 1 − 10⁻⁴. With abs′(0) = 1 it is a random walk; with abs′(0) = 0 all runs stay at 0 for ever.",
		X:       figure.Axis{Label: "steps k", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "mean of x²/α²", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "abs′(0) = 1", Style: figure.Measured, X: k, Y: mean, Lower: lower, Upper: upper, Color: 1},
			{Name: "k", Style: figure.Predicted, X: k, Y: k, Color: 1},
		},
	})
}

func stepSize(c *claim.Context) float64 {
	return 1 / float64(int(1)<<c.Int("halvings"))
}

// runs returns the iterates of all runs after each of the numbers of steps.
func runs(ctx context.Context, c *claim.Context, convention float64, looks []int) ([][]float64, error) {
	out := make([][]float64, c.Int("runs"))
	err := c.Each(ctx, len(out), func(ctx context.Context, i int) error {
		source := c.Source(claim.At("run", i), claim.At("convention", convention))
		sampler, err := sgd.NewSampler(sgd.Sampling{Rows: 2, Batch: 1, Order: sgd.WithReplacement}, source)
		if err != nil {
			return err
		}
		trainer, err := sgd.NewTrainer(sgd.Config{
			Model: signedModel, Data: sgd.Data{Rows: 2, Columns: map[string][]float64{"s": {1, -1}}},
			Wiring: ad.AtKink(convention), Method: sgd.SGD{}, Schedule: sgd.Constant(stepSize(c)),
			Sampler: sampler, Initial: map[string][]float64{"x": {0}},
		})
		if err != nil {
			return err
		}
		out[i], err = iterates(ctx, trainer, looks)
		return err
	})
	return out, err
}

// iterates makes steps and keeps the parameter after each of the numbers of them,
// which ascend.
func iterates(ctx context.Context, t *sgd.Trainer, looks []int) ([]float64, error) {
	var out []float64
	for step, err := range t.Steps(ctx) {
		if err != nil {
			return nil, err
		}
		if step.Number+1 == looks[len(out)] {
			if out = append(out, t.Params()[0].Value[0]); len(out) == len(looks) {
				break
			}
		}
	}
	return out, nil
}

// signedModel is the mean of s·|x| over a minibatch.
func signedModel(batch int) (*expr.Func, error) {
	g := expr.NewGraph()
	x, s := g.Param("x"), g.Data("s", batch)
	return g.Func(expr.In(x, s), expr.Out(expr.Mean(expr.Mul(s, expr.Abs(expr.BroadcastTo(x, batch))))))
}
