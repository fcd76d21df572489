package implicit

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// piggyback differentiates iterations.
func piggyback() claim.Claim {
	return claim.Claim{
		Numbers:  []int{53},
		Name:     "piggyback",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "The derivatives of the iterates of a contraction approach one compact set at the rate of the contraction, the derivative of the limit where that is smooth; at kinks the set solves 𝒥 = A𝒥 + B and can be larger than implicit differentiation and the Clarke Jacobian, and for the heavy ball derivatives can diverge.",
		Source:   "Bolte, Pauwels and Vaiter, NeurIPS 2022, arXiv 2206.00457 (the fixed point of the set map, its linear rate, forward–backward and heavy ball)",
		Mathematics: "From `x_{k+1} = F(x_k, θ)` follows `J_{k+1} = A_kJ_k + B_k`, [A B] an element of the conservative Jacobian. If ‖A‖ ≤ ρ < 1 for all of them, the distance of `J_k` from the compact 𝒥 with\n\n" +
			"\t𝒥 = {AX + B : [A B] ∈ J_F, X ∈ 𝒥}\n\n" +
			"falls by ρ in each step.\n\n" +
			"Forward–backward for the lasso, off kinks: once the signs are those of the solution, `J_{k+1} − J = (I − γG)(J_k − J)` on the support, G its Gram matrix. So `‖J_{k+1} − J‖/‖J_k − J‖` tends to max |1 − γμ| over the eigenvalues μ of G. Two columns have these in closed form. J are difference quotients of exact solutions, iterates are rational, and the lassos drawn have ratios of the two |1 − γμ| below 0.8.\n\n" +
			"The scalar lasso at its kink has `J_{k+1} = s((1 − γ)J_k + γ)` with s in [0, 1]. If γ ≤ 1 this maps [0, 1] onto itself. If 1 < γ < 2 then s = 0 and after it s = 1 give γ, which is more than the Clarke subdifferential [0, 1] has:\n\n" +
			"\t𝒥 = [0, max(1, γ)]\n\n" +
			"since `(1 − γ)J + γ` is within [0, γ] for J in it. For `x ↦ a|x| + θ` at 0 the largest element u and the least l satisfy `u = 1 + au` and `l = 1 − au`, as |l| ≤ u:\n\n" +
			"\t𝒥 = [(1 − 2a)/(1 − a), 1/(1 − a)]\n\n" +
			"while implicit differentiation and the Clarke subdifferential are [1/(1 + a), 1/(1 − a)]. n − 1 choices A = a and a last one A = −a give `1 − a(1 − a^{n−1})/(1 − a)` from 0. From above 𝒥, A = a keeps the distance at a times the last one, and no choice does worse.\n\n" +
			"For the network `x ↦ relu(Wx + θ)` with `W = [[0, w], [−w, 0]]` at 0 the entry 11 of 𝒥 is at most 1 and 21 is −sw times an entry 11: at least −w, while implicit differentiation has −w/(1 + w^2) for both slots 1. For random W the hull C of 𝒥 is compared with that of AC + B in random directions.\n\n" +
			"The heavy ball with step 1 and momentum ½ on 5u²/4 for u > 0, u²/8 for u < 0, u = x − θ, has the matrices `M(h) = [[3/2 − h, −1/2], [1, 0]]`, h = 5/2 or 1/4, of spectral radius √½ each. But M(5/2)M(1/4) has trace −9/4 and determinant 1/4, hence the eigenvalue −(9 + √65)/8: choices that alternate make `J_k` grow by this in two steps. The solution is x = θ, and implicit differentiation gives 1.",
		Params: []claim.Param{
			claim.Int("lassos", 4, "random lassos with two columns of three on their support").AtFull(20).Between(1, 1000),
			claim.Int("iterations", 80, "iterations").AtFull(160).Between(40, 1000),
			claim.Floats("steps", []float64{0.5, 1.25, 1.75}, "steps γ of the scalar lasso").Between(0.1, 1.9),
			claim.Floats("slopes", []float64{0.25, 0.75}, "slopes a of a|x| + θ").Between(0.01, 0.9),
			claim.Floats("turns", []float64{0.5, 0.875}, "entries w of the network").Between(0.1, 0.99),
			claim.Int("networks", 6, "random networks").AtFull(60).Between(1, 10000),
			claim.Int("schedules", 10, "random choices at kinks").AtFull(200).Between(1, 1e5),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runPiggyback(ctx, c, programs{softThreshold, "a*abs(x) + c", expr.ReLU, big.NewRat(1, 1)})
		},
	}
}

// programs are what the claim is about; slower scales the step of forward–backward.
type programs struct {
	shrink shrinkage
	bend   string
	gate   func(expr.Node) expr.Node
	slower *big.Rat
}

// slowest is the largest |1 − γμ| over the eigenvalues of [[a, b], [b, d]], and the other one.
func slowest(a, b, d, gamma float64) (largest, other float64) {
	half, middle := math.Sqrt(float64((a-d)*(a-d)/4)+float64(b*b)), float64((a+d)/2)
	x := math.Abs(1 - float64(gamma*(middle+half)))
	y := math.Abs(1 - float64(gamma*(middle-half)))
	return max(x, y), min(x, y)
}

// Ends of the limit sets, of the set of implicit differentiation, and what they are compared with.

func lassoTop(gamma float64) float64 { return max(1, gamma) }

func bendLow(a float64) float64 { return (1 - float64(2*a)) / (1 - a) }

func bendImplicitLow(a float64) float64 { return 1 / (1 + a) }

// bendReached is the derivative after n choices of which the last one is −a.
func bendReached(a float64, n int) float64 {
	power := 1.0
	for range n - 1 {
		power *= a
	}
	return 1 - float64(a*(1-power))/(1-a)
}

func turnImplicit(w float64) float64 { return w / (1 + float64(w*w)) }

var ballGrowth = (9 + math.Sqrt(65)) / 8

func runPiggyback(ctx context.Context, c *claim.Context, p programs) (claim.Outcome, error) {
	checks, traces, err := rates(ctx, c, p)
	if err != nil {
		return claim.Outcome{}, err
	}
	for _, part := range []func(context.Context, *claim.Context, programs) ([]claim.Check, error){lassoKinks, bends, turns, ball} {
		more, err := part(ctx, c, p)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, more...)
	}
	result := jsonnum.Object{}
	for i, t := range traces {
		result[fmt.Sprintf("distances-%d", i+1)] = t.distances
	}
	return claim.Outcome{Checks: checks, Result: result}, c.Figure("rates", rateFigure(traces))
}
