package stochastic

import (
	"context"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/sgd"
)

// stallTolerance is for the rounding of steps and iterates.
const stallTolerance = 1e-10

// stall returns x_N/x₀ of the training loop with steps 1/(k + 1)², k = 1, …, N, without noise.
func stall(ctx context.Context, c *claim.Context) (float64, error) {
	start := c.Float("start")
	t, err := halfSquare().trainer(sgd.Sampling{Order: sgd.Incremental}, delayed{sgd.Power{C: 1, P: 2}, 1}, []float64{start}, nil)
	if err != nil {
		return 0, err
	}
	end := 0.0
	err = run(ctx, t, func(s sgd.Step, x []float64) bool {
		end = x[0]
		return s.Number+1 < c.Int("product")
	})
	return end / start, err
}

// moments returns V at k = 2^0, …, 2^last by the exact recursion.
func (r stepRule) moments(ctx context.Context, start, sigma float64, last int) ([]float64, error) {
	var out []float64
	v := start * start
	for k := 0; len(out) <= last; k++ {
		if k%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		alpha := r.schedule.Rate(sgd.Progress{Step: k})
		v = float64((1-alpha)*(1-alpha)*v) + float64(alpha*alpha*sigma*sigma)
		if k+1 == 1<<len(out) {
			out = append(out, v)
		}
	}
	return out, nil
}

// meanSquares returns x² for each rule and run at the powers of 2, from 2^0 on.
func meanSquares(ctx context.Context, c *claim.Context, rules []stepRule) ([][][]float64, error) {
	sigma, runs := c.Float("sigma"), c.Int("runs")
	p := centres(1, 1, []float64{sigma, -sigma})
	out := make([][][]float64, len(rules))
	for i := range out {
		out[i] = make([][]float64, runs)
	}
	return out, c.Each(ctx, len(rules)*runs, func(ctx context.Context, i int) error {
		rule, r := rules[i/runs], i%runs
		t, err := p.trainer(sgd.Sampling{Order: sgd.WithReplacement}, rule.schedule, []float64{c.Float("start")},
			c.Source(claim.At("stream", "rows"), claim.At("rule", rule.name), claim.At("run", r)))
		if err != nil {
			return err
		}
		var squares []float64
		err = run(ctx, t, func(s sgd.Step, x []float64) bool {
			if s.Number+1 == 1<<len(squares) {
				squares = append(squares, x[0]*x[0])
			}
			return len(squares) <= c.Int("doublings")
		})
		out[i/runs][r] = squares
		return err
	})
}

// ratioTo is the mean over runs of the mean of x²/V over the powers of 2, from firstBlock on.
func ratioTo(exact []float64, runs [][]float64, alpha float64) claim.Measurement {
	sample := make([]float64, len(runs))
	for r, squares := range runs {
		for b := firstBlock; b < len(squares); b++ {
			sample[r] += squares[b] / exact[b] / float64(len(squares)-firstBlock)
		}
	}
	return claim.Mean(sample, alpha)
}

func conditionsFigure(c *claim.Context, rules []stepRule, samples [][][]float64, exacts [][]float64) figure.Figure {
	f := figure.Figure{
		Title:   "Mean square of the gradient for five step sizes",
		Caption: "Steps 1/k and 1/√k converge, the latter although Σα² = ∞; c/k with c < ½ satisfies the conditions and is slow; constant steps keep a floor, and summable ones stall at a positive limit. Dashed: exact. Bars are confidence intervals at level 1 − 10⁻⁴.",
		X:       figure.Axis{Label: "step k", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "E‖∇J‖²", Unit: "1", Log: true},
	}
	k := powersOfTwo(0, c.Int("doublings"))
	for i, r := range rules {
		measured := figure.Series{Name: "α = " + r.label, Style: figure.Measured, X: k, Color: 1 + i}
		for b := range k {
			sample := make([]float64, len(samples[i]))
			for j := range sample {
				sample[j] = samples[i][j][b]
			}
			m := claim.Mean(sample, claim.Alpha)
			measured.Y = append(measured.Y, m.Value)
			measured.Lower, measured.Upper = append(measured.Lower, m.Lower), append(measured.Upper, m.Upper)
		}
		f.Series = append(f.Series, measured, figure.Series{
			Name: "exact", Style: figure.Predicted, X: k, Y: exacts[i][:len(k)], Color: 1 + i,
		})
	}
	return f
}
