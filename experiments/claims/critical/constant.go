package critical

import (
	"context"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// constantStep measures the invariant laws of SGD with constant steps.
func constantStep() claim.Claim {
	return claim.Claim{
		Numbers:  []int{27},
		Name:     "constant-step",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByCoverage, claim.ByBound},
		Sentence: "With a constant step γ the iterates of SGD settle to an invariant law that concentrates on the critical points as γ → 0: at a distance of order γ at a sharp minimum and of order √γ at a smooth one.",
		Source:   "Bianchi, Hachem, Schechtman, SVVA 2022, arXiv 2005.08513; Pauwels, CIMI lecture 2021",
		Mathematics: `The recursion is ` + "`x_{k+1} = x_k − γ(v_k + ξ_k)`" + ` with independent noise of mean 0 and variance ` + "`σ²`" + ` and ` + "`v_k`" + ` a gradient of f at ` + "`x_k`" + `. Bianchi, Hachem and Schechtman show, for almost all γ and starts, that ` + "`limsup_k P(dist(x_k, Z) > ε) → 0`" + ` as γ → 0, Z being the set of critical points, without asking for a Clarke subgradient at kinks: kinks are not met.

For ` + "`f(x) = |x|`" + ` the law is known in one respect without solving for it. Squaring,

	E[x_{k+1}²] = E[x_k²] − 2γ E|x_k| + γ²(1 + σ²)

as ` + "`⟨x_k, sign(x_k)⟩ = |x_k|`" + ` and ξ is independent of ` + "`x_k`" + `. In the invariant law the two second moments are equal, hence

	E|x| = γ(1 + σ²)/2

exactly, for every noise of this variance: slope 1 in γ. (By the scaling x = γu, the law of u does not depend on γ at all.) For ` + "`f(x) = x²/2`" + ` the same balance reads ` + "`E[x²] = (1 − γ)²E[x²] + γ²σ²`" + `, so that

	E[x²] = γσ²/(2 − γ),

a standard deviation of order ` + "`√γ`" + `: slope ½ up to the factor ` + "`(2 − γ)^{−½}`" + `, which the predicted slope takes into account. Markov's and Chebyshev's inequalities give

	P(|x| > ε) ≤ γ(1 + σ²)/(2ε) for |x|,      P(|x| > ε) ≤ γσ²/((2 − γ)ε²) for x²/2,

and both go to 0 with γ.

Measured are time averages over independent copies, each after a burn-in of several relaxation times (1/γ steps for x²/2, a fixed number for |x|); Student's interval is taken over copies.`,
		Params: []claim.Param{
			claim.Floats("steps", []float64{0.25, 0.125, 0.0625, 0.03125, 0.015625}, "constant step sizes γ").AtFull([]float64{0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625}).Between(1./512, 0.5),
			claim.Int("copies", 512, "independent copies").AtFull(1024).Between(256, 2048),
			claim.Int("length", 40, "length of a run in relaxation times, half of them burn-in").AtFull(80).Between(20, 200),
			claim.Float("noise", 1, "standard deviation σ of the noise").Between(0.25, 4),
			claim.Float("epsilon", 0.5, "distance ε to the critical point that is asked about").Between(0.01, 10),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runConstant(ctx, c, sharpAndSmooth())
		},
	}
}

// landscape is a function with the critical point 0, and what its invariant law
// is like.
type landscape struct {
	name string
	sum  func(theta expr.Node) expr.Node
	// mean is of the statistic of x that the theory knows: |x| or x².
	statistic func(x float64) float64
	mean      func(gamma, sigma float64) float64
	// tail bounds P(|x| > ε).
	tail func(gamma, sigma, epsilon float64) float64
	// order is that of the statistic in x.
	order int
}

func sharpAndSmooth() []landscape {
	sharp := func(gamma, sigma float64) float64 { return gamma * (1 + float64(sigma*sigma)) / 2 }
	smooth := func(gamma, sigma float64) float64 { return gamma * sigma * sigma / (2 - gamma) }
	return []landscape{
		{
			name: "abs", sum: func(theta expr.Node) expr.Node { return expr.Sum(expr.Abs(theta)) },
			statistic: math.Abs, mean: sharp, order: 1,
			tail: func(g, s, e float64) float64 { return min(1, sharp(g, s)/e) },
		},
		{
			name: "square", sum: func(theta expr.Node) expr.Node { return expr.Scale(0.5, expr.Sum(expr.Mul(theta, theta))) },
			statistic: func(x float64) float64 { return x * x }, mean: smooth, order: 2,
			tail: func(g, s, e float64) float64 { return min(1, smooth(g, s)/(e*e)) },
		},
	}
}

// law is what was measured for one landscape, at each γ.
type law struct {
	ratio       []claim.Measurement // of the mean of the statistic to the prediction
	size, tail  []float64           // E|x| or the standard deviation; P(|x| > ε)
	low, high   []float64           // interval of size
	kinks       int
	theory, cap []float64
}

func runConstant(ctx context.Context, c *claim.Context, landscapes []landscape) (claim.Outcome, error) {
	gammas := c.Floats("steps")
	if distinct(gammas) < 2 {
		return claim.Outcome{}, fmt.Errorf("steps: a slope needs at least two different step sizes, such as 0.25,0.125")
	}
	laws := make([]law, len(landscapes))
	for i, l := range landscapes {
		var err error
		if laws[i], err = l.measure(ctx, c, gammas); err != nil {
			return claim.Outcome{}, err
		}
	}
	if err := drawLaws(c, gammas, landscapes, laws); err != nil {
		return claim.Outcome{}, err
	}
	var checks []claim.Check
	result := jsonnum.Object{"steps": gammas}
	for i, l := range landscapes {
		checks = append(checks, l.checks(gammas, laws[i])...)
		result[l.name] = jsonnum.Object{"size": laws[i].size, "share_beyond_epsilon": laws[i].tail, "kinks_met": laws[i].kinks}
	}
	return claim.Outcome{Checks: checks, Result: result}, nil
}

// distinct counts different numbers.
func distinct(list []float64) int {
	seen := map[float64]bool{}
	for _, x := range list {
		seen[x] = true
	}
	return len(seen)
}

// relaxation is a time after which a copy has nearly forgotten its start: 1/γ
// steps for x²/2. For |x| at a few γ the drift of size γ works against noise of
// size γσ, so it is of order 1 + σ² steps.
func (l landscape) relaxation(gamma, sigma float64) float64 {
	if l.order == 2 {
		return 1 / gamma
	}
	return 4 * (1 + float64(sigma*sigma))
}

func (l landscape) measure(ctx context.Context, c *claim.Context, gammas []float64) (law, error) {
	laws := make([]law, len(gammas))
	err := c.Each(ctx, len(gammas), func(ctx context.Context, i int) (err error) {
		laws[i], err = l.at(ctx, c, gammas[i], claim.Alpha/float64(2*len(gammas)))
		return err
	})
	var all law
	for _, one := range laws {
		all.ratio, all.size, all.tail = append(all.ratio, one.ratio...), append(all.size, one.size...), append(all.tail, one.tail...)
		all.low, all.high = append(all.low, one.low...), append(all.high, one.high...)
		all.theory, all.cap = append(all.theory, one.theory...), append(all.cap, one.cap...)
		all.kinks += one.kinks
	}
	return all, err
}

// at runs all copies with one step size, started with the predicted size.
func (l landscape) at(ctx context.Context, c *claim.Context, gamma, alpha float64) (law, error) {
	n, sigma, epsilon := c.Int("copies"), c.Float("noise"), c.Float("epsilon")
	want := l.mean(gamma, sigma)
	size := func(mean float64) float64 {
		if l.order == 2 {
			return math.Sqrt(mean)
		}
		return mean
	}
	start := make([]float64, n)
	at := claim.At(l.name, gamma)
	random.Normals(start, size(want), c.Rand(claim.At("stream", "start"), at))
	steps := int(float64(c.Int("length")) * l.relaxation(gamma, sigma))
	p := copies{count: n, size: 1, sum: l.sum, noise: sigma, rates: sgd.Constant(gamma), steps: steps, start: start}
	sums, beyond := make([]float64, n), 0
	counted := steps - steps/2
	kinks, err := p.run(ctx, c, at, func(step int, theta []float64) {
		if step <= steps/2 {
			return
		}
		for r, x := range theta {
			sums[r] += l.statistic(x) / float64(counted)
			if math.Abs(x) > epsilon {
				beyond++
			}
		}
	})
	m := claim.Mean(sums, alpha)
	return law{
		ratio: []claim.Measurement{claim.MeasuredIn(m.Value/want, m.Lower/want, m.Upper/want)},
		size:  []float64{size(m.Value)}, low: []float64{size(max(m.Lower, 0))}, high: []float64{size(m.Upper)},
		theory: []float64{size(want)}, cap: []float64{l.tail(gamma, sigma, epsilon)},
		tail: []float64{float64(beyond) / float64(n*counted)}, kinks: kinks,
	}, err
}

// ratioWidth is the widest interval of a mean that counts as a measurement of it.
const ratioWidth = 0.25

func (l landscape) checks(gammas []float64, m law) []claim.Check {
	var checks []claim.Check
	excess := 0.0
	for i, gamma := range gammas {
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("%s-mean-%d", l.name, i+1), At: map[string]any{"step": gamma},
			Sentence:  "The mean of |x| for |x|, of x² for x²/2, in the invariant law is that of the balance of second moments.",
			Predicted: claim.Covered(1, ratioWidth), Measured: m.ratio[i],
		})
		excess = max(excess, m.tail[i]-m.cap[i])
	}
	return append(checks,
		claim.Check{
			Label: l.name + "-slope", Predicted: claim.Near(claim.Slope(gammas, m.theory), 0.05), Measured: claim.Measured(claim.Slope(gammas, m.size)),
			Sentence: "The size of x in the invariant law is proportional to γ for |x|, and to √(γ/(2 − γ)), of order √γ, for x²/2.",
		},
		claim.Check{
			Label: l.name + "-concentration", Predicted: claim.AtMost(0), Measured: claim.Measured(excess),
			Sentence: "P(|x| > ε) is nowhere above the bound that goes to 0 with γ.",
		},
		claim.Check{
			Label: l.name + "-kinks", Predicted: claim.Exact(0), Measured: claim.Measured(float64(m.kinks)),
			Sentence: "No run meets a kink exactly, so no Clarke oracle is needed.",
		})
}

func drawLaws(c *claim.Context, gammas []float64, landscapes []landscape, laws []law) error {
	sizes := figure.Figure{
		Title:   "Size of the iterates for constant steps",
		Caption: "Mean |x| for f = |x| and standard deviation of x for f = x²/2 in the invariant law, with intervals over copies, on the values predicted from the balance of second moments: slope 1 and slope ½.",
		X:       figure.Axis{Label: "step size γ", Unit: "1", Log: true}, Y: figure.Axis{Label: "size of x", Unit: "1", Log: true},
	}
	tails := figure.Figure{
		Title:   "Concentration on the critical point",
		Caption: "Share of iterates farther than ε from the critical point, below the bounds of Markov and Chebyshev. Shares of 0 are left out.",
		X:       sizes.X, Y: figure.Axis{Label: "P(|x| > ε)", Unit: "1", Log: true},
	}
	names := map[string]string{"abs": "|x|", "square": "x²/2"}
	for i, l := range landscapes {
		m := laws[i]
		sizes.Series = append(sizes.Series,
			figure.Series{Name: names[l.name] + ", measured", Style: figure.Measured, X: gammas, Y: m.size, Lower: m.low, Upper: m.high, Color: i + 1},
			figure.Series{Name: names[l.name] + ", predicted", Style: figure.Predicted, X: gammas, Y: m.theory, Color: i + 1})
		tails.Series = append(tails.Series,
			figure.Series{Name: names[l.name] + ", measured", Style: figure.Measured, X: gammas, Y: m.tail, Color: i + 1},
			figure.Series{Name: names[l.name] + ", bound", Style: figure.Predicted, X: gammas, Y: m.cap, Color: i + 1})
	}
	if err := c.Figure("sizes", sizes); err != nil {
		return err
	}
	return c.Figure("tails", tails)
}
