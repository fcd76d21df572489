package stochastic

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// boundedIterates shows what convergence theorems exclude by assuming that iterates stay bounded.
func boundedIterates() claim.Claim {
	return claim.Claim{
		Numbers:  []int{12},
		Name:     "bounded-iterates",
		Theorem:  claim.Example,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByCoverage, claim.ByAbsence},
		Sentence: "Boundedness of the iterates is an assumption and no consequence: on −½x², and on ¼x⁴ from far away, iterates diverge, which is reported as an event with a step and a probability and never enters a mean; on exp(−x) the gradient tends to 0 while the iterates grow like log k.",
		Source:   "Pauwels, CIMI lecture 2021 (assumption of bounded iterates); Benaïm, Séminaire de probabilités 33 (1999); Davis, Drusvyatskiy, Kakade and Lee, FoCM 20 (2020)",
		Mathematics: "Theorems on stochastic approximation assume `sup_k ‖x_k‖ < ∞` almost surely. Three losses show what can happen without it.\n\n" +
			"Unbounded below: on `J(x) = −(1/2) x^2` a step is `x_{k+1} = (1 + α) x_k`, so `|x_k| = (1 + α)^k |x_0|`. The value `x_k^2` leaves the float64 numbers, whose largest is `M ≈ 2^1024`, at the first `k` with `|x_k| > √M`:\n\n" +
			"  k = ⌈log(√M/|x_0|)/log(1 + α)⌉\n\n" +
			"and this is the step at which the training loop reports divergence. With noise, rows `−(1/2) (x − a)^2` with `a = ±1`, the scaled iterate `x_k/(1 + α)^k` converges to `x_0 − α ∑_j a_j/(1 + α)^{j+1}`, which is 0 with probability 0: almost every run diverges.\n\n" +
			"Gradient not Lipschitz: on `J(x) = (1/4) x^4` a step is `x_{k+1} = x_k (1 − α x_k^2)`. With `y = √α x` the map is `y ↦ y (1 − y^2)`. If `|y| < √2` then `|1 − y^2| < 1` and `|y|` decreases to 0; `y = ±√2` is a cycle of period 2; if `|y| > √2` then `|y|` grows, in the end like the powers `3^k` in its logarithm. No constant step is small enough for all starts. For `x_0 ~ N(0, s^2)` a run diverges with probability\n\n" +
			"  P(|x_0| > √(2/α)) = 1 − erf(1/(s √α)) > 0\n\n" +
			"so that `E x_k^2` tends to infinity, however few runs diverge: only the probability of divergence, and the bound `|x_k| ≤ √(2/α)` of the other runs, are meaningful numbers.\n\n" +
			"No minimiser: on `J(x) = e^{−x}` the step is `x_{k+1} = x_k + α e^{−x_k}`. For `u_k = e^{x_k}` this is `u_{k+1} = u_k e^{α/u_k} = u_k + α + O(1/u_k)`, hence `u_k ≈ α k`, `x_k ≈ log(α k)` and `|∇J(x_k)| = 1/u_k ≈ 1/(α k)`: the gradient vanishes with slope −1 and the iterates are unbounded. Nothing overflows here, and a bounded run of the program proves nothing.",
		Params: []claim.Param{
			claim.Float("rate", 0.5, "step size α").Between(0.05, 0.9),
			claim.Float("spread", 1.5, "standard deviation s of the starts on ¼x⁴").Between(0.8, 10),
			claim.Int("runs", 2000, "random starts on ¼x⁴").AtFull(50000).Between(1000, 1e7),
			claim.Int("noisy-runs", 200, "runs on −½(x − a)²").AtFull(2000).Between(200, 1e6),
			claim.Int("steps", 10000, "steps on exp(−x)").AtFull(1000000).Between(5000, 1e8),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runBounded(ctx, c, boundedTheory{
				overflow: func(alpha float64) float64 {
					return math.Ceil(kernel.Log(math.Sqrt(math.MaxFloat64)) / kernel.Log(1+alpha))
				},
				threshold: func(alpha float64) float64 { return math.Sqrt(2 / alpha) },
			})
		},
	}
}

// boundedTheory has the two formulas that decide about divergence.
type boundedTheory struct {
	overflow  func(alpha float64) float64 // the step reported on −½x² from 1
	threshold func(alpha float64) float64 // the largest |x₀| on ¼x⁴ that does not diverge
}

// Tolerances: factors of growth are exact up to rounding; the step may be one off, since powers are
// rounded; e^{x_N}/(αN) − 1 is at most of order log N/N, and so is the slope's error.
const (
	growthTolerance   = 1e-12
	overflowTolerance = 1
	logTolerance      = 0.02
	divergedWidth     = 0.2
	noisyResolution   = 0.05
)

func runBounded(ctx context.Context, c *claim.Context, theory boundedTheory) (claim.Outcome, error) {
	alpha := c.Float("rate")
	concave, err := concaveGrowth(ctx, alpha)
	if err != nil {
		return claim.Outcome{}, err
	}
	bounded, err := noisyConcave(ctx, c, int(2*theory.overflow(alpha)))
	if err != nil {
		return claim.Outcome{}, err
	}
	quartic, err := quarticRuns(ctx, c, theory.threshold(alpha))
	if err != nil {
		return claim.Outcome{}, err
	}
	growth, slope, err := expGrowth(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	f, err := quarticFigure(ctx, alpha, theory.threshold(alpha))
	if err != nil {
		return claim.Outcome{}, err
	}
	// |x₀| > t has probability 1 − erf(t/(s√2)).
	probability := 1 - kernel.Erf(theory.threshold(alpha)/(c.Float("spread")*math.Sqrt2))
	return claim.Outcome{Checks: []claim.Check{
		{Label: "concave-growth", Predicted: claim.Near(1+alpha, growthTolerance), Measured: concave.factor},
		{Label: "concave-reported", Sentence: "On −½x² from 1 divergence is reported at the step at which x² overflows.", Predicted: claim.Near(theory.overflow(alpha), overflowTolerance), Measured: claim.Measured(float64(concave.step))},
		{Label: "noisy-bounded", Sentence: "On −½(x − a)² with noise no run stays bounded.", Predicted: claim.Never(noisyResolution), Measured: claim.Occurrences(bounded, c.Int("noisy-runs"), claim.Alpha/2)},
		{Label: "quartic-diverged", Sentence: "On ¼x⁴ the share of runs reported as divergent is P(|x₀| > √(2/α)).", Predicted: claim.Covered(probability, divergedWidth), Measured: claim.Proportion(quartic.diverged, c.Int("runs"), claim.Alpha/2)},
		{Label: "quartic-wrong-side", Sentence: "On ¼x⁴ exactly the runs from |x₀| > √(2/α) diverge (exceptions counted).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(quartic.wrong))},
		{Label: "quartic-beyond", Sentence: "The other runs never leave |x| ≤ √(2/α) (exceptions counted).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(quartic.beyond))},
		{Label: "exp-growth", Sentence: "On exp(−x), exp(x_N)/(αN) tends to 1.", Predicted: claim.Near(1, logTolerance), Measured: claim.Measured(growth)},
		{Label: "exp-gradient", Sentence: "On exp(−x) the gradient vanishes like 1/k.", Predicted: claim.Near(-1, logTolerance), Measured: claim.Measured(slope)},
	}}, c.Figure("quartic", f)
}
