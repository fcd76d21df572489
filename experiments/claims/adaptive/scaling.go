package adaptive

import (
	"context"
	"math"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// diagonalScaling compares runs on two quadratics that differ by a diagonal scaling.
func diagonalScaling() claim.Claim {
	return claim.Claim{
		Numbers:  []int{32},
		Name:     "diagonal-scaling",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "On f(θ) = Σ wᵢθᵢ² the iterates of Adagrad, RMSprop, Rprop, Adam, AMSGrad and Adamax with ε = 0 do not depend on w: for powers of four not in a single bit. Adadelta's do, since its ε starts the steps, and gradient descent pays for the condition number.",
		Source:   "Pauwels, CIMI lecture 2021 (adaptive methods, diagonal scaling); Duchi, Hazan, Singer, JMLR 12, 2011; Zeiler, arXiv 1212.5701",
		Mathematics: "The gradient has the entries `g_i = 2 w_i θ_i`. A method that divides a mean of gradients by the root of a mean of their squares, entry by entry, computes `w_i m_i/√(w_i^2 v_i) = m_i/√(v_i)`. If `w_i` is a power of four, `w_i` and `w_i^2` are powers of two: multiplying by them is exact, and the root of `w_i^2 v_i` is `w_i √(v_i)` exactly, so in float64 no bit of θ changes. Rprop only looks at signs. Multiplying is exact as long as nothing is subnormal: iterates are compared up to the first with an entry of 0 < |θᵢ| < 2⁻⁹⁰⁰, whose gradient and mean are normal yet. AMSGrad, whose divisor never falls, gets there after some ten thousand steps.\n\n" +
			"Adadelta's first step has `E = (1 − ρ) g^2` and no history of steps, hence the length\n\n" +
			"  √ε/√((1 − ρ) g^2 + ε) · |g|\n\n" +
			"which depends on the scale of g as long as `g^2` is not far above ε.\n\n" +
			"Gradient descent with the best constant step `2/(L + μ)`, where `μ = 2 min w` and `L = 2 max w`, multiplies the extreme entries by ±(κ − 1)/(κ + 1) in each step, `κ = L/μ` (Polyak 1964).",
		Params: []claim.Param{
			claim.Int("entries", 6, "entries of θ; the weights are 1, 4, …, 4^(entries − 1)").Between(2, 20),
			claim.Int("steps", 2000, "steps of each run").AtFull(100000).Between(10, 1e6),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runScaling(ctx, c, scaleFree(), 4)
		},
	}
}

// scaleFree lists the methods that do not see a diagonal scaling.
func scaleFree() []named {
	return []named{
		{"adagrad", sgd.Adagrad{}, 0.5},
		{"rmsprop", sgd.RMSprop{Beta: 0.99}, 0.01},
		{"rprop", sgd.DefaultRprop(), 0.1},
		{"adam", sgd.Adam{Beta1: 0.9, Beta2: 0.999}, 0.05},
		{"amsgrad", sgd.Adam{Beta1: 0.9, Beta2: 0.999, AMSGrad: true}, 0.05},
		{"adamax", sgd.Adamax{Beta1: 0.9, Beta2: 0.999}, 0.05},
	}
}

// quadratic is Σ wᵢθᵢ².
func quadratic(w []float64) (*descent, error) {
	return newDescent("dot(w, theta*theta)", 0, len(w), datum{"w", []int{len(w)}, w})
}

func runScaling(ctx context.Context, c *claim.Context, methods []named, base float64) (claim.Outcome, error) {
	d, steps := c.Int("entries"), c.Int("steps")
	one, w := make([]float64, d), make([]float64, d)
	for i := range w {
		one[i], w[i] = 1, kernel.Pow(base, float64(i))
	}
	start := make([]float64, d)
	random.Normals(start, 1, c.Rand(claim.At("stream", "start")))
	plain, err := quadratic(one)
	if err != nil {
		return claim.Outcome{}, err
	}
	scaled, err := quadratic(w)
	if err != nil {
		return claim.Outcome{}, err
	}
	var checks []claim.Check
	var curves []figure.Series
	for i, m := range methods {
		a, err := plain.iterates(ctx, m.method, m.rate, start, steps)
		if err != nil {
			return claim.Outcome{}, err
		}
		b, err := scaled.iterates(ctx, m.method, m.rate, start, steps)
		if err != nil {
			return claim.Outcome{}, err
		}
		n := normal(a)
		checks = append(checks, claim.Check{Label: m.name, Predicted: claim.Exact(0), Measured: claim.Measured(differing(a[:n], b[:n]))})
		if i < 3 {
			curves = append(curves, distances(m.name, b))
		}
	}
	rest, curve, err := dependent(ctx, scaled, w, start[0], steps)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: append(checks, rest...),
		Result: jsonnum.Object{"weights": w, "start": start},
	}, c.Figure("distance", scalingFigure(w, append(curves, curve)))
}

// smallest bounds entries, gradients and means of gradients of which are normal numbers, as their products with weights are.
const smallest = 0x1p-900

// normal returns how many iterates come before the first that has a smaller entry.
func normal(theta [][]float64) int {
	for k := range theta {
		if slices.ContainsFunc(theta[k], func(x float64) bool { return x != 0 && math.Abs(x) < smallest }) {
			return k
		}
	}
	return len(theta)
}

// differing counts the iterates that differ in some bit.
func differing(a, b [][]float64) (n float64) {
	for k := range a {
		for i := range a[k] {
			if math.Float64bits(a[k][i]) != math.Float64bits(b[k][i]) {
				n++
				break
			}
		}
	}
	return n
}

// distances are the norms of iterates, at steps spaced geometrically.
func distances(name string, theta [][]float64) figure.Series {
	s := figure.Series{Name: name, Style: figure.Measured}
	marks := sgd.Geometric(1.15)
	for k := 1; k < len(theta); k = marks.After(k) {
		s.X, s.Y = append(s.X, float64(k)), append(s.Y, kernel.Norm(theta[k]))
	}
	return s
}

// dependent measures the methods that do see the scaling.
func dependent(ctx context.Context, scaled *descent, w []float64, x float64, steps int) ([]claim.Check, figure.Series, error) {
	delta := sgd.DefaultAdadelta()
	start := make([]float64, len(w))
	for i := range start {
		start[i] = x * 1e-3 // so that ε matters
	}
	first, err := scaled.iterates(ctx, delta, 1, start, 1)
	if err != nil {
		return nil, figure.Series{}, err
	}
	length := func(g float64) float64 {
		return math.Sqrt(delta.Epsilon) * g / math.Sqrt(float64((1-delta.Rho)*float64(g*g))+delta.Epsilon)
	}
	last := len(w) - 1
	slow, fast := math.Abs(2*start[0]), math.Abs(2*w[last]*start[0])
	moved := func(i int) float64 { return math.Abs(first[1][i] - first[0][i]) }
	// The extreme entries of gradient descent, from 1 and 1.
	for i := range start {
		start[i] = 0
	}
	start[0], start[last] = 1, 1
	mu, l := 2*w[0], 2*w[last]
	walk, err := scaled.iterates(ctx, sgd.SGD{}, 2/(l+mu), start, steps)
	if err != nil {
		return nil, figure.Series{}, err
	}
	const k = 10
	factor := kernel.Pow(kernel.Norm(walk[k])/kernel.Norm(walk[0]), 1./k)
	return []claim.Check{
		{
			Label: "adadelta-ratio", Sentence: "Adadelta's first steps for the largest and the smallest weight have the ratio that its ε gives.",
			Predicted: claim.NearRelative(length(fast)/length(slow), 1e-9), Measured: claim.Measured(moved(last) / moved(0)),
		},
		{
			Label: "gradient-descent", Sentence: "Gradient descent with the best constant step contracts by (κ − 1)/(κ + 1).",
			Predicted: claim.NearRelative((l/mu-1)/(l/mu+1), 1e-12), Measured: claim.Measured(factor),
		},
	}, distances("gradient descent, best step", walk), nil
}

func scalingFigure(w []float64, series []figure.Series) figure.Figure {
	return figure.Figure{
		Title:   "Distance to the minimum with weights 1, 4, …",
		Caption: "The adaptive methods would show the same curves, bit for bit, with all weights equal. Gradient descent would be there in one step.",
		X:       figure.Axis{Label: "steps", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "‖θ‖", Unit: "1", Log: true},
		Series:  series,
	}
}
