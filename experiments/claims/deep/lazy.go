package deep

import (
	"context"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// lazy looks at wide networks, and at outputs that are multiplied, in the kernel regime.
func lazy() claim.Claim {
	return claim.Claim{
		Numbers:  []int{44},
		Name:     "lazy-training",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByBound},
		Sentence: "Training a network of width m with outputs scaled by 1/√m changes its weights by a relative 1/√m and its tangent kernel by 1/√m or less; multiplying the outputs by α changes them by 1/α, and the distance to the linearised model falls like 1/α for smooth units, like 1/α² if each has a twin of the opposite sign, and at least like 1/√α for relu.",
		Source:   "Jacot, Gabriel, Hongler, NeurIPS 2018; Chizat, Oyallon, Bach, NeurIPS 2019, theorem 2.2; Lee et al., NeurIPS 2019, theorem 2.1; Pauwels, CIMI lecture 2021 (overparametrisation)",
		Mathematics: "The network is `f(x) = (1/√m) Σ_r a_r max(⟨w_r, x⟩, 0)`, all weights drawn from N(0, 1) and trained, by gradient descent on `(1/(2α^2)) ‖αf − y‖^2` up to a fixed time. Each unit of one half has a twin of the opposite sign in the other, so that f = 0 at the start and the residual has the same size for all m and α; without twins f_0 is subtracted.\n\n" +
			"With the kernel `K = JJ^T = O(1)` the outputs u = αf follow\n\n" +
			"  u_{k+1} = u_k − ηK(u_k − y)\n\n" +
			"to first order. The sum of all moves `−(η/α) J^T(u_k − y)` has a norm of the order 1/α, for all m, while ‖W_0‖ grows like √m: hence the relative change is of the order `m^{−1/2}`. Activations change for a share `m^{−1/2}` of the units, hence K by at most that order. As α grows the moves are 1/α times those of the linearised model θ ↦ J(θ − θ_0), whose distance is of second order, `α‖θ − θ_0‖^2 ~ 1/α`, for smooth units.\n\n" +
			"Twins cancel this order. The map T that swaps twins and the signs of their a has fθ = −fTθ and keeps θ_0, so that it takes training with α to training with −α: αf is an even function of 1/α, and its distance from the limit is `1/α^2`.\n\n" +
			"For relu the theorem does not hold. About `√m/α` units cross the kink of a row, each of which changes αf by the order 1/m; the signs of a unit on either side of the kink are opposite and cancel in the mean, so that the sum is of the order `m^{−3/4} α^{−1/2}` while there are many, and 1/α times a constant when there are few.\n\n" +
			"A small eigenvalue of K would make its fluctuations count at small m: inputs are drawn until the least one of the limit is at least 0.25 (for the first layer).\n\n" +
			"Exponents are slopes of logarithms over widths and over α, with the range of three groups of runs. What depends on which units cross a kink differs much between networks: there the slope is that of each, and their mean with Student's interval is bounded without slack. With N crossing units the logarithm of the sum grows like half of that of N, which is proportional to 1/α, or faster if N is small.",
		Params: []claim.Param{
			claim.Ints("widths", []int{128, 512, 2048}, "widths m, even").AtFull([]int{128, 512, 2048, 8192}).Between(16, 1e6),
			claim.Floats("alphas", []float64{4, 8, 16, 32, 64}, "scales α").Between(1, 1e6),
			claim.Int("width", 512, "the width for these").AtFull(2048).Between(16, 1e6),
			claim.Int("runs", 48, "networks for each width and scale").AtFull(300).Between(12, 1e5),
			claim.Int("steps", 60, "steps of training").Between(10, 10000),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runLazy(ctx, c, network.NTK(), true, expr.Tanh)
		},
	}
}

// Slacks of exponents: those of moves have corrections of relative order 1/√m or 1/α at the small
// ends, some percent.
const (
	widthSlack = 0.05
	scaleSlack = 0.03
)

// runLazy takes another scaling of the outputs, no twins, and units that are not smooth, on
// purpose in tests.
func runLazy(ctx context.Context, c *claim.Context, readout network.Scaling, doubled bool, smooth network.Activation) (claim.Outcome, error) {
	s, err := conditioned(c, 4, 8)
	if err != nil {
		return claim.Outcome{}, err
	}
	of := func(k kind) *lazyRuns { return &lazyRuns{sample: s, kind: k, rate: 1 / float64(s.n)} }
	relu := of(kind{expr.ReLU, readout, doubled})
	widths, err := relu.byWidth(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	scales, err := relu.byScale(ctx, c, "relu", c.Int("runs"))
	if err != nil {
		return claim.Outcome{}, err
	}
	plain, err := of(kind{smooth, readout, false}).byScale(ctx, c, "smooth", c.Int("runs")/4)
	if err != nil {
		return claim.Outcome{}, err
	}
	twins, err := of(kind{smooth, readout, doubled}).byScale(ctx, c, "twins", c.Int("runs")/4)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks := []claim.Check{
		{Label: "zero", Sentence: "With twins the output is 0 at the start.", Predicted: claim.Near(0, 1e-12), Measured: claim.Measured(widths.outputs)},
		{Label: "weights", Sentence: "The exponent of m in the relative change of the first layer.", Predicted: claim.Near(-0.5, widthSlack), Measured: slopeOver(widths.sizes, widths.weights)},
		{Label: "kernel", Sentence: "The exponent of m in the relative change of the kernel.", Predicted: claim.AtMost(-0.5 + widthSlack), Measured: slopeOver(widths.sizes, widths.kernels)},
		{Label: "distance", Sentence: "The exponent of α in ‖θ − θ₀‖.", Predicted: claim.Near(-1, scaleSlack), Measured: slopeOver(scales.sizes, scales.moved)},
		{Label: "limit", Sentence: "α‖θ − θ₀‖ at the largest α, in units of the linearised model's.", Predicted: claim.Near(1, scaleSlack), Measured: claim.Measured(scales.limit)},
		{Label: "smooth", Sentence: "The exponent of α in the largest distance of outputs αf from those of the linearised model, for smooth units.", Predicted: claim.Near(-1, widthSlack), Measured: slopeOver(plain.sizes, plain.errors)},
		{Label: "twins", Sentence: "The exponent for smooth units with twins.", Predicted: claim.Near(-2, widthSlack), Measured: slopeOver(twins.sizes, twins.errors)},
		{Label: "kinks", Sentence: "The exponent for relu with twins, the mean of those of single networks.", Predicted: claim.AtMost(-0.5), Measured: claim.Mean(slopesOf(scales.sizes, scales.errors), claim.Alpha)},
	}
	result := jsonnum.Object{}
	for i, m := range widths.sizes {
		result[jsonnum.Number(m).String()] = meanOf(widths.weights[i])
	}
	return claim.Outcome{Checks: checks, Result: result}, lazyFigures(c, widths, scales, plain, twins)
}

func lazyFigures(c *claim.Context, widths *widthRuns, scales, plain, twins *scaleRuns) error {
	err := c.Figure("width", figure.Figure{
		Title:  "What training changes, by width",
		X:      figure.Axis{Label: "width m", Unit: "1", Log: true},
		Y:      figure.Axis{Label: "relative change", Unit: "1", Log: true},
		Series: append(powerLaw("first layer", widths.sizes, widths.weights, -0.5, 1), powerLaw("kernel", widths.sizes, widths.kernels, -0.5, 2)...),
	})
	if err != nil {
		return err
	}
	series := powerLaw("‖θ − θ₀‖", scales.sizes, scales.moved, -1, 1)
	series = append(series, powerLaw("smooth outputs", plain.sizes, plain.errors, -1, 2)...)
	series = append(series, powerLaw("with twins", twins.sizes, twins.errors, -2, 3)...)
	series = append(series, powerLaw("relu with twins", scales.sizes, scales.errors, -0.5, 4)...)
	return c.Figure("scale", figure.Figure{
		Title:   "What training changes, by the scale of outputs",
		Caption: "Distances of weights from their start, and of outputs αf from those of the linearised model.",
		X:       figure.Axis{Label: "α", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "distance", Unit: "1", Log: true},
		Series:  series,
	})
}

// powerLaw shows means over runs and a line of the given slope through the first one.
func powerLaw(name string, sizes []float64, runs [][]float64, exponent float64, color int) []figure.Series {
	points := figure.Series{Name: name, Style: figure.Measured, X: sizes, Color: color}
	line := figure.Series{Name: name + ", slope predicted", Style: figure.Predicted, X: sizes, Color: color}
	for i, x := range sizes {
		points.Y = append(points.Y, meanOf(runs[i]))
		line.Y = append(line.Y, points.Y[0]*math.Pow(x/sizes[0], exponent))
	}
	return []figure.Series{points, line}
}

// conditioned draws inputs whose kernel has no small eigenvalue.
func conditioned(c *claim.Context, n, d int) (*sample, error) {
	const draws, least = 10000, 0.25
	rng := c.Rand(claim.At("stream", "data"))
	for range draws {
		s := newSample(n, d, rng)
		lambda, err := eigenvalues(s.n, arcKernel(s.x, s.n))
		if err != nil || lambda[0] >= least {
			return s, err
		}
	}
	return nil, fmt.Errorf("no inputs with a good kernel in %d draws", draws)
}
