package critical

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// basinText is ((x) + 1)²/2 with x spelled as identityText: Clarke critical at
// −1 only, and for the program at 0 too.
const basinText = "(" + identityText + " + 1)^2/2"

// avoidance counts how often random runs meet an artificial critical point.
func avoidance() claim.Claim {
	return claim.Claim{
		Numbers:  []int{27},
		Name:     "avoidance",
		Theorem:  claim.Probability,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByAbsence},
		Sentence: "For almost all x₀ and c, SGD with step sizes cα′ₖ avoids artificial critical points: no run meets one over the reals, and in floating point a share of runs does that is proportional to the spacing of the numbers.",
		Source:   "Bolte and Pauwels, NeurIPS 2020, arXiv 2006.02080; Bianchi, Hachem, Schechtman, SVVA 2022, arXiv 2005.08513",
		Mathematics: `The program ` + "`relu(x) − relu(−x)`" + ` with ` + "`relu′(0) = 0`" + ` computes x and has the artificial critical point 0 (claim artificial-points). The recursion is ` + "`x_{k+1} = x_k − cα′_k`" + ` until ` + "`x_k = 0`" + `. Let ` + "`S_K = α_0 + … + α_K`" + ` with ` + "`α_k = cα′_k`" + ` and ` + "`α′_k = (k + 1)^{−p}`" + `. Over the reals 0 is met if and only if ` + "`x_0`" + ` is one of the countably many numbers ` + "`S_K`" + `, an event of probability 0 if ` + "`x_0`" + ` has a density given c. In general the starts and factors c that lead into a set of measure 0 are themselves of measure 0, as each step is a local diffeomorphism almost everywhere for almost all c.

With t significant bits a run meets 0 at step K + 1 if and only if the float ` + "`x_K`" + ` equals the float ` + "`α_K`" + `. The map from the real ` + "`x_0`" + ` to ` + "`x_K`" + ` is a non-decreasing staircase of mean slope 1 (rounding is monotone, and subtracting moves nothing together), whose values near ` + "`α_K`" + ` are floats with spacing ulp` + "`(α_K)`" + `. So the sets ` + "`{x_0 : x_K = g}`" + `, over the floats g, are adjacent intervals of mean length ulp` + "`(α_K)`" + `. If the last bits of ` + "`α_K`" + ` are independent of those of the earlier step sizes, which is the one heuristic step here and better the larger t is, then for ` + "`x_0`" + ` uniform in an interval of length X that contains them all

	P(hit within M steps) = (1/X) ∑_{K<M} E[ulp(α_K)].

For c uniform in [½, 1) and ` + "`α′_K = b2^e`" + ` with 1 ≤ b < 2 the last mean is ` + "`(3/2 − 1/b)·2^e·ε`" + `, where ` + "`ε = 2^{1−t}`" + ` is the spacing in [1, 2). Hence the probability is a constant times ε: the ratio of float16 to float32 is ` + "`2^{13}`" + ` and of float32 to float64 ` + "`2^{29}`" + `.

Events as rare as ` + "`10^{−17}`" + ` are measured by drawing ` + "`x_0`" + ` from the windows ` + "`|x_0 − S_K| < 16ε`" + ` only, outside of which rounding errors cannot produce a hit (the start and each of the K iterates err by half a unit in the last place, less than 16ε in all), and multiplying the frequency by the known probability of the windows. Eight bits (bfloat16), where the windows would overlap, are measured without that device. float32 and float64 are native; the others are emulated by rounding after each operation.

The last check has a function with a Clarke critical point, ` + "`f(x) = (x + 1)²/2`" + `, spelled with the same kink: 0 is artificial, −1 is the limit. Away from 0 the distance to −1 contracts by ` + "`1 − α_k`" + ` in each step, to at most the tolerance 0.01 within the steps made.`,
		Params: []claim.Param{
			claim.Int("trials", 1<<19, "runs in each arithmetic").AtFull(1<<22).Between(1<<19, 1<<26),
			claim.Int("steps", 16, "steps of a run").Between(4, maxRunSteps),
			claim.Float("power", 0.75, "step sizes are c·(k+1)^−power").Between(minPower, 0.95),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			return claim.Inputs{Programs: []string{identityText, basinText}}, nil
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runAvoidance(ctx, c, identityText, basinText)
		},
	}
}

// avoidanceChecks bounds the number of statistical checks of this claim.
const avoidanceChecks = 10

// ratioTolerance allows for the interval of the measured frequency and for the
// independence of last bits, which is asymptotic.
const ratioTolerance = 0.25

func runAvoidance(ctx context.Context, c *claim.Context, text, basin string) (claim.Outcome, error) {
	steps, power := c.Int("steps"), c.Float("power")
	checks, series, err := measuredFormats(ctx, c, text)
	if err != nil {
		return claim.Outcome{}, err
	}
	whole := ensemble{bfloat16, "whole range", 2 * c.Int("trials"), wholeRange(steps, power)}
	hits, err := whole.hits(ctx, c, text)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks = append(checks, claim.Check{
		Label: "bfloat16-whole-range", Predicted: claim.Near(1, ratioTolerance), Measured: over(hits, whole.trials, whole.hitProbability(steps, power)),
		Sentence: "The frequency of hits from starts in the whole range, with eight bits, is that predicted.",
	})
	more, err := rareHits(ctx, c, text, basin)
	if err != nil {
		return claim.Outcome{}, err
	}
	theory, found := whole.hitProbability(steps, power), claim.Proportion(hits, whole.trials, claim.Alpha/avoidanceChecks)
	series[1].X, series[1].Y = append(series[1].X, whole.spacing()), append(series[1].Y, theory)
	series = append(series, figure.Series{
		Name: "measured, whole range", Style: figure.Measured, X: []float64{whole.spacing()},
		Y: []float64{found.Value}, Lower: []float64{found.Lower}, Upper: []float64{found.Upper},
	})
	if err := c.Figure("hits", hitFigure(series)); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: append(checks, more...), Result: jsonnum.Object{
		"spacing": series[0].X, "probability": series[0].Y, "predicted": series[1].Y[:len(series[0].Y)],
	}}, nil
}

// over is a frequency relative to a predicted probability.
func over(k, n int, predicted float64) claim.Measurement {
	m := claim.Proportion(k, n, claim.Alpha/avoidanceChecks)
	return claim.MeasuredIn(m.Value/predicted, m.Lower/predicted, m.Upper/predicted)
}

// measuredFormats measures the probability of a hit in three formats.
func measuredFormats(ctx context.Context, c *claim.Context, text string) ([]claim.Check, []figure.Series, error) {
	steps, power := c.Int("steps"), c.Float("power")
	found := figure.Series{Name: "measured, near the sums of step sizes", Style: figure.Measured, Color: 1}
	theory := figure.Series{Name: "predicted: a mean unit in the last place", Style: figure.Predicted, Color: 1}
	var checks []claim.Check
	for _, a := range []arithmetic{float16, float32s, float64s} {
		near := ensemble{a, "near hits", c.Int("trials"), nearHits}
		hits, err := near.hits(ctx, c, text)
		if err != nil {
			return nil, nil, err
		}
		share, want := a.windowShare(steps, power), a.hitProbability(steps, power)
		m := claim.Proportion(hits, near.trials, claim.Alpha/avoidanceChecks)
		found.X, found.Y = append(found.X, a.spacing()), append(found.Y, share*m.Value)
		found.Lower, found.Upper = append(found.Lower, share*m.Lower), append(found.Upper, share*m.Upper)
		theory.X, theory.Y = append(theory.X, a.spacing()), append(theory.Y, want)
		checks = append(checks, claim.Check{
			Label: a.name, Predicted: claim.Near(1, ratioTolerance), Measured: over(hits, near.trials, want/share), At: map[string]any{"bits": a.bits, "probability": share * m.Value},
			Sentence: "The probability of a hit, relative to the mean unit in the last place of the step sizes, is 1.",
		})
		if err := c.Trace(jsonnum.Object{"arithmetic": a.name, "hits": hits, "trials": near.trials, "probability": share * m.Value, "predicted": want}); err != nil {
			return nil, nil, err
		}
	}
	return append(checks, spacingChecks(found)...), []figure.Series{found, theory}, nil
}

// spacingChecks compare formats: the exponent, and two ratios in powers of two.
func spacingChecks(found figure.Series) []claim.Check {
	power := func(i, j int) claim.Measurement {
		log2 := func(a, b float64) float64 { return kernel.Log(a/b) / math.Ln2 }
		return claim.MeasuredIn(log2(found.Y[i], found.Y[j]), log2(found.Lower[i], found.Upper[j]), log2(found.Upper[i], found.Lower[j]))
	}
	gap := func(a, b arithmetic) claim.Prediction { return claim.Near(float64(b.bits-a.bits), 0.5) }
	return []claim.Check{
		{Label: "slope", Predicted: claim.Near(1, 0.02), Measured: claim.Measured(claim.Slope(found.X, found.Y)), Sentence: "The probability of a hit is proportional to the spacing of the numbers."},
		{Label: "float16-to-float32", Predicted: gap(float16, float32s), Measured: power(0, 1), Sentence: "The ratio of the probabilities in float16 and float32, as a power of two, is that of their spacings."},
		{Label: "float32-to-float64", Predicted: gap(float32s, float64s), Measured: power(1, 2), Sentence: "The ratio of the probabilities in float32 and float64, as a power of two, is that of their spacings."},
	}
}

func hitFigure(series []figure.Series) figure.Figure {
	return figure.Figure{
		Title:   "How often rounding makes a run meet an artificial critical point",
		Caption: "Probability that a run from a random start is stuck at 0, for 53, 24, 11 and 8 significant bits (float64, float32, float16, bfloat16), with intervals at the level of the verdicts. It is proportional to the spacing of the numbers and goes to 0 with it, the value over the reals.",
		X:       figure.Axis{Label: "spacing of the numbers in [1, 2)", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "probability of a hit within the run", Unit: "1", Log: true},
		Series:  series,
	}
}
