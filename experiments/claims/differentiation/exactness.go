package differentiation

import (
	"context"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// exactness compares automatic differentiation with difference quotients.
func exactness() claim.Claim {
	return claim.Claim{
		Numbers:     []int{4},
		Name:        "exact-to-rounding",
		Theorem:     claim.Limit,
		Decides:     []claim.Decision{claim.ByTolerance, claim.ByBound},
		Sentence:    "Automatic differentiation is the chain rule and has no truncation error: its relative error is proportional to the unit roundoff u, whereas the best error over all steps is about u^{1/2} for one-sided and u^{2/3} for central difference quotients.",
		Source:      "Pauwels, CIMI lecture 2021; Griewank and Walther, Evaluating Derivatives (2008); Higham, Accuracy and Stability of Numerical Algorithms (2002)",
		Mathematics: exactnessMathematics,
		Params: []claim.Param{
			claim.Text("function", "polynomial", "the function whose derivative is approximated").Among("polynomial", "rational", "kinked"),
			claim.Int("points", 48, "random points in [1, 2] at which it is").AtFull(2000).Between(16, 1e6),
			claim.Int("programs", 100, "random programs of positive numbers").AtFull(5000).Between(1, 1e6),
			claim.Int("steps", 25, "operations of such a program").Between(1, 60),
		},
		Run: runExactness,
	}
}

const exactnessMathematics = "In floating-point arithmetic each operation has a relative error of at most the unit roundoff, `u = 2^{−53}` in float64 and `2^{−24}` in float32. " +
	"In a program of sums, products and relu of positive numbers nothing cancels, and neither does it in the gradient, whose terms are products of positive numbers. If moreover one factor of each product is an input or a constant, both exact, each operation adds at most one factor `1 + δ` with `|δ| ≤ u` to the error of its result, and so does each operation of the gradient: an adjoint and a value that meet in a product come from different operations. So `n` operations give a relative error of at most\n\n" +
	"\tγ_n = nu/(1 − nu)\n\n" +
	"and every entry of the gradient is known to that accuracy, for the `n` operations of the gradient program. (Iterated squares need more than one factor each: `x^{2^n}` has `2^n − 1` after `n` products.) Where terms cancel the bound holds relative to the sum of their absolute values. The truth is a central difference quotient of the values in rationals with the step `2^{−120}`, so that it shares no derivative rule with what is tested.\n\n" +
	"A difference quotient has a truncation error besides the error of the values, about `u|f|`, divided by the step `h`:\n\n" +
	"\tone-sided: |f″|h/2 + c·u|f|/h, smallest for h ∝ u^{1/2}, where it is ∝ u^{1/2}\n" +
	"\tcentral: |f‴|h^2/6 + c·u|f|/h, smallest for h ∝ u^{1/3}, where it is ∝ u^{2/3}\n\n" +
	"So a plot of the error against `h` has slopes 1 and 2 for large `h`, `−1` for small `h`, and the exponents of the best error are the slopes of its logarithm against `log u`, for which the same function is run in float32 and in float64: 1/2, 2/3, and 1 for automatic differentiation. " +
	"Errors are root mean squares over random points, for at a single point the two errors may cancel at some step by luck. Steps are powers of two, for which `x ± h` is exact. Truncation alone is seen in rationals, at a few of the points."

func runExactness(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	units, ofBound, err := positiveErrors(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	found, err := measureDifferences(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	out := claim.Outcome{Checks: append([]claim.Check{{
		Label: "positive-programs", Predicted: claim.AtMost(1), Measured: claim.Measured(ofBound),
		Sentence: "Partial derivatives of programs of positive numbers have a relative error of at most γ_n; the number is the largest error divided by the bound.",
	}}, exponentChecks(found)...)}
	result := jsonnum.Object{"positive_programs_error_in_u": units}
	for _, d := range found {
		result[d.precision.String()] = jsonnum.Object{
			"u": d.unit, "ad": d.ad, "h": d.h, "one_sided": d.oneSided, "central": d.central,
			"best_one_sided": slices.Min(d.oneSided), "best_central": slices.Min(d.central),
		}
	}
	out.Result = result
	return out, c.Figure("errors", exactnessFigure(found[len(found)-1]))
}

// exponentTolerance covers how the constants of the two arithmetics differ, and
// the coarseness of steps that are powers of two.
const exponentTolerance = 0.06

func exponentChecks(found []differences) []claim.Check {
	var units, exact, oneSided, central []float64
	for _, d := range found {
		units, exact = append(units, d.unit), append(exact, d.ad)
		oneSided, central = append(oneSided, slices.Min(d.oneSided)), append(central, slices.Min(d.central))
	}
	wide := found[len(found)-1]
	near := func(label string, exponent float64, x, y []float64) claim.Check {
		return claim.Check{Label: label, Predicted: claim.Near(exponent, exponentTolerance), Measured: claim.Measured(claim.Slope(x, y))}
	}
	last := len(wide.h)
	return []claim.Check{
		near("ad-in-u", 1, units, exact),
		near("one-sided-in-u", 1./2, units, oneSided),
		near("central-in-u", 2./3, units, central),
		near("one-sided-truncation", 1, wide.h[6:18], wide.oneSided[6:18]),
		near("central-truncation", 2, wide.h[5:12], wide.central[5:12]),
		near("rounding", -1, wide.h[last-18:last-2], wide.central[last-18:last-2]),
	}
}

func exactnessFigure(d differences) figure.Figure {
	level := make([]float64, len(d.h))
	for i := range level {
		level[i] = d.ad
	}
	return figure.Figure{
		Title:   "Relative error of a derivative in float64",
		Caption: "Difference quotients follow their truncation error, of slope 1 and 2, until rounding of the values takes over with slope −1. The best error is about u^{1/2} for one-sided and u^{2/3} for central quotients; automatic differentiation is at u, whatever h is.",
		X:       figure.Axis{Label: "step h", Unit: "1", Log: true}, Y: figure.Axis{Label: "relative error, root mean square over points", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "one-sided", Style: figure.Measured, X: d.h, Y: d.oneSided, Color: 1},
			{Name: "its truncation, in rationals", Style: figure.Predicted, X: d.h, Y: d.oneSidedTruncation, Color: 1},
			{Name: "central", Style: figure.Measured, X: d.h, Y: d.central, Color: 2},
			{Name: "its truncation, in rationals", Style: figure.Predicted, X: d.h, Y: d.centralTruncation, Color: 2},
			{Name: "rounding, u/h", Style: figure.Predicted, X: d.h, Y: inverseOf(d), Color: 7},
			{Name: "automatic differentiation", Style: figure.Curve, X: d.h, Y: level, Color: 3},
		},
	}
}

// inverseOf is u/h, the order of magnitude of the rounding error of a quotient.
func inverseOf(d differences) []float64 {
	out := make([]float64, len(d.h))
	for i, h := range d.h {
		out[i] = d.unit / h
	}
	return out
}
