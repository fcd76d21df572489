package subgradient

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// subgradientStep compares steps along subgradients.
func subgradientStep() claim.Claim {
	return claim.Claim{
		Numbers:  []int{17},
		Name:     "subgradient-step",
		Theorem:  claim.Example,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByBound},
		Sentence: "A step against a subgradient may increase f for every step size, however small, while a step against the element of ∂f(x) of smallest norm decreases f for all small enough step sizes unless 0 ∈ ∂f(x).",
		Source:   "Shor, Minimization Methods for Non-Differentiable Functions (1985); Clarke, Optimization and Nonsmooth Analysis (1983); Pauwels, CIMI lecture 2021",
		Mathematics: "Let `f(x) = |x_1| + 4·|x_2|` and x = (1, 0). Every v = (1, 4s) with |s| ≤ 1 is a subgradient, and backpropagation returns it if its convention is abs′(0) = s. For 0 < α ≤ 1\n\n" +
			"\tf(x − α·v) − f(x) = (1 − α) + 16·α·|s| − 1 = (16·|s| − 1)·α.\n\n" +
			"So the step increases f whenever |s| > 1/16, for every α, and by 15α if s = ±1; with s = 0 it decreases f by α. Subgradient methods with steps that fall slowly converge all the same, since `⟨v, x − x^*⟩ ≥ f(x) − f(x^*)` brings x nearer to the minimisers if the step is small; what fails is descent.\n\n" +
			"Let w be the element of ∂f(x) nearest to 0. Then `⟨v, w⟩ ≥ ‖w‖^2` for all v in ∂f(x), and\n\n" +
			"\tf'(x; −w) ≤ f°(x; −w) = max {⟨v, −w⟩ : v ∈ ∂f(x)} = −‖w‖^2.\n\n" +
			"If f is piecewise affine, the left side is `(f(x − α·w) − f(x))/α` for small α: the decrease is at least `α·‖w‖^2`, and equal to that where f is regular (`f' = f°`), for example convex. The claim checks both in rationals, on random sums of absolute values with signs and without.",
		Params: []claim.Param{
			claim.Int("halvings", 40, "steps are α = 1, 1/2, … down to 2 to the minus this").AtFull(200).Between(1, 1000),
			claim.Int("functions", 60, "random piecewise affine functions of each kind").AtFull(2000).Between(1, 1e5),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			return claim.Inputs{Programs: []string{stepText}}, nil
		},
		Run: runStep,
	}
}

const stepText = "abs(x) + 4*abs(y)"

func runStep(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	p, err := at(stepText, "1", "0")
	if err != nil {
		return claim.Outcome{}, err
	}
	least, most, err := increases(p, ad.AtKink(1), c.Int("halvings"))
	if err != nil {
		return claim.Outcome{}, err
	}
	nearest, err := leastNormRate(ctx, p)
	if err != nil {
		return claim.Outcome{}, err
	}
	off, err := ratesByConvention(c, p)
	if err != nil {
		return claim.Outcome{}, err
	}
	convexLow, convexHigh, err := descentRates(ctx, c, true)
	if err != nil {
		return claim.Outcome{}, err
	}
	_, signedHigh, err := descentRates(ctx, c, false)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: []claim.Check{
			{Label: "increase-least", Predicted: claim.Exact(15), Measured: claim.Measured(least)},
			{Label: "increase-most", Predicted: claim.Exact(15), Measured: claim.Measured(most)},
			{Label: "nearest-element", Predicted: claim.Exact(-1), Measured: claim.Measured(float(nearest))},
			{Label: "conventions", Predicted: claim.Exact(0), Measured: claim.Measured(off)},
			{Label: "convex-least", Predicted: claim.Exact(-1), Measured: claim.Measured(float(convexLow))},
			{Label: "convex-most", Predicted: claim.Exact(-1), Measured: claim.Measured(float(convexHigh))},
			{Label: "signed", Predicted: claim.AtMost(-1), Measured: claim.Measured(float(signedHigh))},
		},
		Result: jsonnum.Object{"functions": c.Int("functions")},
	}, nil
}

// selection is what backpropagation returns at p with the given conventions, in
// rationals.
func (p place) selection(w ad.Wiring) ([]*big.Rat, error) {
	g, err := ad.Gradient(p.f)
	if err != nil {
		return nil, err
	}
	if g, err = ad.Wire(g, w); err != nil {
		return nil, err
	}
	program, err := exact.Compile(g)
	if err != nil {
		return nil, err
	}
	out, err := program.Run(p.point().Exact()...)
	if err != nil {
		return nil, err
	}
	var v []*big.Rat
	for _, part := range out[1:] {
		v = append(v, part...)
	}
	return v, nil
}

// increases returns the smallest and the largest (f(x − αv) − f(x))/α over
// α = 1, 1/2, …
func increases(p place, w ad.Wiring, halvings int) (least, most float64, err error) {
	v, err := p.selection(w)
	if err != nil {
		return 0, 0, err
	}
	alpha := big.NewRat(1, 1)
	for i := range halvings + 1 {
		rate, err := p.slope(alpha, difference(origin(len(v)), v))
		if err != nil {
			return 0, 0, err
		}
		r := float(rate)
		if i == 0 {
			least, most = r, r
		}
		least, most = min(least, r), max(most, r)
		alpha = new(big.Rat).Mul(alpha, big.NewRat(1, 2))
	}
	return least, most, nil
}

// origin is the vector 0.
func origin(n int) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	return out
}

// ratesByConvention compares the rates of all conventions abs′(0) = s with
// 16|s| − 1, and draws them.
func ratesByConvention(c *claim.Context, p place) (float64, error) {
	var s, measured, predicted []float64
	off := 0.0
	for i := -16; i <= 16; i++ {
		convention := float64(i) / 16
		// x is 1, so y = 0 is the only kink.
		_, rate, err := increases(p, ad.AtKink(convention), c.Int("halvings"))
		if err != nil {
			return 0, err
		}
		want := 16*max(convention, -convention) - 1
		s, measured, predicted = append(s, convention), append(measured, rate), append(predicted, want)
		off = max(off, rate-want, want-rate)
	}
	return off, c.Figure("conventions", figure.Figure{
		Title:   "Change of f along a subgradient step",
		Caption: "Rate (f(x − αv) − f(x))/α for f = |x₁| + 4|x₂| at (1, 0) and the subgradient v = (1, 4s) of the convention abs′(0) = s. It is the same for all step sizes α, and above 0 unless |s| ≤ 1/16.",
		X:       figure.Axis{Label: "convention s = abs′(0)", Unit: "1"},
		Y:       figure.Axis{Label: "change of f over α", Unit: "1"},
		Series: []figure.Series{
			{Name: "largest over α", Style: figure.Measured, X: s, Y: measured, Color: 1},
			{Name: "16|s| − 1", Style: figure.Predicted, X: s, Y: predicted, Color: 1},
			{Name: "no change", Style: figure.Curve, X: []float64{-1, 1}, Y: []float64{0, 0}, Color: 7},
		},
	})
}
