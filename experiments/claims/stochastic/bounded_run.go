package stochastic

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// follow makes steps until the run diverges or visit says so. diverged is the step of the report, −1
// without one.
func follow(ctx context.Context, t *sgd.Trainer, visit func(k int, x float64) bool) (diverged int, err error) {
	err = run(ctx, t, func(s sgd.Step, x []float64) bool { return visit(s.Number+1, x[0]) })
	var step *sgd.StepError
	var report *sgd.DivergedError
	if errors.As(err, &step) && errors.As(err, &report) {
		return step.Step, nil
	}
	return -1, err
}

// descent is gradient descent on a loss of one row with a constant step.
func descent(text string, alpha, start float64) (*sgd.Trainer, error) {
	p := problem{text: text, dim: 1, rows: 1}
	return p.trainer(sgd.Sampling{Order: sgd.Incremental}, sgd.Constant(alpha), []float64{start}, nil)
}

// concaveRun is a run on −½x² from 1 until divergence is reported.
type concaveRun struct {
	factor claim.Measurement // of the growth in a step
	step   int
}

func concaveGrowth(ctx context.Context, alpha float64) (concaveRun, error) {
	t, err := descent("-dot(theta, theta) / 2", alpha, 1)
	if err != nil {
		return concaveRun{}, err
	}
	var factors []float64
	last := 1.0
	step, err := follow(ctx, t, func(_ int, x float64) bool {
		factors = append(factors, x/last)
		last = x
		return true
	})
	if err != nil {
		return concaveRun{}, err
	}
	return concaveRun{span(factors), step}, nil
}

// noisyConcave counts the runs on −½(x − a)², a = ±1, that are not reported within the given steps.
func noisyConcave(ctx context.Context, c *claim.Context, steps int) (bounded int, err error) {
	p := problem{text: "-mean((theta[0] - a)^2) / 2", dim: 1, rows: 2, columns: []column{{"a", 0, []float64{1, -1}}}}
	reports := make([]int, c.Int("noisy-runs"))
	err = c.Each(ctx, len(reports), func(ctx context.Context, i int) error {
		t, err := p.trainer(sgd.Sampling{Order: sgd.WithReplacement}, sgd.Constant(c.Float("rate")), []float64{0},
			c.Source(claim.At("stream", "rows"), claim.At("run", i)))
		if err != nil {
			return err
		}
		reports[i], err = follow(ctx, t, func(k int, _ float64) bool { return k < steps })
		return err
	})
	for _, step := range reports {
		if step < 0 {
			bounded++
		}
	}
	return bounded, err
}

// quarticText is ¼x⁴.
const quarticText = "dot(theta, theta)^2 / 4"

// quarticSteps are enough: near the threshold the distance to it grows fivefold in each step.
const quarticSteps = 100

// quarticCount counts runs on ¼x⁴ from random starts.
type quarticCount struct {
	diverged int
	wrong    int // reported though the start is within the threshold, or the other way
	beyond   int // not reported, but beyond the threshold at some step
}

func quarticRuns(ctx context.Context, c *claim.Context, threshold float64) (quarticCount, error) {
	type outcome struct{ outside, diverged, beyond bool }
	outcomes := make([]outcome, c.Int("runs"))
	err := c.Each(ctx, len(outcomes), func(ctx context.Context, i int) error {
		start := float64(c.Float("spread") * random.Normal(c.Rand(claim.At("stream", "start"), claim.At("run", i))))
		t, err := descent(quarticText, c.Float("rate"), start)
		if err != nil {
			return err
		}
		far := false
		step, err := follow(ctx, t, func(k int, x float64) bool {
			far = far || math.Abs(x) > threshold
			return k < quarticSteps
		})
		outcomes[i] = outcome{math.Abs(start) > threshold, step >= 0, step < 0 && far}
		return err
	})
	var n quarticCount
	for _, o := range outcomes {
		n.diverged += indicator(o.diverged)
		n.wrong += indicator(o.diverged != o.outside)
		n.beyond += indicator(o.beyond)
	}
	return n, err
}

func indicator(b bool) int {
	if b {
		return 1
	}
	return 0
}

// expGrowth returns e^x/(αN) after N steps on exp(−x) from 0, and the slope of |∇J| against k
// over the last two doublings.
func expGrowth(ctx context.Context, c *claim.Context) (growth, slope float64, err error) {
	steps, alpha := c.Int("steps"), c.Float("rate")
	t, err := descent("exp(-theta[0])", alpha, 0)
	if err != nil {
		return 0, 0, err
	}
	var k, gradient []float64
	end := 0.0
	step, err := follow(ctx, t, func(i int, x float64) bool {
		if i == steps/4 || i == steps/2 || i == steps {
			k, gradient = append(k, float64(i)), append(gradient, kernel.Exp(-x))
		}
		end = x
		return i < steps
	})
	if err == nil && step >= 0 {
		err = fmt.Errorf("the run on exp(−x) was reported as divergent in step %d", step)
	}
	return kernel.Exp(end) / float64(alpha*float64(steps)), claim.Slope(k, gradient), err
}

// quarticFigure shows runs on both sides of the threshold.
func quarticFigure(ctx context.Context, alpha, threshold float64) (figure.Figure, error) {
	const steps = 16
	f := figure.Figure{
		Title:   "Gradient descent on ¼x⁴ with one step size",
		Caption: "Starts beyond √(2/α) by a thousandth diverge within a few steps, and their run is reported as divergent where its line ends; starts within come to rest.",
		X:       figure.Axis{Label: "step k", Unit: "1"},
		Y:       figure.Axis{Label: "|xₖ|", Unit: "√(2/α)", Log: true},
	}
	for _, ratio := range []float64{0.6, 0.99, 0.999, 1.001, 1.01, 1.1} {
		t, err := descent(quarticText, alpha, ratio*threshold)
		if err != nil {
			return f, err
		}
		s := figure.Series{Name: fmt.Sprintf("|x₀| = %g·√(2/α)", ratio), Style: figure.Curve, X: []float64{0}, Y: []float64{ratio}}
		_, err = follow(ctx, t, func(k int, x float64) bool {
			if y := math.Abs(x) / threshold; y < 100 {
				s.X, s.Y = append(s.X, float64(k)), append(s.Y, y)
			}
			return k < steps
		})
		if err != nil {
			return f, err
		}
		f.Series = append(f.Series, s)
	}
	f.Series = append(f.Series, figure.Series{Name: "threshold", Style: figure.Predicted, X: []float64{0, steps}, Y: []float64{1, 1}})
	return f, nil
}
