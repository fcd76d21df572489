package adaptive

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// universality measures rates of averaged iterates of one method on three kinds of problems.
func universality() claim.Claim {
	return claim.Claim{
		Numbers:  []int{37},
		Name:     "adagrad-universality",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByBound},
		Sentence: "With one and the same learning rate the averaged iterates of Adagrad reach the minimum of a convex function at the rate 1/√T if it is nonsmooth, at 1/T if it is smooth, and at σ/√T if its gradients have noise: nobody tells it which.",
		Source:   "Levy, Yurtsever, Cevher, NeurIPS 2018, arXiv 1809.02864, theorems 2.1 and 2.2; Pauwels, CIMI lecture 2021 (adaptivity)",
		Mathematics: "Adagrad is online gradient descent with the regret bound `R_T ≤ D √(2 Σ_k g_k^2)` in each entry, D the diameter of where the iterates stay and γ = D/√2, so that for the average `θ̄_T` of the iterates\n\n" +
			"  f(θ̄_T) − min f ≤ (1/T) Σ_i D √(2 Σ_k g_{k,i}^2).\n\n" +
			"Gradients bounded by G give O(G D/√T). If f is L-smooth, `‖∇f(θ)‖^2 ≤ 2L(f(θ) − min f)`, and the bound on the sum of the gaps refers to itself: the sum stays bounded, hence O(L D^2/T). With independent noise of variance σ² the expected gap is O(L D^2/T + σ D/√T).\n\n" +
			"The exponents are upper bounds: the slope of log gap against log T is at most −1/2, −1, −1/2. With noise the gap is the mean over independent runs.",
		Params: []claim.Param{
			claim.Int("steps", 20000, "steps T of each run").AtFull(200000).Between(1000, 1e7),
			claim.Float("rate", 1, "the learning rate γ").Between(1e-3, 1e3),
			claim.Float("noise", 2, "the deviation σ of the noise in each entry of the gradient").Between(0.01, 100),
			claim.Int("runs", 60, "runs with noise").AtFull(400).Between(10, 1e5),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runUniversality(ctx, c, sgd.Adagrad{})
		},
	}
}

// convexKind is one of the three problems: its text in theta and the noise.
type convexKind struct {
	name, text string
	rate       float64 // the exponent
	noise      float64
	runs       int
}

// centre is where all of them have their minimum, 0.
var centre = []float64{0.75, -1.25, 0.5}

// stiffness are the second derivatives of the smooth ones.
var stiffness = []float64{1, 0.2, 5}

func runUniversality(ctx context.Context, c *claim.Context, method sgd.Method) (claim.Outcome, error) {
	smooth := "dot(a, (theta - c)*(theta - c)) / 2 + dot(e, theta)"
	kinds := []convexKind{
		{"nonsmooth", "norm1(theta - c) + 0*dot(a, theta) + dot(e, theta)", -0.5, 0, 1},
		{"smooth", smooth, -1, 0, 1},
		{"noisy", smooth, -0.5, c.Float("noise"), c.Int("runs")},
	}
	var checks []claim.Check
	var series []figure.Series
	for _, k := range kinds {
		horizon, gaps, err := averagedGaps(ctx, c, k, method)
		if err != nil {
			return claim.Outcome{}, err
		}
		mean := make([]float64, len(horizon))
		for _, g := range gaps {
			for j, v := range g {
				mean[j] += v / float64(len(gaps))
			}
		}
		half := len(horizon) / 3 // the beginning shows where it starts from
		slope := claim.Slope(horizon[half:], mean[half:])
		checks = append(checks, claim.Check{
			Label:     k.name,
			Sentence:  fmt.Sprintf("The averaged gap falls at least like T^%g.", k.rate),
			Predicted: claim.AtMost(k.rate + slack), Measured: slopeOf(horizon[half:], gaps, half, slope),
		})
		series = append(series, figure.Series{Name: k.name, Style: figure.Measured, X: horizon, Y: mean})
	}
	for i, k := range []float64{-0.5, -1} {
		line := figure.Series{Name: fmt.Sprintf("T^%g", k), Style: figure.Predicted, Color: i + 1, X: series[i].X}
		for _, x := range line.X {
			line.Y = append(line.Y, series[i].Y[len(line.X)-1]*math.Pow(x/line.X[len(line.X)-1], k))
		}
		series = append(series, line)
	}
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{"stiffness": stiffness, "centre": centre}}, c.Figure("gaps", figure.Figure{
		Title:  "Gap of averaged iterates, one learning rate",
		X:      figure.Axis{Label: "steps T", Unit: "1", Log: true},
		Y:      figure.Axis{Label: "f(θ̄) − min f", Unit: "1", Log: true},
		Series: series,
	})
}

// slack is how far above its bound a fitted slope may be: constants and logarithms bend the
// curves.
const slack = 0.05

// slopeOf has the interval of the slope over three disjoint groups of runs, if there are so many.
func slopeOf(horizon []float64, gaps [][]float64, from int, slope float64) claim.Measurement {
	const groups = 3
	if len(gaps) < groups {
		return claim.Measured(slope)
	}
	lo, hi := slope, slope
	for g := range groups {
		mean := make([]float64, len(horizon))
		for i := g; i < len(gaps); i += groups {
			for j := range mean {
				mean[j] += gaps[i][from+j]
			}
		}
		s := claim.Slope(horizon, mean)
		lo, hi = min(lo, s), max(hi, s)
	}
	return claim.MeasuredIn(slope, lo, hi)
}

// averagedGaps returns f(θ̄_T) − min f at horizons spaced geometrically, for each run.
func averagedGaps(ctx context.Context, c *claim.Context, k convexKind, method sgd.Method) (horizon []float64, gaps [][]float64, err error) {
	steps := c.Int("steps")
	for n := 10; n <= steps; n = sgd.Geometric(1.3).After(n) {
		horizon = append(horizon, float64(n))
	}
	gaps = make([][]float64, k.runs)
	err = c.Each(ctx, k.runs, func(ctx context.Context, run int) error {
		f, err := newDescent(k.text, 0, len(centre),
			datum{"a", []int{3}, stiffness}, datum{"c", []int{3}, centre}, datum{"e", []int{3}, make([]float64, 3)})
		if err != nil {
			return err
		}
		rng := c.Rand(claim.At("stream", "noise"), claim.At("kind", k.name), claim.At("run", run))
		mean, start := make([]float64, len(centre)), make([]float64, len(centre))
		return f.run(ctx, method, c.Float("rate"), start, steps, func(n int, theta []float64) bool {
			if slices.Contains(horizon, float64(n)) {
				gaps[run] = append(gaps[run], k.gap(mean))
			}
			for i := range mean {
				mean[i] += (theta[i] - mean[i]) / float64(n+1)
			}
			if k.noise > 0 {
				random.Normals(f.ws.In(3), k.noise, rng)
			}
			return true
		})
	})
	return horizon, gaps, err
}

// gap is f − min f without noise, in closed form.
func (k convexKind) gap(theta []float64) (sum float64) {
	for i, x := range theta {
		d := x - centre[i]
		if k.name == "nonsmooth" {
			sum += math.Abs(d)
		} else {
			sum += float64(float64(stiffness[i]*float64(d*d)) / 2)
		}
	}
	return sum
}
