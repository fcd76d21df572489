package stochastic

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// reshuffleFloor compares what constant steps end in, with and without replacement.
func reshuffleFloor() claim.Claim {
	return claim.Claim{
		Numbers:  []int{7},
		Name:     "reshuffling-floor",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByCoverage},
		Sentence: "With a constant step α the mean squared error of SGD on a strongly convex quadratic sum stays of order α with replacement; without replacement it is of order α² over all iterates, and at the ends of epochs of order α³ if all Hessians are equal and of order α² in general.",
		Source:   "Pauwels, CIMI lecture 2021 (sampling without replacement in practice); Ying, Yuan, Vlaski and Sayed, IEEE Trans. Signal Process. 67 (2019) (the bound α² at the ends of epochs)",
		Mathematics: "Let `J_i(x) = (1/2) ‖x − a_i‖^2` with `∑ a_i = 0` and `s^2 = (1/n) ∑ ‖a_i‖^2`, so that `x^* = 0` and a step is `x ← q x + α a_I` with `q = 1 − α`. With replacement the stationary error `V` solves `V = q^2 V + α^2 s^2`:\n\n" +
			"  V = α s^2/(2 − α)\n\n" +
			"Without replacement `j` steps of an epoch give `x_j = q^j x_0 + α ∑_{i ≤ j} q^{j−i} a_{π(i)}`, where `π` is a uniform permutation, independent of `x_0`. For coefficients `c_i`, `E‖∑ c_i a_{π(i)}‖^2 = (n s^2/(n − 1)) (∑ c_i^2 − (∑ c_i)^2/n)`, the variance of sampling without replacement. Summing the geometric series, with `j = n` and stationarity `E‖x_n‖^2 = E‖x_0‖^2 = V_n` for the ends of epochs,\n\n" +
			"  E‖x_j‖^2 = q^{2j} V_n + (n s^2/(n − 1)) ((1 − q^{2j}) α/(2 − α) − (1 − q^j)^2/n)\n" +
			"  V_n = (n s^2/(n − 1)) (α/(2 − α) − (1 − q^n)/(n (1 + q^n)))\n\n" +
			"With `q = e^{−t}` the last bracket is `tanh(t/2) − tanh(n t/2)/n = t^3 (n^2 − 1)/24 + O(t^5)`, hence `V_n ≈ α^3 s^2 n (n + 1)/24`: slope 3. The mean over the positions `j` is dominated by the middle of an epoch and is `≈ α^2 s^2 (n + 1)/6`: slope 2. The error of an epoch's noise cancels because the rows of an epoch sum to 0, whatever their order, but only once the epoch is complete.\n\n" +
			"With unequal Hessians, `J_i(x) = (h_i/2) (x − a_i)^2` and `∑ h_i a_i = 0`, the order within an epoch leaves a bias: with `b_i = h_i a_i`, to second order `E[x_n − x_0 | x_0 = 0] = −α^2 ∑_{i<j} E[h_{π(j)} b_{π(i)}] = (α^2/2) ∑ h_i b_i`, so the ends of epochs settle at\n\n" +
			"  E x_n ≈ α m, m = (1/2) ∑ h_i b_i/∑ h_i\n\n" +
			"and their squared error is `α^2 m^2 + O(α^3)`: slope 2, which shows that the bound of Ying et al. is attained. The floors of all kinds are compared with the exact formulas, for unequal Hessians by averaging over all `n!` orders of an epoch, and the slopes are those of log floor over log `α`.",
		Params: []claim.Param{
			claim.Int("rows", 8, "rows n of the sum with equal Hessians").Between(4, 64),
			claim.Int("dim", 4, "numbers of θ there").Between(1, 50),
			claim.Floats("steps", []float64{0.1, 0.2, 0.4, 0.8}, "step sizes nα with equal Hessians").Between(0.02, 1),
			claim.Floats("small-steps", []float64{0.01, 0.02, 0.04, 0.08}, "step sizes nα with unequal Hessians, where the exponent shows later").Between(0.002, 0.2),
			claim.Int("runs", 96, "independent runs of each kind and step").AtFull(1000).Between(80, 1e6),
			claim.Int("length", 70, "epochs measured, in units of the relaxation time").Between(20, 1e5),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runReshuffle(ctx, c, sgd.Reshuffled)
		},
	}
}

// kind is one mean squared error with its theory.
type kind struct {
	name, label string // in the ledger and in the figure
	slope       float64
	floor       func(alpha float64) float64 // exact
	steps       []float64                   // α
	error       []claim.Measurement         // for each step
}

// Tolerances: widths of intervals relative to the prediction, and how far a slope may be from
// the exponent, which holds in the limit only.
const (
	reshuffleWidth = 0.24
	slopeTolerance = 0.2
)

func runReshuffle(ctx context.Context, c *claim.Context, order sgd.Order) (claim.Outcome, error) {
	steps, err := stepSizes(c, "steps", c.Int("rows"))
	if err != nil {
		return claim.Outcome{}, err
	}
	small, err := stepSizes(c, "small-steps", unequalRows)
	if err != nil {
		return claim.Outcome{}, err
	}
	kinds, err := equalKinds(ctx, c, order, steps)
	if err != nil {
		return claim.Outcome{}, err
	}
	biased, err := unequalKind(ctx, c, order, small)
	if err != nil {
		return claim.Outcome{}, err
	}
	kinds = append(kinds, biased)
	var out claim.Outcome
	for _, k := range kinds {
		for i, alpha := range k.steps {
			predicted := k.floor(alpha)
			out.Checks = append(out.Checks, claim.Check{
				Label: fmt.Sprintf("%s-%g", k.name, alpha), At: map[string]any{"step": alpha},
				Predicted: claim.Covered(predicted, reshuffleWidth*predicted), Measured: k.error[i],
			})
		}
		out.Checks = append(out.Checks, claim.Check{
			Label: k.name + "-slope", Predicted: claim.Near(k.slope, slopeTolerance), Measured: exponent(k.steps, k.error),
		})
	}
	return out, c.Figure("floors", floorsFigure(kinds))
}

// stepSizes reads a parameter of values nα.
func stepSizes(c *claim.Context, param string, rows int) ([]float64, error) {
	steps := slices.Compact(slices.Sorted(slices.Values(c.Floats(param))))
	if len(steps) < 3 || steps[len(steps)-1] < 4*steps[0] {
		return nil, fmt.Errorf("%s: a slope needs at least three steps over a range of 4, such as 0.1,0.2,0.4", param)
	}
	for i := range steps {
		steps[i] /= float64(rows)
	}
	return steps, nil
}

// equalKinds measures three errors on the sum with equal Hessians.
func equalKinds(ctx context.Context, c *claim.Context, order sgd.Order, steps []float64) ([]kind, error) {
	n := c.Int("rows")
	p, s := centred(n, c.Int("dim"), func(dst []float64) { random.Normals(dst, 1, c.Rand(claim.At("stream", "points"))) })
	with, err := stationary(ctx, c, p, sgd.WithReplacement, steps)
	if err != nil {
		return nil, err
	}
	without, err := stationary(ctx, c, p, order, steps)
	return []kind{
		{"with", "with replacement", 1, func(a float64) float64 { return s * withFloor(a) }, steps, with.inner},
		{"without-inner", "without, all iterates", 2, func(a float64) float64 { return s * innerFloor(a, n) }, steps, without.inner},
		{"without-ends", "without, ends of epochs", 3, func(a float64) float64 { return s * endsFloor(a, n) }, steps, without.ends},
	}, err
}

// unequalRows is n for unequal Hessians: all n! orders are enumerated.
const unequalRows = 4

// unequalKind measures the error at the ends of epochs on the sum with unequal Hessians.
func unequalKind(ctx context.Context, c *claim.Context, order sgd.Order, steps []float64) (kind, error) {
	u := newUnequal(unequalRows)
	errors, err := stationary(ctx, c, u.problem(), order, steps)
	return kind{"unequal-ends", "without, ends, unequal Hessians", 2, u.endsFloor, steps, errors.ends}, err
}
