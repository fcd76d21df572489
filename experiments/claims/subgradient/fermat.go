package subgradient

import (
	"context"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// fermat looks at 0 ∈ ∂f at minimisers and at points that are none.
func fermat() claim.Claim {
	return claim.Claim{
		Numbers:  []int{16},
		Name:     "fermat",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound},
		Sentence: "At every local minimiser 0 ∈ ∂f(x), which a convex combination of limiting gradients shows; the converse fails: there are x with 0 ∈ ∂f(x) and a direction of descent.",
		Source:   "Clarke, Optimization and Nonsmooth Analysis (1983); Lukšan and Vlček, Test problems for nonsmooth unconstrained and linearly constrained optimization (2000); Khan and Barton, Optim. Methods Softw. 30 (2015), Example 6.2; Gürbüzbalaban and Overton, Nonlinear Anal. 75 (2012); Wolfe, Math. Programming 11 (1976)",
		Mathematics: "If x is a local minimiser then `f°(x; d) = max {⟨v, d⟩ : v ∈ ∂f(x)} ≥ limsup_{t ↓ 0} (f(x + t·d) − f(x))/t ≥ 0` for all d, hence `0 ∈ ∂f(x)`: otherwise `d = −v` for the nearest element v would give `f°(x; d) = −‖v‖^2 < 0`.\n\n" +
			"A certificate is a convex combination of limiting gradients that is 0, the multipliers of a minimax problem. For `f = max f_i` at x, where the gradients of the active `f_i` are affinely independent, the weights are the only solution of `∑ w_i·∇f_i(x) = 0`, `∑ w_i = 1`. For example, at the minimiser (1, 1) of CB3 the active gradients are (4, 2), (−2, −2) and (−2, 2), and\n\n" +
			"\t(1/3)·(4, 2) + (1/2)·(−2, −2) + (1/6)·(−2, 2) = 0.\n\n" +
			"The claim finds the gradients by cells and the weights by Wolfe's algorithm, and compares both with these solutions. All limiting gradients found are elements of ∂f(x), so that 0 in their hull proves 0 ∈ ∂f(x), whether or not the whole set is known. That is a proof where point and gradients are rational. CB3 has an exponential and LQ an irrational minimiser: there branches are tied, and the combination is 0, up to rounding only.\n\n" +
			"Wolfe's algorithm is finite, since each of its sets of points has its nearest point once. Where all products `⟨p_i, p_j⟩` vanish, at points `c_i·e_i`, none of them is dropped again: n cycles, one point each, find the weights `c_i^{−2}/Σ c_j^{−2}` and the distance `(Σ c_i^{−2})^{−1/2}`.\n\n" +
			"The converse holds for convex f, and fails beyond: for `|x| − |y|` at 0, for `max(min(x, −y), y − x)`, whose three gradients (1, 0), (0, −1), (−1, 1) have mean 0 while `f'(0; (−1, −2)) = −1`, and for the second Nesterov–Chebyshev–Rosenbrock function at (0, −1), where `f'(x; (1, 2)) = −1/4`. So a method that drives the distance from 0 to ∂f(x) to 0 may end at points that no descent method should accept.",
		Params: []claim.Param{
			claim.Int("halvings", 20, "the step along a direction of descent is 2 to the minus this").AtFull(60).Between(6, 200),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, m := range minimisers {
				in.Programs = append(in.Programs, m.text)
			}
			for _, m := range onlyCritical {
				in.Programs = append(in.Programs, m.text)
			}
			return in, nil
		},
		Run: runFermat,
	}
}

func runFermat(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	var out claim.Outcome
	fig := figure.Figure{
		Title:   "Gradients at minimisers",
		Caption: "Limiting gradients at the minimisers of three minimax problems, joined by their hull. The origin lies in each of the hulls: that is Fermat's rule.",
		X:       figure.Axis{Label: "first coordinate of gradients", Unit: "1"}, Y: figure.Axis{Label: "second coordinate of gradients", Unit: "1"},
	}
	for _, m := range minimisers {
		s, err := m.at(ctx)
		if err != nil {
			return out, fmt.Errorf("%s: %w", m.name, err)
		}
		where := map[string]any{"program": m.text}
		out.Checks = append(out.Checks, claim.Check{
			Label: "distance-" + m.name, At: where, Predicted: claim.AtMost(zeroTolerance), Measured: claim.Measured(s.Distance),
		})
		if m.multipliers != nil {
			off, err := weightError(s.Vertices, m.multipliers)
			if err != nil {
				return out, err
			}
			out.Checks = append(out.Checks, claim.Check{
				Label: "weights-" + m.name, At: where, Predicted: claim.Near(0, weightTolerance), Measured: claim.Measured(off),
			})
		}
		if m.drawn {
			fig.Series = append(fig.Series, outline(m.title, floatsOf(s.Vertices)))
		}
	}
	fig.Series = append(fig.Series, figure.Series{Name: "0", Style: figure.Measured, X: []float64{0}, Y: []float64{0}, Color: 7})
	if err := c.Figure("gradients", fig); err != nil {
		return out, err
	}
	wolfe, err := wolfeChecks(c, convex.MinNorm)
	if err != nil {
		return out, err
	}
	out.Checks = append(out.Checks, wolfe...)
	converse, err := converseChecks(ctx, c)
	out.Checks = append(out.Checks, converse...)
	out.Result = jsonnum.Object{"minimisers": len(minimisers), "only_critical": len(onlyCritical)}
	return out, err
}

const (
	// zeroTolerance is what rounding of float64 leaves of a combination that is 0;
	// in rationals the distance is exactly 0.
	zeroTolerance = 1e-12
	// weightTolerance allows for gradients and weights rounded to float64.
	weightTolerance = 1e-12
)

// weightError compares weights of a combination of vertices that is 0 with the
// known ones, +Inf if the vertices are not the known ones.
func weightError(vertices []clarke.Vector, known []multiplier) (float64, error) {
	nearest, err := clarke.MinNorm(vertices)
	if err != nil || len(vertices) != len(known) {
		return math.Inf(1), err
	}
	weights := make([]float64, len(vertices))
	for i, k := range nearest.Support {
		weights[k] = nearest.Weights.Float[i]
	}
	worst := 0.0
	for i, v := range vertices {
		worst = max(worst, offBy(v.Float, weights[i], known))
	}
	return worst, nil
}

// offBy is the smallest of the deviations of a gradient and its weight from the
// known ones.
func offBy(gradient []float64, weight float64, known []multiplier) float64 {
	best := math.Inf(1)
	for _, m := range known {
		d := math.Abs(weight - m.weight)
		for j := range gradient {
			d = max(d, math.Abs(gradient[j]-m.gradient[j])/max(1, math.Abs(m.gradient[j])))
		}
		best = min(best, d)
	}
	return best
}

// outline draws a polygon through points of the plane in an order around their
// hull.
func outline(name string, points [][]float64) figure.Series {
	s := figure.Series{Name: name, Style: figure.Curve}
	for i := range len(points) + 1 {
		p := points[i%len(points)]
		s.X, s.Y = append(s.X, p[0]), append(s.Y, p[1])
	}
	return s
}
