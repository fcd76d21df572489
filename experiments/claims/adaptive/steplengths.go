package adaptive

import (
	"context"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// adagradSteps measures steps under a constant gradient.
func adagradSteps() claim.Claim {
	return claim.Claim{
		Numbers:  []int{33},
		Name:     "adagrad-steps",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByTolerance},
		Sentence: "Under a constant gradient Adagrad's steps are γ/√(k + 1), whatever the size of the gradient: they vanish, and their sum does not converge.",
		Source:   "Duchi, Hazan, Singer, JMLR 12, 2011; Pauwels, CIMI lecture 2021 (Adagrad)",
		Mathematics: "With ε = 0 and gradient g the accumulator is `G_{k+1} = (k + 1) g^2`, so that the step has the length `γ|g|/√(G_{k+1}) = γ/√(k + 1)`. After K steps θ has moved by\n\n" +
			"  γ Σ_{k<K} (k + 1)^{−1/2} ∈ [2γ(√(K + 1) − 1), γ(2√K − 1)]\n\n" +
			"by comparison with the integral of `t^{−1/2}`.",
		Params: []claim.Param{
			claim.Int("steps", 10000, "steps K").AtFull(1000000).Between(100, 1e7),
			claim.Float("rate", 0.5, "the step size γ").Between(1e-6, 1e3),
			claim.Floats("gradients", []float64{1, 1e-6, 3e8}, "gradients, not 0").Between(-1e100, 1e100),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runAdagradSteps(ctx, c, sgd.Adagrad{})
		},
	}
}

// slope is the linear function with a gradient.
func linear(gradient float64) (*descent, error) {
	return newDescent("dot(g, theta)", 0, 1, datum{"g", []int{1}, []float64{gradient}})
}

// lengths returns the lengths of steps, from where θ stands and moves by little.
func lengths(theta [][]float64) (out []float64) {
	for k := range theta[1:] {
		out = append(out, math.Abs(theta[k+1][0]-theta[k][0]))
	}
	return out
}

// deviation is the largest relative difference from a prediction.
func deviation(lengths []float64, predicted func(k int) float64) (worst float64) {
	for k, x := range lengths {
		worst = max(worst, math.Abs(x/predicted(k)-1))
	}
	return worst
}

func runAdagradSteps(ctx context.Context, c *claim.Context, method sgd.Method) (claim.Outcome, error) {
	steps, rate := c.Int("steps"), c.Float("rate")
	var checks []claim.Check
	var series figure.Series
	for i, g := range c.Floats("gradients") {
		if g == 0 {
			return claim.Outcome{}, fmt.Errorf("gradients: entry %d is 0; a constant gradient of 0 makes no steps", i)
		}
		f, err := linear(g)
		if err != nil {
			return claim.Outcome{}, err
		}
		theta, err := f.iterates(ctx, method, rate, []float64{0}, steps)
		if err != nil {
			return claim.Outcome{}, err
		}
		made := lengths(theta)
		total := math.Abs(theta[steps][0])
		// Rounding of θ ≤ 2γ√K by half a unit, in units of the last step γ/√K, and of the
		// accumulator's K sums.
		tolerance := float64(steps) * 0x1p-50
		at := map[string]any{"gradient": g}
		checks = append(checks,
			claim.Check{Label: fmt.Sprintf("formula-%d", i), At: at, Predicted: claim.Near(1, tolerance), Measured: claim.Measured(1 + deviation(made, func(k int) float64 { return rate / math.Sqrt(float64(k+1)) }))},
			claim.Check{Label: fmt.Sprintf("exponent-%d", i), At: at, Sentence: "The steps fall like a power of k.", Predicted: claim.Near(-0.5, 1e-6), Measured: claim.Measured(exponent(made))},
			claim.Check{Label: fmt.Sprintf("distance-%d", i), At: at, Sentence: "The way made grows like 2γ√K.", Predicted: claim.Near(rate*(math.Sqrt(float64(steps+1))+math.Sqrt(float64(steps))-1.5), rate*(math.Sqrt(float64(steps))-math.Sqrt(float64(steps+1))+.5)), Measured: claim.Measured(total)},
		)
		series = sampled("measured", made)
	}
	return claim.Outcome{Checks: checks}, c.Figure("steps", stepsFigure("Adagrad's steps under a constant gradient", series, "γ/√(k + 1)", func(k int) float64 { return rate / math.Sqrt(float64(k+1)) }))
}

// exponent fits the power by which lengths fall.
func exponent(lengths []float64) float64 {
	x := make([]float64, len(lengths))
	for k := range x {
		x[k] = float64(k + 1)
	}
	return claim.Slope(x, lengths)
}

// sampled are lengths at steps spaced geometrically.
func sampled(name string, lengths []float64) figure.Series {
	s := figure.Series{Name: name, Style: figure.Measured, Color: 1}
	for k := 1; k <= len(lengths); k = sgd.Geometric(1.2).After(k) {
		s.X, s.Y = append(s.X, float64(k)), append(s.Y, lengths[k-1])
	}
	return s
}

func stepsFigure(title string, measured figure.Series, name string, predicted func(k int) float64) figure.Figure {
	line := figure.Series{Name: name, Style: figure.Predicted, Color: 1, X: measured.X}
	for _, x := range measured.X {
		line.Y = append(line.Y, predicted(int(x)-1))
	}
	return figure.Figure{
		Title: title,
		X:     figure.Axis{Label: "step k", Unit: "1", Log: true},
		Y:     figure.Axis{Label: "length of the step", Unit: "1", Log: true}, Series: []figure.Series{measured, line},
	}
}

// rmspropSteps measures steps and the amplitude on |θ|.
func rmspropSteps() claim.Claim {
	return claim.Claim{
		Numbers:  []int{34},
		Name:     "rmsprop-steps",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByBound},
		Sentence: "On f(θ) = |θ| the steps of RMSprop with a constant learning rate do not vanish: they tend to γ, and the iterates end within γ of the minimum and not nearer than γ/2 every other step.",
		Source:   "Tieleman and Hinton, Coursera lecture 6.5, 2012; Pauwels, CIMI lecture 2021 (RMSprop)",
		Mathematics: "Since `g^2 = 1`, the mean of squares after k + 1 steps is `v_{k+1} = 1 − β^{k+1}`. With ε = 0 the step is\n\n" +
			"  γ/√(1 − β^{k+1}) → γ\n\n" +
			"from above. Once |θ| is at most a step long, each step of length s passes 0 and `|θ_{k+1}| = s − |θ_k|`: of two iterates in a row one is at least s/2 from 0, and none is farther than s.\n\n" +
			"The lower one of the two drifts towards 0 as the steps shrink, and in float64 about a third of the runs hit 0 exactly. The derivative there is taken as 1, so that `g^2 = 1` throughout: with 0 the iterates would stay at 0 for ever.",
		Params: []claim.Param{
			claim.Int("steps", 5000, "steps").AtFull(100000).Between(1000, 1e6),
			claim.Float("rate", 0.0137, "the learning rate γ").Between(1e-6, 10),
			claim.Float("beta", 0.99, "the decay β of the mean of squares").Between(0, 0.999),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runRMSpropSteps(ctx, c, sgd.RMSprop{Beta: c.Float("beta")})
		},
	}
}

func runRMSpropSteps(ctx context.Context, c *claim.Context, method sgd.Method) (claim.Outcome, error) {
	steps, rate, beta := c.Int("steps"), c.Float("rate"), c.Float("beta")
	f, err := newDescent("sum(abs(theta))", 1, 1)
	if err != nil {
		return claim.Outcome{}, err
	}
	start := 100 * rate * (1 + float64(c.Rand(claim.At("stream", "start")).Float64()))
	theta, err := f.iterates(ctx, method, rate, []float64{start}, steps)
	if err != nil {
		return claim.Outcome{}, err
	}
	made := lengths(theta)
	predicted := func(k int) float64 { return rate / math.Sqrt(1-kernel.Pow(beta, float64(k+1))) }
	farthest, nearest := 0.0, math.Inf(1)
	for k := steps / 2; k < steps; k++ {
		a, b := math.Abs(theta[k][0]), math.Abs(theta[k+1][0])
		farthest, nearest = max(farthest, a), min(nearest, max(a, b))
	}
	return claim.Outcome{
		Checks: []claim.Check{
			// Rounding of θ ≤ 200γ, in units of a step of at least γ, and of v's recursion.
			{Label: "formula", Predicted: claim.Near(1, 1e-10), Measured: claim.Measured(1 + deviation(made, predicted))},
			{Label: "limit", Sentence: "The last step is γ long.", Predicted: claim.NearRelative(predicted(steps-1), 1e-10), Measured: claim.Measured(made[steps-1])},
			{Label: "amplitude", Sentence: "In the end no iterate is farther than a step from the minimum.", Predicted: claim.AtMost(predicted(steps/2) * (1 + 1e-10)), Measured: claim.Measured(farthest)},
			{Label: "stays-away", Sentence: "Of two iterates in a row one is at least half a step away.", Predicted: claim.AtLeast(rate / 2 * (1 - 1e-10)), Measured: claim.Measured(nearest)},
		},
		Result: jsonnum.Object{"start": start},
	}, c.Figure("steps", stepsFigure("RMSprop's steps on |θ|", sampled("measured", made), "γ/√(1 − βᵏ⁺¹)", predicted))
}

// adamSteps measures steps under constant and under rare gradients.
func adamSteps() claim.Claim {
	return claim.Claim{
		Numbers:  []int{35},
		Name:     "adam-steps",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByBound},
		Sentence: "Adam's steps are bounded by the learning rate α: exactly α|g|/(|g| + ε) under a constant gradient g, from the first step on.",
		Source:   "Kingma and Ba, ICLR 2015, section 2.1; Pauwels, CIMI lecture 2021 (Adam)",
		Mathematics: "Bias correction makes both means of a constant gradient exact: `m_k/(1 − β_1^k) = g` and `v_k/(1 − β_2^k) = g^2`, hence the step α|g|/(|g| + ε), about α unless |g| is near ε. For any gradients `|m_k|/√(v_k)` is bounded as well, but not by 1: if only the last of k gradients is not 0 and ε = 0, the step is\n\n" +
			"  α (1 − β_1)/√(1 − β_2) · √(1 − β_2^k)/(1 − β_1^k)\n\n" +
			"which tends to α (1 − β_1)/√(1 − β_2), about 3.16 α for the defaults: the bound of section 2.1 for sparse gradients.",
		Params: []claim.Param{
			claim.Int("steps", 2000, "steps under each gradient").AtFull(20000).Between(10, 1e6),
			claim.Float("rate", 0.01, "the learning rate α").Between(1e-6, 10),
			claim.Floats("gradients", []float64{1e-12, 1e-8, 1e-3, 1, 1e12}, "constant gradients, above 0").Between(1e-100, 1e100),
			claim.Int("zeros", 5000, "steps without a gradient before the only one").Between(1, 1e6),
		},
		Findings: []claim.Finding{{Key: "sparse", Reason: "After many gradients of 0 a single one makes a step of about α(1 − β₁)/√(1 − β₂), 3.16 α for the defaults: the mean of squares forgets more slowly than that of gradients, so that the bound is α only for gradients that are not rare."}},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runAdamSteps(ctx, c, sgd.DefaultAdam())
		},
	}
}

func runAdamSteps(ctx context.Context, c *claim.Context, method sgd.Adam) (claim.Outcome, error) {
	steps, rate := c.Int("steps"), c.Float("rate")
	adam := sgd.DefaultAdam()
	var checks []claim.Check
	var series figure.Series
	for _, g := range c.Floats("gradients") {
		f, err := linear(g)
		if err != nil {
			return claim.Outcome{}, err
		}
		theta, err := f.iterates(ctx, method, rate, []float64{0}, steps)
		if err != nil {
			return claim.Outcome{}, err
		}
		made := lengths(theta)
		want := rate * g / (g + adam.Epsilon)
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("constant-%.0e", g), At: map[string]any{"gradient": g},
			// Rounding of θ ≤ Kα in units of a step, and of the two means.
			Predicted: claim.Near(1, float64(steps)*0x1p-48), Measured: claim.Measured(1 + deviation(made, func(int) float64 { return want })),
		})
		series.X, series.Y = append(series.X, g), append(series.Y, made[0])
	}
	rare, err := rareStep(ctx, method, rate, c.Int("zeros"))
	if err != nil {
		return claim.Outcome{}, err
	}
	k := float64(c.Int("zeros") + 1)
	bound := rate * (1 - adam.Beta1) / math.Sqrt(1-adam.Beta2) * math.Sqrt(1-kernel.Pow(adam.Beta2, k)) / (1 - kernel.Pow(adam.Beta1, k))
	checks = append(checks, claim.Check{
		Label: "rare", Sentence: "A gradient after many of 0 makes a step of at most α.",
		Predicted: claim.AtMost(rate), Measured: claim.Measured(rare), Finding: "sparse", Instead: claim.NearRelative(bound, 1e-9),
	})
	series.Name, series.Style, series.Color = "measured, all steps", figure.Measured, 1
	line := figure.Series{Name: "α|g|/(|g| + ε)", Style: figure.Predicted, Color: 1}
	for g := series.X[0]; g <= series.X[len(series.X)-1]; g *= 2 {
		line.X, line.Y = append(line.X, g), append(line.Y, rate*g/(g+adam.Epsilon))
	}
	return claim.Outcome{Checks: checks}, c.Figure("steps", figure.Figure{
		Title: "Adam's steps under constant gradients", X: figure.Axis{Label: "gradient", Unit: "1", Log: true},
		Y: figure.Axis{Label: "length of the step", Unit: "1", Log: true}, Series: []figure.Series{series, line},
	})
}

// rareStep is the length of the step of the first gradient that is not 0.
func rareStep(ctx context.Context, method sgd.Adam, rate float64, zeros int) (float64, error) {
	f, err := linear(1)
	if err != nil {
		return 0, err
	}
	method.Epsilon = 0
	p := []sgd.Param{{Name: "theta", Shape: []int{1}, Value: f.ws.In(0), Grad: f.ws.Out(1)}}
	state, err := method.Start(p)
	if err != nil {
		return 0, err
	}
	g := f.ws.In(1)
	g[0] = 0
	for k := range zeros + 1 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if k == zeros {
			g[0] = 1
		}
		if err := f.step(p, state, rate); err != nil {
			return 0, err
		}
	}
	return math.Abs(p[0].Value[0]), nil
}
