package implicit

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// valley follows INNA in the plane, as its authors do.
func valley() claim.Claim {
	return claim.Claim{
		Numbers:  []int{54},
		Name:     "inertial-valley",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound},
		Sentence: "In the nonsmooth valley 100(y − |x|)² + |1 − x| the damping β acts across, where it ends oscillations as soon as α + 400β ≥ 40, and α alone along it; INNA arrives at the kink x = 1 in the step that closed forms say, never rises above its start, and with diminishing steps γₖ, down to (k + 1)^{−1/16}, stays within βγₖ of the minimum in the limit.",
		Source:   "Castera, Bolte, Févotte and Pauwels, JMLR 22 (134), 2021, arXiv 1905.12278 (trajectories in a nonsmooth valley, whose formula here is not checked against the paper; roles of α and β; steps of the orders k^{−1/2} to k^{−1/16}); the pairs (0.1, 0.1), (0.5, 0.1), (0.5, 0.5) and (0.5, 1) are those of its experiments; derivations are ours",
		Mathematics: "On either side of x = 0 the loss is quadratic for x < 1. With the sign s of x, `w = (y − sx)/√2` across the valley and `τ = (x + sy)/√2` along it, it is\n\n" +
			"\tJ = 200w^2 + sw/√2 − τ/√2 + 1\n\n" +
			"so that INNA's equation falls into those of two springs, the one along without curvature, where β has nothing to act on:\n\n" +
			"\tw″ + (α + 400β)w′ + 400(w − w_0) = 0,   τ″ + ατ′ = 1/√2\n\n" +
			"Across there are oscillations if and only if `α + 400β < 40`. The first one to be free of them has `β = 0.1 − α/400`, just below the default 0.1. Along the valley the speed tends to `1/(α√2)` in a time 1/α, whatever β and the curvature are.\n\n" +
			"With `p = ψ′` a step of the method is, for the gradient hz + c,\n\n" +
			"\tz_{k+1} = z_k + γ(p_k − βg_k),   p_{k+1} = (1 − αγ)p_k − γ(1 − αβ)g_k\n\n" +
			"a linear map with the eigenvalues 1 + γμ, `μ^2 + (α + βh)μ + h = 0`, whose powers have a closed form. At x = 0 the sides change, with x, y and p as they are. This foretells every iterate until x ≥ 1: arrivals and corners are compared as whole numbers. After the last corner w changes its sign once in π/φ steps up to one, φ the angle of 1 + γμ (counted until oscillations have shrunk to 10^−10, where rounding is not far), and at most once without oscillations.\n\n" +
			"The energy `(1 + αβ)J + ½‖p‖^2` falls, and p = 0 at the start, so that J never exceeds its first value.\n\n" +
			"By the theorem of convergence the limit is critical, and (1, 1) is the only point where 0 is in the conservative field. There a step moves x by `γ(β(1 + 200|u|) + |p|)` at most, u = y − |x|. Kicks to both sides alternate, so that |u| ≤ βγ and |p| ≤ 2γ to first order. Hence, after x = 1 has been crossed,\n\n" +
			"\tJ ≤ γ(β + (300β^2 + 2)γ)\n\n" +
			"where 2γ is from p, 200β²γ from the slope of the valley and 100β²γ its height. This bound is an estimate to first order, not a theorem.",
		Params: []claim.Param{
			claim.Floats("alphas", []float64{0.5, 2, 0.5, 0.1, 0.5, 0.5, 0.5}, "viscous damping α, one for each β").Between(0.01, 10),
			claim.Floats("betas", []float64{0.01, 0.01, 0.03, 0.1, 0.1, 0.5, 1}, "Newtonian damping β, one for each α").Between(0.005, 2),
			claim.Float("step", 0.0005, "the constant step γ").AtFull(0.0001).Between(1e-5, 0.001),
			claim.Floats("powers", []float64{0.5, 0.25, 0.125, 0.0625}, "exponents q of steps 0.02/(k + 1)^q").Between(0.01, 0.5),
			claim.Int("iterations", 1000000, "iterations with diminishing steps").AtFull(10000000).Between(500000, 1e9),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) { return claim.Inputs{Programs: []string{valleyText}}, nil },
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runValley(ctx, c, func(alpha, beta float64) sgd.Method { return sgd.INNA{Alpha: alpha, Beta: beta} })
		},
	}
}

// Where ways through the valley start, on the side that leads over the corner, and the first of the
// steps that diminish: γ(α + 400β) < 1.
const (
	valleyX, valleyY = -1.0, 1.5
	firstStep        = 0.02
)

func runValley(ctx context.Context, c *claim.Context, m method) (claim.Outcome, error) {
	alphas, betas := c.Floats("alphas"), c.Floats("betas")
	if len(alphas) != len(betas) {
		return claim.Outcome{}, errUnpaired(alphas, betas)
	}
	p, err := newPlane(valleyText)
	if err != nil {
		return claim.Outcome{}, err
	}
	var checks []claim.Check
	var shown []figure.Series
	result := jsonnum.Object{}
	for i, alpha := range alphas {
		pair := fmt.Sprintf("alpha=%g,beta=%g", alpha, betas[i])
		d, way, err := p.compare(ctx, c, m, alpha, betas[i])
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, way.checks(pair, d, alpha, betas[i], c.Float("step"))...)
		shown = append(shown, lineOf(pair, figure.Curve, 1+i%7, d.path))
		result[pair] = d.arrival
	}
	settled, err := p.settled(ctx, c, m)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: append(checks, settled...), Result: result}, c.Figure("ways", figure.Figure{
		Title:   "INNA in the valley 100(y − |x|)² + |1 − x|",
		Caption: "From (−1, 1.5) to the kink x = 1 with constant steps. A small β lets it swing across the valley and be thrown back at the corner.",
		X:       figure.Axis{Label: "x", Unit: "1"}, Y: figure.Axis{Label: "y", Unit: "1"}, Series: shown,
	})
}

func errUnpaired(alphas, betas []float64) error {
	return fmt.Errorf("%d alphas and %d betas: give one α for each β", len(alphas), len(betas))
}

// compare runs a method and foresees it.
func (p *plane) compare(ctx context.Context, c *claim.Context, m method, alpha, beta float64) (d descentInValley, f forecast, err error) {
	const longest = 1000 // in time, more than any α admitted needs
	step := c.Float("step")
	limit := int(longest / step)
	if f = foresee(valleyX, valleyY, alpha, beta, step, limit); f.arrival >= limit {
		return d, f, errors.New("the valley is not left in time: take a smaller α or β")
	}
	across := damped{alpha: alpha, beta: beta, gamma: step, h: valleyCurvature}
	d, err = p.enter(ctx, m(alpha, beta), valleyX, valleyY, step, across.watched(), limit)
	return d, f, err
}

func (f forecast) checks(pair string, d descentInValley, alpha, beta, step float64) []claim.Check {
	swings := claim.Check{Label: "swings/" + pair, Sentence: "Across the valley INNA changes its side once in π/φ steps.", Measured: claim.Measured(float64(d.swings))}
	across := damped{alpha: alpha, beta: beta, gamma: step, h: valleyCurvature}
	if _, angle := across.turn(); angle > 0 {
		swings.Predicted = claim.Near(float64(min(f.stay, across.watched()))*angle/math.Pi, 1)
	} else {
		swings.Sentence = "Without oscillations INNA changes its side at most once."
		swings.Predicted = claim.AtMost(1)
	}
	return []claim.Check{
		{Label: "arrival/" + pair, Sentence: "The first step with x ≥ 1 is that of the closed form.", Predicted: claim.Exact(float64(f.arrival)), Measured: claim.Measured(float64(d.arrival))},
		{Label: "corners/" + pair, Sentence: "x changes its sign as often as the closed form says.", Predicted: claim.Exact(float64(f.corners)), Measured: claim.Measured(float64(d.corners))},
		swings,
		{Label: "energy/" + pair, Sentence: "The largest loss is that at the start.", Predicted: claim.AtMost(1), Measured: claim.Measured(d.highest)},
	}
}

// settled is about steps that diminish, with the defaults of α and β.
func (p *plane) settled(ctx context.Context, c *claim.Context, m method) (checks []claim.Check, err error) {
	of := sgd.DefaultINNA()
	for _, q := range c.Floats("powers") {
		s := sgd.Power{C: firstStep, P: q}
		most, err := p.settle(ctx, m(of.Alpha, of.Beta), valleyX, valleyY, s, c.Int("iterations"))
		if err != nil {
			return nil, err
		}
		largest := s.Rate(sgd.Progress{Step: c.Int("iterations") / 2})
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("limit/%g", q), Sentence: "The largest J/γ_k of the second half is at most β, to first order in γ_k.",
			Predicted: claim.AtMost(of.Beta + float64((300*of.Beta*of.Beta+2)*largest)), Measured: claim.Measured(most),
		})
	}
	return checks, nil
}

func lineOf(name string, style figure.Style, color int, path []place) figure.Series {
	s := figure.Series{Name: name, Style: style, Color: color}
	for i := 0; i < len(path); i += 1 + len(path)/1000 {
		s.X, s.Y = append(s.X, path[i].x), append(s.Y, path[i].y)
	}
	return s
}
