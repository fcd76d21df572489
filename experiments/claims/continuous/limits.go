package continuous

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/sgd"
)

// limits compares iterates with their differential equations and inclusions.
func limits() claim.Claim {
	return claim.Claim{
		Numbers:  []int{31},
		Name:     "continuous-limits",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance},
		Sentence: "Iterates follow an equation in continuous time: gradient descent the gradient flow up to O(α), also a subgradient method the differential inclusion, the heavy ball with β = 1 − δ√α and Nesterov's method their equations of second order up to O(√α), and no better.",
		Source:   "Su, Boyd, Candès, JMLR 17, 2016, theorems 1 and 2; Pauwels, CIMI lecture 2021 (ODE limits of gradient descent and momentum); Davis, Drusvyatskiy, Kakade, Lee, FoCM 2020 (inclusion)",
		Mathematics: "Gradient descent `x_{k+1} = x_k − α∇f(x_k)` is Euler's method for x′ = −∇f(x), of order 1: the gap up to a fixed time is O(α). For f with kinks it is one for x′ ∈ −∂f(x), whose solution slides along kinks while the iterates step over them by at most α times a slope.\n\n" +
			"With the step α and `β = 1 − δ√α` the heavy ball is a scheme for\n\n" +
			"  x″ + δx′ + ∇f(x) = 0\n\n" +
			"in the time `t = k√α`, and Nesterov's method one for `x″ + (3/t)x′ + ∇f(x) = 0`. Their steps in time are √α and they are of order 1 in them, hence O(√α).\n\n" +
			"For `f(x) = λx^2/2` the latter has the solution `x(t) = 2 x_0 J_1(t√λ)/(t√λ)` with Bessel's function `J_1`.",
		Params: []claim.Param{
			claim.Float("horizon", 4, "the time up to which iterates and limits are compared").Between(0.5, 20),
			claim.Int("halvings", 6, "how often the smallest step size is halved").AtFull(9).Between(3, 12),
			claim.Float("friction", 1, "the friction δ of the heavy ball").Between(0.1, 3),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runLimits(ctx, c, followed(c.Float("friction")))
		},
	}
}

// pair is a method's limit on a program, with the order at which it is approached.
type pair struct {
	name, text string
	system     sgd.System
	start      []float64
	order      float64
	tolerance  float64
	first      float64 // step size
}

const smooth = "0.5*x^2 + 2*y^2 + log(1 + (x - y)^2)"

func followed(friction float64) []pair {
	return []pair{
		{"gradient-descent", smooth, sgd.GradientFlow{}, []float64{1, -1}, 1, 0.1, 1. / 32},
		// The gap of a step over a kink depends on where the step begins.
		{"subgradient", "abs(x) + 0.5*y^2 + abs(x - y)/2", sgd.GradientFlow{}, []float64{1.1, -0.7}, 1, 0.2, 1. / 32},
		{"heavy-ball", smooth, sgd.HeavyBallFlow{Friction: friction}, []float64{1, -1}, 0.5, 0.1, 1. / 256},
		{"nesterov", smooth, sgd.NesterovFlow{}, []float64{1, -1}, 0.5, 0.1, 1. / 256},
	}
}

// perHalving is the ratio of step sizes: in the time of equations of second order it is a
// half.
const perHalving = 4

func runLimits(ctx context.Context, c *claim.Context, pairs []pair) (claim.Outcome, error) {
	horizon := c.Float("horizon")
	var checks []claim.Check
	var series []figure.Series
	result := jsonnum.Object{}
	for i, p := range pairs {
		f, err := parse.Parse(p.text)
		if err != nil {
			return claim.Outcome{}, err
		}
		var steps []float64
		for step := p.first; len(steps) < c.Int("halvings"); step /= perHalving {
			steps = append(steps, step)
		}
		r, err := sgd.CompareLimit(ctx, f, p.system, ad.AtKink(0), p.start, horizon, steps, sgd.FlowOptions{})
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, claim.Check{
			Label: p.name, Sentence: "The order at which the gap vanishes.",
			Predicted: claim.Near(p.order, p.tolerance), Measured: claim.Measured(r.Order),
		})
		result[p.name] = r.Gaps
		series = append(series, figure.Series{Name: p.name, Style: figure.Measured, X: r.Steps, Y: r.Gaps, Color: 1 + i})
	}
	bessel, err := besselGap(ctx, horizon)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks = append(checks, claim.Check{
		Label: "bessel", Sentence: "The limit of Nesterov's method on a quadratic is Bessel's function.",
		Predicted: claim.Near(0, 1e-6), Measured: claim.Measured(bessel),
	})
	return claim.Outcome{Checks: checks, Result: result}, c.Figure("gaps", figure.Figure{
		Title:   "How far iterates are from their limits",
		Caption: "Slope 1 for methods of first order, ½ for those with momentum, which are of order 1 in their own step of time √α.",
		X:       figure.Axis{Label: "step size α", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "largest gap up to the horizon", Unit: "1", Log: true}, Series: series,
	})
}

// besselGap is the largest distance of the computed limit on λx²/2 from its closed form.
func besselGap(ctx context.Context, horizon float64) (float64, error) {
	const lambda, start, points = 4.0, 1.5, 200
	f, err := parse.Parse("2*x^2")
	if err != nil {
		return 0, err
	}
	flow, err := sgd.NewFlow(f, sgd.NesterovFlow{}, sgd.FlowOptions{})
	if err != nil {
		return 0, err
	}
	t, err := flow.Solve(ctx, []float64{start}, horizon)
	if err != nil {
		return 0, err
	}
	worst := 0.0
	for i := 1; i <= points; i++ {
		at := horizon * float64(i) / points
		u := at * math.Sqrt(lambda)
		worst = max(worst, math.Abs(t.At(at)[0]-2*start*math.J1(u)/u))
	}
	return worst, nil
}
