package deep

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// overparametrised trains a wide network to loss 0.
func overparametrised() claim.Claim {
	return claim.Claim{
		Numbers:  []int{46},
		Name:     "linear-rate-to-zero",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByBound},
		Sentence: "Gradient descent and SGD bring the loss of a relu network with many more units than data to 0, at least at the linear rate that the least eigenvalue of its tangent kernel gives, and hardly move single units; some units slide along their kinks, which slows the end.",
		Source:   "Du, Zhai, Poczos, Singh, ICLR 2019, theorem 4.1, lemmas 3.1 and 3.3; Pauwels, CIMI lecture 2021 (overparametrisation)",
		Mathematics: "The network is `f(x) = (1/√m) Σ_r a_r max(⟨w_r, x⟩, 0)` with random signs a_r, which stay, and w_r from N(0, I), for n different inputs of norm 1. The tangent kernel `K = JJ^T` has the limit\n\n" +
			"  H_{ij} = ⟨x_i, x_j⟩ (π − arccos⟨x_i, x_j⟩)/(2π)\n\n" +
			"as m grows, each entry a mean of m independent numbers between 0 and ⟨x_i, x_j⟩ (Hoeffding). H is positive definite if no two inputs are parallel. With its least eigenvalue λ and a step η of the order λ/n², taken as λ/n² here, the theorem says for the residual r of the outputs\n\n" +
			"  ‖r_k‖^2 ≤ (1 − ηλ/2)^k ‖r_0‖^2\n\n" +
			"and that no w_r moves by more than `4√n ‖r_0‖/(√m λ)`, with high probability for large m. Inputs are drawn until λ ≥ 0.15 and the next eigenvalue is at least 1.8 times as large, so that after `12/(ηλ)` steps other parts have vanished by e^−19.\n\n" +
			"In the end `‖r_k‖^2` falls by the factor `(1 − ηλ_K)^2` a step, with the least eigenvalue λ_K of a kernel, but not of that of any selection: some units stay at kinks. If the gradient on both sides of `⟨w_r, x_i⟩ = 0` points to it, w_r steps to and fro, and in the limit of small steps (Filippov) it slides along it. The output of row i does not depend on it then, and it moves orthogonally to x_i: in J the entries of the pair (i, r) are 0, and those of other rows are projected on the orthogonal space of the inputs x_i at whose kinks w_r slides. The pairs are those that change sides twice or more in some steps after the training.\n\n" +
			"The rate is taken over the last quarter of the steps, in which the logarithm of the loss falls by 8. A unit that slides is at its kink up to one step, `η√n ‖r‖/√m`, so that it moves its row's output by `η√n ‖r‖/m` at most; all of them change the logarithm at either end by `2η√n/m` times their number, and the rate by half of that. A pair that changes sides for good changes K by `2√n/m` at most, in norm, and the rate by that over `λ_K`. These, with 10^−6 for other parts, are the tolerance (twice the first), at most 0.005.\n\n" +
			"SGD with single rows and the same η interpolates too, hence its noise vanishes: an epoch is counted as a step.",
		Params: []claim.Param{
			claim.Int("rows", 6, "rows n of data").Between(2, 50),
			claim.Int("inputs", 8, "numbers of a row").Between(2, 500),
			claim.Int("width", 1000, "units m").AtFull(20000).Between(100, 1e6),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runOverparametrised(ctx, c, 1, 1)
		},
	}
}

// runOverparametrised multiplies step sizes and the limit of the kernel, on purpose in tests.
func runOverparametrised(ctx context.Context, c *claim.Context, faster, larger float64) (claim.Outcome, error) {
	w, err := newWide(c, larger)
	if err != nil {
		return claim.Outcome{}, err
	}
	off, err := w.concentration()
	if err != nil {
		return claim.Outcome{}, err
	}
	path, err := w.descend(ctx, w.eta*faster)
	if err != nil {
		return claim.Outcome{}, err
	}
	worst := 0.0
	for k, loss := range path.losses[1:] {
		worst = max(worst, loss/path.losses[0]/kernel.Pow(w.factor(), float64(k+1)))
	}
	last := len(path.losses) - 1
	late := path.late(last)
	speed := kernel.Log(path.losses[late]/path.losses[last]) / float64(last-late) / w.eta
	want := -2 * kernel.Log1p(-float64(w.eta*path.least)) / w.eta
	stochastic, err := w.stochastic(ctx, c, w.eta*faster, last/4)
	if err != nil {
		return claim.Outcome{}, err
	}
	bound := 4 * math.Sqrt(float64(float64(len(w.y))*2*path.losses[0])) / (math.Sqrt(float64(w.width)) * w.lambda)
	checks := []claim.Check{
		{Label: "kernel", Sentence: "Entries of the tangent kernel are those of its limit, in units of Hoeffding's bound for all of them.", Predicted: claim.AtMost(1), Measured: claim.Measured(off)},
		{Label: "bound", Sentence: "The largest ratio of the loss to the theorem's bound, over all steps.", Predicted: claim.AtMost(1), Measured: claim.Measured(worst)},
		{Label: "rate", Sentence: "In the end log(1/loss) grows, in units of η, by what the least eigenvalue of the kernel with sliding units says.", Predicted: claim.NearRelative(want, w.rateError(path)), Measured: claim.Measured(speed)},
		{Label: "sliding", Sentence: "Some units stay at kinks of rows: the number of these pairs.", Predicted: claim.AtLeast(1), Measured: claim.Measured(float64(path.slides))},
		{Label: "movement", Sentence: "How far the unit that moves most moves, in units of the theorem's bound.", Predicted: claim.AtMost(1), Measured: claim.Measured(path.moved / bound)},
		{Label: "sgd", Sentence: "The loss after the last epoch of SGD, in units of the bound for as many steps.", Predicted: claim.AtMost(1), Measured: claim.Measured(stochastic)},
	}
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{"lambda": w.lambda, "least": path.least, "eta": w.eta, "steps": last}}, c.Figure("loss", w.figure(path.losses))
}

// rateError bounds the relative error of the rate in the end: see the claim's mathematics.
func (w *wide) rateError(p widePath) float64 {
	const most, others = 0.005, 1e-6
	root, m := math.Sqrt(float64(len(w.y))), float64(w.width)
	return min(most, others+float64(root*w.eta*float64(p.slides))/m+2*root*float64(p.flips)/float64(m*p.least))
}

func (w *wide) figure(losses []float64) figure.Figure {
	measured := figure.Series{Name: "gradient descent", Style: figure.Measured}
	theory := figure.Series{Name: "(1 − ηλ/2)ᵏ", Style: figure.Predicted}
	for k := 0; k < len(losses); k += max(1, len(losses)/60) {
		x := float64(k)
		measured.X, measured.Y = append(measured.X, x), append(measured.Y, losses[k]/losses[0])
		theory.X, theory.Y = append(theory.X, x), append(theory.Y, kernel.Pow(w.factor(), x))
	}
	return figure.Figure{
		Title:  "Loss of a wide network",
		X:      figure.Axis{Label: "steps", Unit: "1"},
		Y:      figure.Axis{Label: "loss", Unit: "loss at the start", Log: true},
		Series: []figure.Series{measured, theory},
	}
}
