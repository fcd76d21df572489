package stochastic

import (
	"context"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/sgd"
)

// reshuffleRate compares how fast decreasing steps converge, with and without replacement.
func reshuffleRate() claim.Claim {
	return claim.Claim{
		Numbers:  []int{7},
		Name:     "reshuffling-rate",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByCoverage, claim.ByBound},
		Sentence: "On a strongly convex quadratic sum the suboptimality after k epochs is of order 1/k with replacement, with the best steps; without replacement, with steps of order k⁻ˢ, ½ < s < 1, and averaged iterates it is of order k⁻²ˢ, and of order k⁻² once the bias of the average is removed.",
		Source:   "Gürbüzbalaban, Ozdaglar and Parrilo, Why random reshuffling beats stochastic gradient descent, Math. Program. 186 (2021), arXiv 1510.08560",
		Mathematics: "Let `J_i(x) = (h_i/2) (x − a_i)^2` with `∑ h_i a_i = 0`, so `x^* = 0`; let `h` be the mean of the `h_i`, `b_i = h_i a_i`, `σ^2` the mean of `b_i^2`, and `X_k` the iterate after `k` epochs.\n\n" +
			"With replacement and `α_k = 1/(n h k)` in epoch `k` the iterate is nearly a mean of `n k` independent gradients divided by `h`, and `E X_k^2 ≈ σ^2/(h^2 n k)`: slope −1 for the suboptimality `J(X_k) − J^* = (h/2) X_k^2`. The step is the best multiple of `1/k`, and `1/k` is the order that SGD cannot beat.\n\n" +
			"Without replacement an epoch with step `α_k` is `X_{k+1} = (1 − n h α_k) X_k + n h m α_k^2 + α_k^2 ξ_k` up to higher orders, with independent `ξ_k` of mean 0 and the bias `m = (1/2) ∑ h_i b_i/∑ h_i` of the order within an epoch. For `α_k = c k^-s` the solution in the mean is\n\n" +
			"  E X_k = m α_k + (s m)/(n h k) + o(1/k)\n\n" +
			"The average `X̄` of the last half of `k` epochs has a variance of order `α_k^2/k = O(k^{−1−2s})`, less than the square of its mean `m ᾱ`, where `ᾱ` is the average of the same steps: the suboptimality is `Θ(k^{−2s})`, slope `−2 s`. This bias can be computed: replace the minimiser in `m = −(1/2) ∑ ∇^2 J_i ∇J_i(x^*)/∑ ∇^2 J_i` by `X̄` and subtract `ᾱ m`. What is left in the mean is of order `1/k`, and in the square of order `k^-2`; the variance `O(k^{−1−2s})` is smaller for `s > 1/2`, yet dominates small `k`, where the slope is steeper than −2. If all Hessians are equal then `m = 0` and there is nothing to remove.\n\n" +
			"Averages are taken over the epochs between two powers of 2, so that they are disjoint. At the `k` that can be run, terms of relative order `k^{s−1}` still bend the lines, so theory and experiment meet in two steps. The first two moments of `X_k`, of `X̄` and of `X̄ − ᾱ m` obey exact linear recursions, for an epoch is an affine map and its moments are averages over all `n!` orders. The runs are compared with these moments at every `k`: the ratio to them, and the slope on the same `k`. The recursions are then continued to `k = 2^20`, where their slopes are those of the theorems (for the last one an upper bound, `−2`).",
		Params: []claim.Param{
			claim.Int("rows", 2, "rows n of the sum").AtFull(4).Between(2, 4),
			claim.Float("power", 0.75, "s, the steps decrease as k^−s").Between(0.6, 0.85),
			claim.Float("first", 0.6, "first step c; every row is stable below 1").Between(0.4, 0.9),
			claim.Int("doublings", 10, "log₂ of the epochs of a run").AtFull(13).Between(9, 16),
			claim.Int("runs", 600, "independent runs of each method").AtFull(2000).Between(500, 1e6),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runRate(ctx, c, sgd.Reshuffled, biasOf)
		},
	}
}

// The powers of 2 that slopes use: from firstBlock on in runs, and those two in the limit.
const (
	firstBlock = 5
	limitFrom  = 17
	limitTo    = 20
)

// rateKind is one suboptimality with its theory.
type rateKind struct {
	name, label string
	limit       claim.Prediction // of the slope, as k → ∞
	exact       []float64        // mean for 2^0, 2^1, … epochs
	values      [][]float64      // of each run, from 2^firstBlock epochs on
}

// rateKinds are the methods compared, without values.
func rateKinds(ctx context.Context, c *claim.Context) (kinds []rateKind, with, without sgd.Schedule, err error) {
	s, u := c.Float("power"), newUnequal(c.Int("rows"))
	with = sgd.PerEpoch{Schedule: sgd.Power{C: 1 / float64(c.Int("rows")), P: 1}}
	without = sgd.PerEpoch{Schedule: sgd.Power{C: c.Float("first"), P: s}}
	replaced, err := u.withMoments(ctx, with, limitTo)
	if err != nil {
		return nil, nil, nil, err
	}
	plain, removed, err := u.withoutMoments(ctx, without, limitTo)
	return []rateKind{
		{"with", "with replacement, steps 1/(nhk)", claim.Near(-1, limitTolerance), replaced, nil},
		{"without", "without, averaged", claim.Near(-2*s, limitTolerance), plain, nil},
		{"bias-removed", "without, averaged, bias removed", claim.AtMost(-2 + limitTolerance), removed, nil},
	}, with, without, err
}

// biasEstimate makes an estimate of m at x for a problem.
type biasEstimate func(problem) (func(x float64) (float64, error), error)

func runRate(ctx context.Context, c *claim.Context, order sgd.Order, bias biasEstimate) (claim.Outcome, error) {
	kinds, with, without, err := rateKinds(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	r := rateRun{c: c, p: newUnequal(c.Int("rows")).problem(), order: order, bias: bias, with: with, without: without}
	runs := make([][][]float64, c.Int("runs"))
	err = c.Each(ctx, len(runs), func(ctx context.Context, i int) (err error) {
		runs[i], err = r.one(ctx, i)
		return err
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	for i := range kinds {
		for _, values := range runs {
			kinds[i].values = append(kinds[i].values, values[i])
		}
	}
	return rateOutcome(c, kinds)
}

// Tolerances: the width of the mean ratio to the exact moments, and how far slopes may be from
// those of the exact moments, and these from their limit.
const (
	ratioWidth     = 0.4
	limitTolerance = 0.1
)

// slopeGroups is the number of groups of runs, each of which gives one slope of its means.
const slopeGroups = 25

func rateOutcome(c *claim.Context, kinds []rateKind) (claim.Outcome, error) {
	alpha := claim.Alpha / float64(2*len(kinds))
	epochs := powersOfTwo(firstBlock, c.Int("doublings"))
	var out claim.Outcome
	for _, k := range kinds {
		exact := k.exact[firstBlock : c.Int("doublings")+1]
		out.Checks = append(
			out.Checks,
			claim.Check{Label: k.name + "-ratio", Predicted: claim.Covered(1, ratioWidth), Measured: k.ratio(exact, alpha)},
			claim.Check{Label: k.name + "-slope", Predicted: claim.Near(claim.Slope(epochs, exact), slopeTolerance), Measured: k.slope(epochs, alpha)},
			claim.Check{
				Label: k.name + "-limit", Sentence: "The exact moments, continued, have the slope of the theorem.",
				Predicted: k.limit, Measured: claim.Measured(claim.Slope(powersOfTwo(limitFrom, limitTo), k.exact[limitFrom:])),
			},
		)
	}
	return out, c.Figure("rates", rateFigure(epochs, kinds))
}

func powersOfTwo(from, to int) []float64 {
	var out []float64
	for b := from; b <= to; b++ {
		out = append(out, float64(int(1)<<b))
	}
	return out
}

// ratio is the mean over runs of the mean over k of value/exact.
func (k *rateKind) ratio(exact []float64, alpha float64) claim.Measurement {
	sample := make([]float64, len(k.values))
	for r, values := range k.values {
		for b, v := range values {
			sample[r] += v / exact[b] / float64(len(exact))
		}
	}
	return claim.Mean(sample, alpha)
}

// slope is the mean over groups of runs of the slope of the group's means.
func (k *rateKind) slope(epochs []float64, alpha float64) claim.Measurement {
	sample := make([]float64, slopeGroups)
	for g := range sample {
		means := make([]float64, len(epochs))
		for r := g; r < len(k.values); r += slopeGroups {
			for b, v := range k.values[r] {
				means[b] += v // a sum has the slope of the mean
			}
		}
		sample[g] = claim.Slope(epochs, means)
	}
	return claim.Mean(sample, alpha)
}
