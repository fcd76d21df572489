package deep

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// inertialMomentum looks at INNA on the loss of an image network.
func inertialMomentum() claim.Claim {
	return claim.Claim{
		Numbers:  []int{54},
		Name:     "inertial-momentum",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound},
		Sentence: "With a constant step γ INNA is quasi-hyperbolic momentum with the rate γ/α, the momentum 1 − αγ and the share (1 − αβ)/(1 − αγ), and SGD with the rate βγ if αβ = 1; on the nonsmooth loss of an image network it loses the energy that its two dampings take, up to O(γ), never rises above its start, and has met a gradient as small as the sublinear rate says, also with steps of the orders k^{−1/2} to k^{−1/16}.",
		Source:   "Castera, Bolte, Févotte and Pauwels, JMLR 22 (134), 2021, arXiv 1905.12278 (energy, sublinear rate in continuous time, step sizes, pairs of α and β); Ma and Yarats, ICLR 2019, arXiv 1810.06801 (quasi-hyperbolic momentum); that INNA is one is derived here",
		Mathematics: "With `p = (1/β − α)θ − ψ/β`, which is 0 at the start, a step of INNA is\n\n" +
			"\tθ_{k+1} = θ_k + γ(p_k − βg_k),   p_{k+1} = (1 − αγ)p_k − γ(1 − αβ)g_k\n\n" +
			"so that p is −γ(1 − αβ) times a sum of past gradients with weights `(1 − αγ)^j`. In terms of their mean `b_{k+1} = μb_k + (1 − μ)g_k` with `μ = 1 − αγ` it is\n\n" +
			"\tθ_{k+1} = θ_k − (γ/α)((1 − ν)g_k + νb_{k+1}),   ν = (1 − αβ)/(1 − αγ)\n\n" +
			"With the defaults α = 0.5 and β = 0.1 that is momentum with the rate 2γ. If αβ = 1 then p stays 0, and what remains is SGD with the rate βγ. Iterates are compared over a run: up to rounding, and bit by bit for α = 2 and β = 0.5, since powers of two do not round.\n\n" +
			"For the energy `E = (1 + αβ)J + ½‖p‖^2` and the speed `s = p − βg` a step makes\n\n" +
			"\tE_{k+1} − E_k = −γ(α‖s‖^2 + β‖g‖^2) + (γ^2/2)‖αs + g‖^2 + (1 + αβ)R_k\n\n" +
			"where `R_k = J_{k+1} − J_k − γ⟨g_k, s_k⟩`, all of it but R by algebra. By the chain rule, which holds along curves for the conservative field of a nonsmooth loss too, the sum of all R vanishes with γ; it is O(γ) where kinks are crossed and not slid along. So the loss of energy less what dampings take is predicted to be of the order 1 in γ.\n\n" +
			"Since p = 0 at the start, `(1 + αβ)J ≤ E ≤ (1 + αβ)J_0`: the loss never exceeds its first value. And the sum of all `γβ‖g‖^2` is at most `(1 + αβ)J_0`, so that after the time T, the sum of the steps, there was a gradient with\n\n" +
			"\tβT min_k ‖g_k‖^2 ≤ (1 + αβ)J_0",
		Findings: []claim.Finding{{
			Key:    "sliding",
			Reason: "Where iterates slide along kinks the field's mean is what is dissipated, less than single gradients say: the difference then falls more slowly than γ. It depends on the start, and is seen with large β. That iterates slide there is inferred from the order; it was not counted.",
		}},
		Params: []claim.Param{
			claim.Floats("alphas", []float64{0.1, 0.5, 0.5, 0.5}, "viscous damping α, one for each β").Between(0.01, 1),
			claim.Floats("betas", []float64{0.1, 0.1, 0.5, 1}, "Newtonian damping β, one for each α").Between(0.01, 1),
			claim.Floats("powers", []float64{0.5, 0.25, 0.125, 0.0625}, "exponents q of steps 0.1/(k + 1)^q").Between(0.01, 1),
			claim.Int("rows", 32, "images").AtFull(100).Between(10, 1797),
			claim.Int("channels", 4, "channels of the first layers").AtFull(8).Between(1, 192),
			claim.Float("step", 0.02, "the largest step γ").Between(1e-4, 0.1),
			claim.Int("halvings", 3, "how often it is halved for energies").AtFull(4).Between(2, 10),
			claim.Float("time", 2, "T of energies").Between(0.1, 1000),
			claim.Int("steps", 600, "steps of other runs").AtFull(1000).Between(10, 1e6),
		},
		Inputs: digitsInputs,
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runInertialMomentum(ctx, c, func(alpha, beta float64) sgd.Method { return sgd.INNA{Alpha: alpha, Beta: beta} })
		},
	}
}

// firstRate is the first of steps that diminish: the default learning rate of the authors' code.
const firstRate = 0.1

// Up to rounding runs agree to far more digits than any step of another kind would leave; energies
// are of the first order up to what kinks, met here and there, leave at finite steps.
const (
	roundingGap = 1e-9
	orderSlack  = 0.1
)

// damping makes a method of α and β.
type damping func(alpha, beta float64) sgd.Method

func runInertialMomentum(ctx context.Context, c *claim.Context, m damping) (claim.Outcome, error) {
	alphas, betas := c.Floats("alphas"), c.Floats("betas")
	if len(alphas) != len(betas) {
		return claim.Outcome{}, fmt.Errorf("%d alphas and %d betas: give one α for each β", len(alphas), len(betas))
	}
	perPair := make([][]claim.Check, len(alphas))
	lines := make([]figure.Series, len(alphas))
	err := c.Each(ctx, len(alphas), func(ctx context.Context, i int) (err error) {
		n, err := newImageNet(c)
		if err == nil {
			perPair[i], lines[i], err = n.pair(ctx, c, m, alphas[i], betas[i])
		}
		return err
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	n, err := newImageNet(c)
	if err != nil {
		return claim.Outcome{}, err
	}
	plain, err := n.plain(ctx, c, m)
	if err != nil {
		return claim.Outcome{}, err
	}
	var checks []claim.Check
	for _, of := range perPair {
		checks = append(checks, of...)
	}
	diminishing, err := n.diminishing(ctx, c, m)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks = append(append(checks, plain), diminishing...)
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{"parameters": n.o.Size()}}, c.Figure("energy", figure.Figure{
		Title:   "Energy that INNA loses, and what its dampings take",
		Caption: "The difference, in units of the energy at the start, falls like γ.",
		X:       figure.Axis{Label: "step γ", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "difference", Unit: "1", Log: true},
		Series:  lines,
	})
}

// pair is about constant steps with one pair of dampings.
func (n *imageNet) pair(ctx context.Context, c *claim.Context, m damping, alpha, beta float64) ([]claim.Check, figure.Series, error) {
	name := fmt.Sprintf("alpha=%g,beta=%g", alpha, beta)
	line := figure.Series{Name: name, Style: figure.Measured}
	step := c.Float("step")
	gap, err := n.quasiHyperbolic(ctx, m, alpha, beta, step, c.Int("steps"))
	if err != nil {
		return nil, line, err
	}
	long, err := n.spend(ctx, m, alpha, beta, sgd.Constant(step), c.Int("steps"))
	if err != nil {
		return nil, line, err
	}
	for range c.Int("halvings") + 1 {
		a, err := n.spend(ctx, m, alpha, beta, sgd.Constant(step), int(c.Float("time")/step))
		if err != nil {
			return nil, line, err
		}
		line.X, line.Y = append(line.X, step), append(line.Y, a.gap())
		step /= 2
	}
	return []claim.Check{
		{Label: "momentum/" + name, Sentence: "The largest distance from iterates of quasi-hyperbolic momentum, in units of the largest weight.", Predicted: claim.Near(0, roundingGap), Measured: claim.Measured(gap)},
		{Label: "energy/" + name, Sentence: "The order in γ of the energy lost less what dampings take.", Predicted: claim.Near(1, orderSlack), Measured: claim.Measured(claim.Slope(line.X, line.Y)), Finding: "sliding", Instead: claim.AtMost(1)},
		{Label: "highest/" + name, Sentence: "The largest loss, in units of that at the start.", Predicted: claim.AtMost(1), Measured: claim.Measured(long.highest)},
		{Label: "sublinear/" + name, Sentence: "βT min‖g‖² in units of (1 + αβ)J₀.", Predicted: claim.AtMost(1), Measured: claim.Measured(long.sublinear())},
	}, line, nil
}

// plain is about αβ = 1.
func (n *imageNet) plain(ctx context.Context, c *claim.Context, m damping) (claim.Check, error) {
	const alpha, beta = 2, 0.5
	step := c.Float("step")
	inertial, err := n.last(ctx, m(alpha, beta), step, c.Int("steps"))
	if err != nil {
		return claim.Check{}, err
	}
	descent, err := n.last(ctx, sgd.SGD{}, beta*step, c.Int("steps"))
	differ := 0
	for i, x := range inertial {
		if x != descent[i] {
			differ++
		}
	}
	return claim.Check{Label: "sgd", Sentence: "If αβ = 1, INNA's last iterate is that of SGD: the number of weights that differ in some bit.", Predicted: claim.Exact(0), Measured: claim.Measured(float64(differ))}, err
}

// diminishing is about steps that do.
func (n *imageNet) diminishing(ctx context.Context, c *claim.Context, m damping) (checks []claim.Check, err error) {
	of := sgd.DefaultINNA()
	for _, q := range c.Floats("powers") {
		a, err := n.spend(ctx, m, of.Alpha, of.Beta, sgd.Power{C: firstRate, P: q}, c.Int("steps"))
		if err != nil {
			return nil, err
		}
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("highest/power=%g", q), Sentence: "The largest loss with diminishing steps, in units of that at the start.",
			Predicted: claim.AtMost(1), Measured: claim.Measured(a.highest),
		}, claim.Check{
			Label: fmt.Sprintf("sublinear/power=%g", q), Sentence: "βT min‖g‖² with diminishing steps, in units of (1 + αβ)J₀.",
			Predicted: claim.AtMost(1), Measured: claim.Measured(a.sublinear()),
		})
	}
	return checks, nil
}
