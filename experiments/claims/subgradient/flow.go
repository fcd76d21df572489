package subgradient

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// subgradientFlow follows γ′ ∈ −∂J(γ).
func subgradientFlow() claim.Claim {
	return claim.Claim{
		Numbers:  []int{19},
		Name:     "subgradient-flow",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByTolerance, claim.ByBound},
		Sentence: "Along the subgradient flow γ′ ∈ −∂J(γ) the loss falls at the rate dJ/dt = −‖γ′‖² = −dist(0, ∂J(γ))² for almost all t; Euler's method with the element of smallest norm stays within a constant times the step of it in these examples.",
		Source:   "Davis, Drusvyatskiy, Kakade and Lee, FoCM 20 (2020); Brézis, Opérateurs maximaux monotones (1973); Pauwels, CIMI lecture 2021",
		Mathematics: "If J obeys the chain rule, then for almost all t `d/dt J(γ(t)) = ⟨v, γ'(t)⟩` for all v ∈ ∂J(γ(t)). With v = −γ′ this is −‖γ′‖²; and since all v have the same product with γ′, `⟨v, γ'⟩ = −‖γ'‖^2` means that −γ′ is the element of ∂J nearest to 0:\n\n" +
			"\td/dt J(γ(t)) = −‖γ'(t)‖^2 = −dist(0, ∂J(γ(t)))^2.\n\n" +
			"So the flow picks at kinks what no convention at the kink knows. Three losses of the plane have flows in closed form. For `J = |x| + 2·|y|` each coordinate falls to 0 and stays. For `J = 4·|x| + y` the flow reaches x = 0 and slides along the kink with speed 1, while gradients nearby have the norm √17. For `J = (x^2 + y^2)/2 + 2·|x − y|`, with u = x − y and s = x + y,\n\n" +
			"\tu(t) = max((u_0 + 4)·e^{−t} − 4, 0),  s(t) = s_0·e^{−t},\n\n" +
			"until u = 0 and on the diagonal from then on. The claim computes dist(0, ∂J)² along these curves from the sets alone, and compares its integral with the fall of J.\n\n" +
			"Euler's method `x_{k+1} = x_k − h·w_k`, with `w_k` the nearest element at `x_k`, almost never meets a kink exactly: it crosses it and chatters with an amplitude of one step. A coordinate with slope c is then off by at most c·h, which gives √5·h and 4·h for the first two. For the third, Euler for `u' = −u − 4·sign(u)` from `u_0 ≤ 9/4` has local errors of at most `(1/2)·h^2·(u_0 + 4)·e^{−t}`, of which every later step keeps the share `1 − h ≤ e^{−h}`. After k steps they add up to at most `(1/2)·h·(u_0 + 4)·(k·h)·e^{−(k − 1)·h} ≤ (1/2)·h·(u_0 + 4)·e^{h − 1}`, less than 3h, and there is an overshoot of at most 4h(1 + h); s is off by at most h. Since (x − y, x + y) is √2 times a rotation, the error is at most `√((7^2 + 1)/2)·h = 5·h` to first order. The largest error over many starting points grows like h.",
		Params: []claim.Param{
			claim.Ints("steps", []int{8, 16, 32, 64, 128}, "steps of Euler's method in a unit of time").AtFull([]int{8, 16, 32, 64, 128, 256, 512, 1024}).Between(8, 1e5),
			claim.Int("starts", 8, "random starting points of each loss").AtFull(64).Between(4, 1e4),
			claim.Int("nodes", 96, "quadrature nodes for the rate, over the whole time").AtFull(960).Between(96, 1e5),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, e := range flows {
				in.Programs = append(in.Programs, e.text)
			}
			return in, nil
		},
		Run: runFlow,
	}
}

// horizon is the time that flows run for.
const horizon = 1.5

// flowExample is a loss with the closed form of its flow.
type flowExample struct {
	name, title, text string
	start             [2]float64
	jitter            float64 // random starts are start minus up to jitter in both coordinates
	// at is the point of the flow from x, y at time t.
	at func(x, y, t float64) (float64, float64)
	// breaks returns the times at which the flow from start changes its piece.
	breaks []float64
	bound  float64 // of the error of Euler's method, in steps
	// energy is the error allowed for the integral of the rate by the midpoint rule:
	// of order (1/64)² where the rate is not constant between breaks.
	energy float64
}

var flows = []flowExample{
	{
		name: "separable", title: "|x| + 2|y|", text: "abs(x) + 2*abs(y)", start: [2]float64{1, 0.75}, jitter: 0.5,
		at: func(x, y, t float64) (float64, float64) { return max(x-t, 0), max(y-2*t, 0) }, bound: math.Sqrt(5),
		breaks: []float64{0.375, 1},
	},
	{
		name: "sliding", title: "4|x| + y", text: "4*abs(x) + y", start: [2]float64{1, 2}, jitter: 0.5,
		at: func(x, y, t float64) (float64, float64) { return max(x-4*t, 0), y - t }, bound: 4,
		breaks: []float64{0.25},
	},
	{
		name: "ridge", title: "(x² + y²)/2 + 2|x − y|", text: "(x^2 + y^2)/2 + 2*abs(x - y)", start: [2]float64{2, 0}, jitter: 0.25,
		at: ridgeFlow, bound: 5, breaks: []float64{kernel.Log(1.5)}, energy: 1e-3,
	},
}

func ridgeFlow(x, y, t float64) (float64, float64) {
	decay := kernel.Exp(-t)
	u := max(float64((x-y+4)*decay)-4, 0)
	s := float64((x + y) * decay)
	return (s + u) / 2, (s - u) / 2
}

func runFlow(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	counts := slices.Compact(slices.Sorted(slices.Values(c.Ints("steps"))))
	if len(counts) < 2 {
		return claim.Outcome{}, fmt.Errorf("steps: a slope needs at least two numbers, such as 8,16")
	}
	var out claim.Outcome
	errorsOf := figure.Figure{
		Title:   "Euler's method and the subgradient flow",
		Caption: "Largest distance, over time and starting points, of Euler's method with the element of smallest norm to the flow. It is proportional to the step, the size of the chattering about kinks.",
		X:       figure.Axis{Label: "step h", Unit: "1", Log: true}, Y: figure.Axis{Label: "largest error", Unit: "1", Log: true},
	}
	energy := figure.Figure{
		Title:   "The loss falls at the rate of the squared distance",
		Caption: "Loss along the flow. Points are J(γ(0)) minus the integral of dist(0, ∂J(γ))², computed from the sets, lines are J(γ(t)) itself. The rate drops where the flow meets a kink and stays in it.",
		X:       figure.Axis{Label: "time t", Unit: "1"}, Y: figure.Axis{Label: "loss J", Unit: "1"},
	}
	for i, e := range flows {
		p, err := at(e.text, "0", "0")
		if err != nil {
			return out, err
		}
		rate, err := e.energyError(ctx, p, c.Int("nodes"))
		if err != nil {
			return out, err
		}
		h, errs, err := e.eulerErrors(ctx, c, p, counts)
		if err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, e.checks(h, errs, rate)...)
		errorsOf.Series = append(errorsOf.Series,
			figure.Series{Name: e.title, Style: figure.Measured, X: h, Y: errs, Color: i + 1},
			figure.Series{Name: fmt.Sprintf("%.3g·h", e.bound), Style: figure.Predicted, X: h, Y: times(e.bound, h), Color: i + 1})
		energy.Series = append(energy.Series,
			figure.Series{Name: e.title, Style: figure.Measured, X: some(rate.t), Y: some(rate.predicted), Color: i + 1},
			figure.Series{Name: "closed form", Style: figure.Predicted, X: rate.t, Y: rate.loss, Color: i + 1})
	}
	out.Result = jsonnum.Object{"horizon": horizon}
	if err := c.Figure("euler", errorsOf); err != nil {
		return out, err
	}
	return out, c.Figure("rate", energy)
}

func (e flowExample) checks(h, errs []float64, rate energyCurve) []claim.Check {
	at := map[string]any{"loss": e.text}
	share := 0.0
	for i := range h {
		share = max(share, errs[i]/(e.bound*h[i]))
	}
	return []claim.Check{
		{Label: "rate-" + e.name, At: at, Predicted: claim.Near(0, max(e.energy, energyRounding)), Measured: claim.Measured(rate.worst)},
		{Label: "slope-" + e.name, At: at, Predicted: claim.Near(1, flowSlopeTolerance), Measured: claim.Measured(claim.Slope(h, errs))},
		{Label: "bound-" + e.name, At: at, Predicted: claim.AtMost(1 + secondOrder), Measured: claim.Measured(share)},
	}
}

const (
	// energyRounding is that of sums of a thousand numbers of order 20.
	energyRounding = 1e-9
	// flowSlopeTolerance allows for the largest of a few random offsets at which
	// the method meets a kink.
	flowSlopeTolerance = 0.2
	// secondOrder is h for the largest step, 1/8: the bounds are of first order.
	secondOrder = 1.0 / 8
)

// some are about 24 of many numbers.
func some(x []float64) []float64 {
	var out []float64
	for i := 0; i < len(x); i += max(1, len(x)/24) {
		out = append(out, x[i])
	}
	return out
}

// rationalPlace is p at floats, which are rational numbers.
func rationalPlace(p place, x ...float64) place {
	p.x = make([]*big.Rat, len(x))
	for i, v := range x {
		p.x[i] = new(big.Rat).SetFloat64(v)
	}
	return p
}

func times(factor float64, x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = factor * v
	}
	return out
}

// nearest is the element of ∂J(x) nearest to 0.
func nearest(ctx context.Context, a *clarke.Analyzer, x ...float64) ([]float64, error) {
	parts := make([][]float64, len(x))
	for i := range x {
		parts[i] = x[i : i+1]
	}
	s, err := a.At(ctx, clarke.FloatPoint(parts...))
	if err != nil {
		return nil, err
	}
	if s.Refused != "" || len(s.Vertices) == 0 {
		return nil, fmt.Errorf("∂J was not found at %v: %s", x, s.Refused)
	}
	return s.MinNorm.Float, nil
}
