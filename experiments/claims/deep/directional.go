package deep

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// directional follows gradient descent on separable data to infinity.
func directional() claim.Claim {
	return claim.Claim{
		Numbers:  []int{43},
		Name:     "maximum-margin",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance},
		Sentence: "On linearly separable data gradient descent on the logistic loss goes to infinity like log k in the direction of maximum margin, which it approaches like 1/log k; offset and constants are those of the theorem.",
		Source:   "Soudry, Hoffer, Nacson, Gunasekar, Srebro, JMLR 19, 2018, theorems 3, 4 and 5; Pauwels, CIMI lecture 2021 (implicit bias)",
		Mathematics: "Let `z_i = y_i x_i` and p the point of least norm of conv{z_i}, `p = Σ λ_i z_i`. The direction of maximum margin is that of `ŵ = p/‖p‖^2 = Σ α_i z_i`, the margin is γ = ‖p‖ = 1/‖ŵ‖, and `⟨ŵ, z_i⟩ ≥ 1`, with equality for support vectors, those with α_i > 0. Gradient descent with the step η per row has\n\n" +
			"  w_k = ŵ log k + w̃ + o(1)\n" +
			"  η exp(−⟨z_i, w̃⟩) = α_i for all support vectors\n\n" +
			"since then a step is `η Σ exp(−⟨z_i, w_k⟩) z_i = ŵ/k`. If the support vectors are a basis this determines w̃. Hence ‖w_k‖ grows by ‖ŵ‖ = 1/γ in units of log k, the mean loss is `‖ŵ‖^2/(ηnk)`, and `‖w_k/‖w_k‖ − ŵ/‖ŵ‖‖` is of the order 1/log k with the constant `‖w̃_⊥‖/‖ŵ‖`, w̃_⊥ the part of w̃ orthogonal to ŵ.\n\n" +
			"The remainder is `O((k_0/k)^δ)` with the unit of time `k_0 = max α_i/η`, after which the expansion begins to hold. A perturbation of w̃ obeys, in the time log k, the matrix `M = Σ α_i z_i z_i^T`, and other points of margin m > 1 contribute `k^{1−m}`: δ is the least of 1, the eigenvalues of M and m − 1. Data are drawn until the support vectors are a basis, δ ≥ 0.7, `(k_0/k)^δ ≤ 0.001` for a tenth of the steps, and `‖w̃_⊥‖ > ‖ŵ‖/2`.",
		Params: []claim.Param{
			claim.Int("rows", 6, "rows of data").Between(3, 100),
			claim.Int("steps", 1500000, "steps of gradient descent").AtFull(30000000).Between(1e5, 1e9),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runDirectional(ctx, c, sgd.SGD{}, maximumMargin)
		},
	}
}

// left is how large what the theorem neglects may be, relative to ŵ: twenty times what data are drawn
// for.
const left = 0.02

func runDirectional(ctx context.Context, c *claim.Context, method sgd.Method, solve func(z [][]float64) (*margin, error)) (claim.Outcome, error) {
	s, err := drawSeparable(c, solve)
	if err != nil {
		return claim.Outcome{}, err
	}
	steps := c.Int("steps")
	path, err := s.descend(ctx, method, steps)
	if err != nil {
		return claim.Outcome{}, err
	}
	last, tenth := path[len(path)-1], path[0]
	for _, p := range path {
		if p.k <= steps/10 {
			tenth = p
		}
	}
	logK := kernel.Log(float64(last.k))
	size := kernel.Norm(s.direction)
	along := func(w []float64) float64 { return dot(w, s.direction) / size }
	speed := (along(last.w) - along(tenth.w)) / (logK - kernel.Log(float64(tenth.k)))
	want := s.expansion(last.k)
	checks := []claim.Check{
		{Label: "speed", Sentence: "In units of log k the iterates move by 1/γ along the direction of maximum margin.", Predicted: claim.NearRelative(size, left), Measured: claim.Measured(speed)},
		{Label: "offset", Sentence: "They stay at the offset w̃ from ŵ log k.", Predicted: claim.Near(0, left*size), Measured: claim.Measured(distance(last.w, want))},
		{Label: "direction", Sentence: "log k times the distance of directions is what follows from ŵ log k + w̃.", Predicted: claim.NearRelative(logK*s.angle(want), left), Measured: claim.Measured(logK * s.angle(last.w))},
		{Label: "loss", Sentence: "ηnk times the mean loss is ‖ŵ‖².", Predicted: claim.NearRelative(dot(s.direction, s.direction), left), Measured: claim.Measured(s.rate * last.loss * float64(last.k))},
	}
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{"direction": s.direction, "offset": s.offset, "margin": 1 / size, "remainder": s.exponent}}, c.Figure("direction", s.figure(path))
}

// figure shows the distance of directions.
func (s *separableData) figure(path []visited) figure.Figure {
	measured := figure.Series{Name: "gradient descent", Style: figure.Measured}
	theory := figure.Series{Name: "ŵ log k + w̃", Style: figure.Predicted}
	limit := figure.Series{Name: "constant of 1/log k", Style: figure.Predicted, Color: 2}
	for _, p := range path {
		if p.k < 10 {
			continue
		}
		x := float64(p.k)
		measured.X, measured.Y = append(measured.X, x), append(measured.Y, kernel.Log(x)*s.angle(p.w))
		theory.X, theory.Y = append(theory.X, x), append(theory.Y, kernel.Log(x)*s.angle(s.expansion(p.k)))
		limit.X, limit.Y = append(limit.X, x), append(limit.Y, kernel.Norm(s.across())/kernel.Norm(s.direction))
	}
	return figure.Figure{
		Title:   "How gradient descent approaches the direction of maximum margin",
		Caption: fmt.Sprintf("Margin %.3g. The distance of directions times log k: constants are reached no faster than 1/log k.", 1/kernel.Norm(s.direction)),
		X:       figure.Axis{Label: "steps k", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "log k · ‖w/‖w‖ − ŵ/‖ŵ‖‖", Unit: "1"},
		Series:  []figure.Series{measured, theory, limit},
	}
}
