package implicit

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// inertial tests INNA against its differential equation.
func inertial() claim.Claim {
	return claim.Claim{
		Numbers:  []int{54},
		Name:     "inertial-newton",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByBound},
		Sentence: "INNA dissipates the energy of its differential equation, oscillates as α and β say, never if αβ ≥ 1, and with diminishing steps, also of order o(1/log k), its iterates come to a kink of w|θ| and stay within βw times the step of it, which is attained.",
		Source:   "Castera, Bolte, Févotte and Pauwels, JMLR 22 (134), 2021, arXiv 1905.12278 (equation, energy, step sizes o(1/log k)); Castera, JOTA 199, 2023, arXiv 2111.04596 (roles of α and β near critical points)",
		Mathematics: "INNA discretises `θ″ + αθ′ + β∇^2J(θ)θ′ + ∇J(θ) = 0` as a system of first order, with v in the conservative field,\n\n" +
			"\tθ′ = (1/β − α)θ − ψ/β − βv,   ψ′ = (1/β − α)θ − ψ/β\n\n" +
			"Its energy is `E = (1 + αβ)J(θ) + ½‖θ′ + βv‖^2`, where `θ′ + βv = ψ′` is a function of θ and ψ. Off kinks the mixed terms of its derivative cancel:\n\n" +
			"\tE′ = −α‖θ′‖^2 − β‖∇J‖^2\n\n" +
			"For a step γ the loss of energy is known up to the second order. With the speed s = θ′ and g = ∇J it is\n\n" +
			"\tγ(α‖s‖^2 + β‖g‖^2) − (γ^2/2)‖αs + g‖^2 − (1 + αβ)R,   |R| ≤ (L/2)γ^2‖s‖^2\n\n" +
			"by algebra, where R is the remainder of Taylor's formula for J and L bounds its second derivative. The sums of both are the prediction and its tolerance, on the two wells `(θ^2 − 1)^2/4`.\n\n" +
			"On `hθ^2/2` the eigenvalues of the system satisfy `μ^2 + (α + βh)μ + h = 0`; a step multiplies by 1 + γμ. If δ = (α + βh)/2 is less than √h, then θ changes its sign once in `π/φ` steps, φ the angle of `1 − γδ + iγ√(h − δ^2)`. Otherwise it does so once at most. Since `(α + βh)^2 ≥ 4αβh`, this is so for every curvature h if αβ ≥ 1.\n\n" +
			"At the kink of `w|θ|` iterates jump by `c_k = γ_kβw` over 0 and back. Let d be the mean of two successive ones, |d| ≤ c/2, so that the larger one has the size c/2 + |d|. While signs alternate, the mean of v is 0, so that d and ψ move equally and C = d − ψ stays; then `d′ = −αd + C/β` takes d to C/(αβ). As c falls below 2C/(αβ), d reaches c/2, where two equal signs follow each other: d and C fall by c. If αβ < 1 then d′ is now below −c/2 and the next pair undoes it. So d stays at c/2 up to O(γ), and iterates go farther than c by γ|p| at most, p = ψ′, which turns by γw(1 − αβ) in each step around a mean of `−αd + C/β`, |d| ≤ c/2 and |C| ≤ c; so |p| is at most `γw(2 + αβ)`, or the share `(2/β + α)γ` of βw, which is the tolerance, γ being the largest step of those that count:\n\n" +
			"\tlim sup |θ_k|/γ_k = βw\n\n" +
			"for all α with αβ < 1 and all steps that diminish, with a sum without bound. This is derived here; the paper proves that iterates converge to D-critical points. Rules are `γ_0/√(k + 1)`, `γ_0/(k + 1)^{1/4}` and `γ_0/log(k + 3)^{3/2}`, which is o(1/log k). A run may begin with any C in the interval where signs alternate, and then waits until c has fallen to 2|C|/(αβ); so the measured number is the maximum over the second half of runs from several starts.",
		Params: []claim.Param{
			claim.Floats("alphas", []float64{0.1, 0.5, 0.5}, "viscous damping α, one for each β").Between(0.01, 1),
			claim.Floats("betas", []float64{0.1, 0.1, 0.5}, "Newtonian damping β, one for each α").Between(0.05, 0.9),
			claim.Int("iterations", 200000, "iterations at the kink").AtFull(5000000).Between(20000, 1e8),
			claim.Int("starts", 5, "starts at the kink").Between(1, 1000),
			claim.Float("slope", 2, "w of the kink").Between(0.1, 10),
			claim.Float("curvature", 4, "h of the quadratic").Between(0.5, 10),
			claim.Float("step", 0.001, "γ for energy and oscillations; γ_0 is a hundred of these").AtFull(0.0002).Between(1e-5, 0.001),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runInertial(ctx, c, func(alpha, beta float64) sgd.Method { return sgd.INNA{Alpha: alpha, Beta: beta} })
		},
	}
}

// method makes the method of α and β.
type method func(alpha, beta float64) sgd.Method

// halfWaves is how many changes of sign an oscillation is followed for.
const halfWaves = 24

func runInertial(ctx context.Context, c *claim.Context, m method) (claim.Outcome, error) {
	alphas, betas := c.Floats("alphas"), c.Floats("betas")
	if len(alphas) != len(betas) {
		return claim.Outcome{}, errUnpaired(alphas, betas)
	}
	step, h := c.Float("step"), c.Float("curvature")
	var checks []claim.Check
	var shown []figure.Series
	for i, alpha := range alphas {
		beta := betas[i]
		pair := fmt.Sprintf("alpha=%g,beta=%g", alpha, beta)
		e, err := dissipation(m(alpha, beta), alpha, beta, step)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, claim.Check{
			Label: "energy/" + pair, Sentence: "In two wells the energy lost is that of both dampings.",
			Predicted: claim.Near(e.spent-e.second, e.bound), Measured: claim.Measured(e.lost),
		})
		check, err := oscillations(m(alpha, beta), alpha, beta, h, step)
		if err != nil {
			return claim.Outcome{}, err
		}
		check.Label = "oscillations/" + pair
		checks = append(checks, check)
		for _, rule := range rules(100 * step) {
			ratio, series, err := kinkAmplitude(ctx, m(alpha, beta), c.Float("slope"), rule.rate, c.Int("iterations"), c.Int("starts"))
			if err != nil {
				return claim.Outcome{}, err
			}
			if i == 0 {
				series.Name, series.Color = rule.name, len(shown)
				shown = append(shown, series)
			}
			checks = append(checks, claim.Check{
				Label: fmt.Sprintf("kink/%s/%s", pair, rule.name), Sentence: "Near the kink w|θ| the largest |θ_k|/γ_k is βw.",
				Predicted: claim.NearRelative(beta*c.Float("slope"), (2/beta+alpha)*rule.rate(c.Int("iterations")/2)), Measured: claim.Measured(ratio),
			})
		}
	}
	most, err := overdamped(m, step)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks = append(checks, claim.Check{Label: "overdamped", Sentence: "If αβ ≥ 1, θ changes its sign once at most, whatever the curvature is.", Predicted: claim.AtMost(1), Measured: claim.Measured(float64(most))})
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{"checks": len(checks)}}, c.Figure("kink", figure.Figure{
		Title:   "INNA at a kink",
		Caption: "The largest |θ_k|/γ_k between marks. It is βw in the limit, for steps that diminish fast and slowly.",
		X:       figure.Axis{Label: "iteration k", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "|θ_k|/γ_k", Unit: "1"},
		Series: append(shown, figure.Series{
			Name: "βw", Style: figure.Predicted, Color: 3,
			X: []float64{1000, float64(c.Int("iterations"))}, Y: []float64{betas[0] * c.Float("slope"), betas[0] * c.Float("slope")},
		}),
	})
}
