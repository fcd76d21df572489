package critical

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// tameSGD lets steps diminish on a nonconvex nonsmooth function.
func tameSGD() claim.Claim {
	return claim.Claim{
		Numbers:  []int{27},
		Name:     "tame-sgd",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByCoverage},
		Sentence: "SGD with Σα = ∞, Σα² < ∞ and bounded iterates on a tame locally Lipschitz function converges in value, and its limit points are Clarke critical: on |x² + y² − 1| the mean distance to the critical set is (1 + σ²/4)αₖ, and the iterates converge.",
		Source:   "Davis, Drusvyatskiy, Kakade, Lee, FoCM 20 (2020)",
		Mathematics: `Let ` + "`x_{k+1} = x_k − α_k(y_k + ξ_k)`" + ` with ` + "`y_k ∈ ∂f(x_k)`" + `, independent noise ξ of mean 0 and variance σ² in each coordinate, ` + "`∑ α_k = ∞`" + ` and ` + "`∑ α_k² < ∞`" + `. If f is locally Lipschitz and definable (more generally, has a chain rule along curves and critical values with dense complement) and the iterates are bounded, then almost surely ` + "`f(x_k)`" + ` converges and every limit point is Clarke critical.

The example is ` + "`f(x, y) = |x² + y² − 1|`" + `, nonconvex and semialgebraic. Its critical set Z is the unit circle, of value 0, where ` + "`∂f(z) = {2tz : −1 ≤ t ≤ 1}`" + `, and the origin, of value 1, a smooth local maximum. There is no rate in the theorem; here it can be derived. Near the circle let ρ = r − 1. The gradient is ` + "`2 sign(ρ)z`" + ` to first order, so that

	E[ρ_{k+1}²] = E[ρ_k²] − 4α_k E|ρ_k| + α_k²(4 + σ²)

up to higher order in α. As ` + "`α_k`" + ` varies slowly the second moments balance, and

	E dist(x_k, Z) = α_k(4 + σ²)/4,      E f(x_k) = α_k(4 + σ²)/2.

With ` + "`α_k = c(k + 1)^{−p}`" + ` both fall with slope −p.

Along the circle nothing but noise acts: the angle is a martingale with increments of variance ` + "`α_k²σ²`" + `, so the mean square of its change from step K to 2K is

	σ² ∑_{K≤k<2K} α_k².

Its sum over k is finite exactly if p > ½: then the iterates converge themselves, to a point of the circle that depends on the noise. All of this is measured over independent copies, with intervals over copies. That points of the circle are critical is found in rationals at random rational points of it.`,
		Params: []claim.Param{
			claim.Floats("powers", []float64{0.6, 0.75, 0.9}, "powers p of the step sizes c(k+1)^−p").Between(0.51, 1),
			claim.Int("doublings", 12, "a run has 2^doublings steps").AtFull(15).Between(9, 16),
			claim.Int("copies", 256, "independent copies").AtFull(512).Between(256, 1024),
			claim.Float("factor", 0.25, "c, the first step size").Between(0.1, 0.4),
			claim.Float("noise", 0.5, "standard deviation σ of the noise in each coordinate").Between(0.1, 1),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runTame(ctx, c, circle)
		},
	}
}

// circle is Σ |x² + y² − 1| over rows.
func circle(theta expr.Node) expr.Node {
	return expr.Sum(expr.Abs(expr.Shift(expr.SumLast(expr.Mul(theta, theta)), -1)))
}

// firstOctave is where octaves of steps begin to be used: from 2^firstOctave on
// the circle has been reached and α is small.
const firstOctave = 6

// tameRun is what one power gave, octave by octave.
type tameRun struct {
	power       float64
	step        []float64 // geometric middle of the octave
	distance    []float64 // mean over the octave and the copies
	low, high   []float64
	value       []float64
	theory      []float64
	last, drift claim.Measurement // relative to the predictions
	kinks       int
}

func runTame(ctx context.Context, c *claim.Context, sum func(expr.Node) expr.Node) (claim.Outcome, error) {
	runs := make([]tameRun, len(c.Floats("powers")))
	err := c.Each(ctx, len(runs), func(ctx context.Context, i int) (err error) {
		runs[i], err = measureTame(ctx, c, sum, i)
		return err
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	critical, err := criticalShare(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	out := claim.Outcome{Checks: []claim.Check{{
		Label: "circle-critical", Predicted: claim.Exact(1), Measured: claim.Measured(critical),
		Sentence: "Random rational points of the unit circle are Clarke critical, and the same points moved off it are not, in rationals.",
	}}}
	result := jsonnum.Object{}
	for i, r := range runs {
		out.Checks = append(out.Checks, r.checks(i+1)...)
		result[fmt.Sprintf("power-%d", i+1)] = jsonnum.Object{"power": r.power, "step": r.step, "distance": r.distance, "value": r.value, "predicted_distance": r.theory, "kinks_met": r.kinks}
	}
	out.Result = result
	return out, c.Figure("distance", tameFigure(runs))
}

// measureTame trains all copies with one power.
func measureTame(ctx context.Context, c *claim.Context, sum func(expr.Node) expr.Node, index int) (tameRun, error) {
	n, sigma := c.Int("copies"), c.Float("noise")
	rates := sgd.Power{C: c.Float("factor"), P: c.Floats("powers")[index]}
	at := claim.At("power", index)
	o := newOctaves(n, c.Int("doublings"))
	p := copies{count: n, size: 2, sum: sum, noise: sigma, rates: rates, steps: 1 << c.Int("doublings"), start: annulus(n, c.Rand(claim.At("stream", "start"), at))}
	kinks, err := p.run(ctx, c, at, o.see)
	if err != nil {
		return tameRun{}, err
	}
	r := tameRun{power: rates.P, kinks: kinks}
	alpha := claim.Alpha / float64(2*len(c.Floats("powers")))
	turned := make([]float64, n)
	for j := range o.distance {
		first := 1 << (firstOctave + j)
		mean, squares := rateSums(rates, first)
		want := mean * (4 + float64(sigma*sigma)) / 4
		m := claim.Mean(o.distance[j], alpha)
		r.step, r.theory = append(r.step, float64(first)*math.Sqrt2), append(r.theory, want)
		r.distance, r.low, r.high = append(r.distance, m.Value), append(r.low, m.Lower), append(r.high, m.Upper)
		r.value = append(r.value, claim.Mean(o.value[j], alpha).Value)
		r.last = claim.MeasuredIn(m.Value/want, m.Lower/want, m.Upper/want)
		for i, a := range o.turn[j] {
			turned[i] += a * a / (float64(sigma*sigma) * squares) / float64(len(o.distance))
		}
	}
	r.drift = claim.Mean(turned, alpha)
	return r, nil
}

// rateSums are the mean of αₖ and the sum of αₖ² over an octave of steps.
func rateSums(rates sgd.Schedule, first int) (mean, squares float64) {
	for k := first; k < 2*first; k++ {
		a := rates.Rate(sgd.Progress{Step: k})
		mean += a / float64(first)
		squares += float64(a * a)
	}
	return mean, squares
}

// annulus draws starts with ½ ≤ r ≤ 3/2.
func annulus(n int, rng *rand.Rand) []float64 {
	out := make([]float64, 2*n)
	for i := range n {
		random.Sphere(out[2*i:2*i+2], uniform(rng, 0.5, 1.5), rng)
	}
	return out
}

func (r tameRun) checks(i int) []claim.Check {
	at := map[string]any{"power": r.power}
	label := func(s string) string { return fmt.Sprintf("%s-%d", s, i) }
	return []claim.Check{
		{Label: label("distance-slope"), At: at, Predicted: claim.Near(-r.power, 0.06), Measured: claim.Measured(claim.Slope(r.step, r.distance)), Sentence: "The mean distance to the critical set falls as the step sizes do, as k^−p."},
		{Label: label("value-slope"), At: at, Predicted: claim.Near(-r.power, 0.06), Measured: claim.Measured(claim.Slope(r.step, r.value)), Sentence: "f(xₖ) converges to the critical value 0, on average as k^−p."},
		{Label: label("distance"), At: at, Predicted: claim.Covered(1, 0.2), Measured: r.last, Sentence: "In the last octave of steps the mean distance is α(4 + σ²)/4."},
		{Label: label("turn"), At: at, Predicted: claim.Covered(1, 0.45), Measured: r.drift, Sentence: "The mean square change of the angle over an octave is σ²Σα², so the iterates converge."},
		{Label: label("kinks"), At: at, Predicted: claim.Exact(0), Measured: claim.Measured(float64(r.kinks)), Sentence: "No run meets the kink exactly."},
	}
}

func tameFigure(runs []tameRun) figure.Figure {
	f := figure.Figure{
		Title:   "Distance to the critical set with diminishing steps",
		Caption: "Mean distance of the iterates to the unit circle for f(x, y) = |x² + y² − 1| and step sizes c(k + 1)^−p, averaged over octaves of steps, with intervals over copies, on the predicted (1 + σ²/4)αₖ.",
		X:       figure.Axis{Label: "step k", Unit: "1", Log: true}, Y: figure.Axis{Label: "mean distance to the critical set", Unit: "1", Log: true},
	}
	for i, r := range runs {
		color := i%7 + 1
		f.Series = append(f.Series,
			figure.Series{Name: fmt.Sprintf("p = %v, measured", r.power), Style: figure.Measured, X: r.step, Y: r.distance, Lower: r.low, Upper: r.high, Color: color},
			figure.Series{Name: fmt.Sprintf("p = %v, predicted", r.power), Style: figure.Predicted, X: r.step, Y: r.theory, Color: color})
	}
	return f
}
