package stochastic

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// noiseFloor measures what a constant step ends in, and which step is best.
func noiseFloor() claim.Claim {
	return claim.Claim{
		Numbers:  []int{10},
		Name:     "noise-floor",
		Theorem:  claim.Probability,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByCoverage},
		Sentence: "With a constant step α < 2/L on ½Lx² and gradient noise N(0, σ²) the iterates keep the variance ασ²/(L(2 − αL)). The one-step bound is least at α = ‖∇J‖²/(2Lσ²) if that is below 1/L, which near a minimiser is half the step that is truly best.",
		Source:   "Pauwels, CIMI lecture 2021 (the step balances two terms); Bottou, Curtis and Nocedal, SIAM Review 60 (2018)",
		Mathematics: "On `J(x) = (1/2) L x^2` one step is `x_{k+1} = (1 − α L) x_k − α σ ξ_k` with independent `ξ_k ~ N(0, 1)`. With `ρ = 1 − α L` and `x_0` fixed, `x_k` is normal with mean `ρ^k x_0` and\n\n" +
			"  Var x_k = α^2 σ^2 (1 + ρ^2 + … + ρ^{2(k−1)}) = α^2 σ^2 (1 − ρ^{2k})/(1 − ρ^2)\n" +
			"  V = lim Var x_k = α^2 σ^2/(1 − (1 − α L)^2) = α σ^2/(L (2 − α L)) for 0 < α < 2/L\n\n" +
			"so the mean loss keeps the floor `L V/2 = α σ^2/(2 (2 − α L))`, of order `α`. Each chain starts at 0 and is followed after the distance `ρ^{2k}` to the limit is below `10^-9`; the mean of `x^2` over one chain is one value of the sample. The ledger shows variances in units of `σ^2/L^2`, where the prediction is `α L/(2 − α L)`.\n\n" +
			"The descent lemma bounds `E[J(x_{k+1})]` by `J − (α/2) ‖∇J‖^2 + (L α^2/2) σ^2`. As a function of `α` this is a parabola, least at `α = ‖∇J‖^2/(2 L σ^2)` or at the end `1/L` of its range. The mean itself, `J − α ‖∇J‖^2 + (L α^2/2) (‖∇J‖^2 + σ^2)` for a quadratic, is least at\n\n" +
			"  α = ‖∇J‖^2/(L (‖∇J‖^2 + σ^2))\n\n" +
			"Near a minimiser, `‖∇J‖ ≪ σ`, this is twice the step that the bound recommends. Both are found in rationals: three values of `α` determine a parabola, and the mean is taken over the two losses `(1/2) L x^2 ± σ x`.",
		Params: []claim.Param{
			claim.Float("lipschitz", 2, "curvature L").Between(0.01, 100),
			claim.Float("sigma", 1.5, "standard deviation σ of the gradient").Between(0.01, 100),
			claim.Floats("relative-steps", []float64{0.1, 0.4, 1, 1.5, 1.8}, "step sizes α in units of 1/L").Between(0.05, 1.95),
			claim.Int("chains", 4000, "independent chains for each step size").AtFull(100000).Between(3000, 1e6),
			claim.Float("x", 0.25, "point at which one step is looked at").Between(0.01, 100),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runFloor(ctx, c, stationaryVariance)
		},
	}
}

// stationaryVariance is ασ²/(L(2 − αL)).
func stationaryVariance(alpha, l, sigma float64) float64 {
	return alpha * sigma * sigma / (l * (2 - float64(alpha*l)))
}

// floorWidth is how wide the interval of a variance may be, relative to the prediction.
const floorWidth = 0.24

func runFloor(ctx context.Context, c *claim.Context, floor func(alpha, l, sigma float64) float64) (claim.Outcome, error) {
	steps := slices.Compact(slices.Sorted(slices.Values(c.Floats("relative-steps"))))
	l, sigma := c.Float("lipschitz"), c.Float("sigma")
	variances := make([]claim.Measurement, len(steps))
	err := c.Each(ctx, len(steps), func(ctx context.Context, i int) error {
		sample, err := chains(ctx, c, steps[i])
		unit := sigma * sigma / (l * l)
		for j := range sample {
			sample[j] /= unit
		}
		variances[i] = claim.Mean(sample, claim.Alpha/float64(len(steps)))
		return err
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	var checks []claim.Check
	for i, u := range steps {
		predicted := floor(u/l, l, sigma) * l * l / (sigma * sigma)
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("variance-%g", u), At: map[string]any{"relative_step": u},
			Predicted: claim.Covered(predicted, floorWidth*predicted), Measured: variances[i],
		})
	}
	best, err := bestSteps(c)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: append(checks, best...),
		Result: jsonnum.Object{"relative_steps": steps},
	}, c.Figure("floor", floorFigure(steps, variances))
}

func floorFigure(steps []float64, variances []claim.Measurement) figure.Figure {
	measured := figure.Series{Name: "mean of x² over chains", Style: figure.Measured, X: steps, Color: 1}
	for _, m := range variances {
		measured.Y = append(measured.Y, m.Value)
		measured.Lower, measured.Upper = append(measured.Lower, m.Lower), append(measured.Upper, m.Upper)
	}
	line := figure.Series{Name: "αL/(2 − αL)", Style: figure.Predicted, Color: 1}
	for i := 1; i <= 39; i++ {
		u := float64(i) / 20
		line.X, line.Y = append(line.X, u), append(line.Y, stationaryVariance(u, 1, 1))
	}
	return figure.Figure{
		Title:   "What a constant step ends in",
		Caption: "The stationary variance is proportional to α for small steps and has a pole at α = 2/L, where gradient descent is no longer stable. Bars are simultaneous confidence intervals.",
		X:       figure.Axis{Label: "step size α", Unit: "1/L"},
		Y:       figure.Axis{Label: "stationary variance", Unit: "σ²/L²", Log: true},
		Series:  []figure.Series{measured, line},
	}
}
