package stochastic

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// stepConditions takes one problem and the step sizes that the conditions of Robbins and Monro separate.
func stepConditions() claim.Claim {
	return claim.Claim{
		Numbers:  []int{11},
		Name:     "step-conditions",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByCoverage},
		Sentence: "On ½x² SGD with steps 1/k converges, as Σα = ∞ and Σα² < ∞ promise; with steps 1/(k + 1)² it stalls half way, for Σα < ∞; with constant steps it keeps a floor; with steps 1/√k it converges in mean square although Σα² = ∞: the conditions are sufficient and not necessary.",
		Source:   "Pauwels, CIMI lecture 2021 (step sizes); Robbins and Monro, Ann. Math. Statist. 22 (1951); Chung, Ann. Math. Statist. 25 (1954), for the orders",
		Mathematics: "Let `J(x) = (1/2) x^2` be the mean of `(1/2) (x − σ)^2 − σ^2/2` and `(1/2) (x + σ)^2 − σ^2/2`. SGD is `x_{k+1} = (1 − α_k) x_k + α_k σ ε_k` with independent fair signs `ε_k`, hence the mean square `V_k = E x_k^2 = E‖∇J(x_k)‖^2` obeys exactly\n\n" +
			"  V_{k+1} = (1 − α_k)^2 V_k + α_k^2 σ^2\n\n" +
			"For `α_k = 1/k` the iterate is the mean of `k` signs and `V_k = σ^2/k`: slope −1. For `α_k = c/k` with `c < 1/2` the contraction is the slower part, `V_k` is of order `k^{−2c}`. For constant steps `V = α σ^2/(2 − α)`: slope 0. For `α_k = k^{−1/2}` the floor follows the step, `V_k ≈ α_k σ^2/2`: slope −1/2, and `V_k → 0` although `∑ α_k^2 = ∑ 1/k = ∞`.\n\n" +
			"Without noise and with `α_k = 1/(k + 1)^2`, `k ≥ 1`, the product telescopes:\n\n" +
			"  x_N/x_0 = ∏_{k=2}^{N+1} (1 − 1/k^2) = ∏_{k=2}^{N+1} ((k − 1)/k) ((k + 1)/k) = (N + 2)/(2 (N + 1)) → 1/2\n\n" +
			"which is checked in rationals for every `N`, gradients included. With noise the iterate stalls around the same half, and `V` tends to a positive limit: slope 0.\n\n" +
			"The means of the runs are compared with the exact `V_k` at powers of 2, and the recursion is continued to `k = 2^20`, where its slopes are those above.",
		Params: []claim.Param{
			claim.Float("start", 1, "first iterate").Between(0.1, 10),
			claim.Float("sigma", 1, "standard deviation σ of the gradient").Between(0.1, 10),
			claim.Float("constant", 0.2, "the constant step").Between(0.02, 1),
			claim.Float("slow", 0.25, "c of the steps c/k that are too small for the rate 1/k").Between(0.1, 0.4),
			claim.Int("runs", 800, "independent runs for each step size").AtFull(5000).Between(600, 1e6),
			claim.Int("doublings", 9, "log₂ of the steps of a run").AtFull(12).Between(8, 18),
			claim.Int("product", 400, "largest N of the rational product").AtFull(2000).Between(2, 5000),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runConditions(ctx, c, stepRules(c))
		},
	}
}

// stepRule is a schedule with the exponent of V.
type stepRule struct {
	name, label string
	schedule    sgd.Schedule
	exponent    float64
}

// delayed is a schedule from step By on.
type delayed struct {
	sgd.Schedule
	By int
}

// Rate implements sgd.Schedule.
func (d delayed) Rate(p sgd.Progress) float64 {
	p.Step += d.By
	return d.Schedule.Rate(p)
}

func stepRules(c *claim.Context) []stepRule {
	return []stepRule{
		{"harmonic", "1/k", sgd.Power{C: 1, P: 1}, -1},
		{"slow", "c/k", sgd.Power{C: c.Float("slow"), P: 1}, -2 * c.Float("slow")},
		{"root", "1/√k", sgd.Power{C: 1, P: 0.5}, -0.5},
		{"constant", "constant", sgd.Constant(c.Float("constant")), 0},
		{"summable", "1/(k + 1)²", delayed{sgd.Power{C: 1, P: 2}, 1}, 0},
	}
}

// conditionWidth is how wide the interval of the ratio to V may be.
const conditionWidth = 0.48

func runConditions(ctx context.Context, c *claim.Context, rules []stepRule) (claim.Outcome, error) {
	failed, err := telescope(ctx, c.Int("product"), func(k int) *big.Rat { return big.NewRat(1, int64(k+1)*int64(k+1)) })
	if err != nil {
		return claim.Outcome{}, err
	}
	stalled, err := stall(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	n := float64(c.Int("product"))
	out := claim.Outcome{Checks: []claim.Check{
		{Label: "product", Sentence: "x_N = x₀/2·(N + 2)/(N + 1) in rationals, for each N (failures counted).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(failed))},
		{Label: "stall", Predicted: claim.Near((n+2)/(2*(n+1)), stallTolerance), Measured: claim.Measured(stalled)},
	}}
	samples, err := meanSquares(ctx, c, rules)
	if err != nil {
		return claim.Outcome{}, err
	}
	alpha := claim.Alpha / float64(len(rules))
	var exacts [][]float64
	for i, r := range rules {
		exact, err := r.moments(ctx, c.Float("start"), c.Float("sigma"), limitTo)
		if err != nil {
			return claim.Outcome{}, err
		}
		exacts = append(exacts, exact)
		out.Checks = append(
			out.Checks,
			claim.Check{Label: r.name + "-ratio", Predicted: claim.Covered(1, conditionWidth), Measured: ratioTo(exact, samples[i], alpha)},
			claim.Check{Label: r.name + "-limit", Predicted: claim.Near(r.exponent, limitTolerance), Measured: claim.Measured(claim.Slope(powersOfTwo(limitFrom, limitTo), exact[limitFrom:]))},
		)
	}
	out.Result = jsonnum.Object{"stalled_at": stalled}
	return out, c.Figure("conditions", conditionsFigure(c, rules, samples, exacts))
}

// telescope counts the N at which gradient descent on ½x² from 1 in rationals is not at (N + 2)/(2(N + 1)).
func telescope(ctx context.Context, last int, step func(k int) *big.Rat) (failed int, err error) {
	sum, err := halfSquare().exact()
	if err != nil {
		return 0, err
	}
	x := []*big.Rat{big.NewRat(1, 1)}
	for k := 1; k <= last; k++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		_, slope, err := sum.full(x)
		if err != nil {
			return 0, err
		}
		move := new(big.Rat).Mul(step(k), slope[0])
		x = []*big.Rat{move.Sub(x[0], move)}
		if x[0].Cmp(big.NewRat(int64(k+2), int64(2*(k+1)))) != 0 {
			failed++
		}
	}
	return failed, nil
}

// halfSquare is ½x², one row without data.
func halfSquare() problem {
	return problem{text: "dot(theta, theta) / 2", dim: 1, rows: 1}
}
