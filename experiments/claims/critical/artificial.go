package critical

import (
	"context"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/sgd"
)

// identityText computes x, and has an artificial critical point at 0.
const identityText = "relu(x) - relu(-x)"

// artificial looks at a point that is critical for the program only.
func artificial() claim.Claim {
	return claim.Claim{
		Numbers:  []int{26},
		Name:     "artificial-points",
		Theorem:  claim.Probability,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByAbsence},
		Sentence: "SGD may accumulate at points that are critical for the program's conservative field only: driven by backpropagation through relu(x) − relu(−x) with relu′(0) = 0, the recursion xₖ₊₁ = xₖ − αvₖ is stuck forever if and only if an iterate is exactly 0, which has probability 1 for x₀ ∈ αℤ, x₀ ≥ 0, and probability 0 for x₀ with a density.",
		Source:   "Bolte and Pauwels, NeurIPS 2020, arXiv 2006.02080 (artificial critical points; relu₂ and relu₃); Pauwels, CIMI lecture 2021",
		Mathematics: `The program ` + "`relu(x) − relu(−x)`" + ` computes ` + "`f(x) = x`" + `, so ` + "`∂f(x) = {1}`" + ` everywhere and f has no Clarke critical point. Backpropagation with ` + "`relu′(0) = s`" + ` returns

	v(0) = s − (−1)·s = 2s,      v(x) = 1 for x ≠ 0.

As the two occurrences of relu are free to choose apart, the conservative field is ` + "`D(0) = [0, 1] + [0, 1] = [0, 2]`" + `: 0 is critical for D and not for ` + "`∂f`" + `, at distance 1 from it.

With s = 0 and a constant step α the recursion is ` + "`x_{k+1} = x_k − α`" + ` as long as ` + "`x_k ≠ 0`" + `, hence ` + "`x_k = x_0 − kα`" + `. It reaches 0 if and only if ` + "`x_0/α`" + ` is one of 0, 1, 2, …, and does so at

	k = x_0/α;

then ` + "`v(0) = 0`" + ` and it never moves again. Once it is negative it stays so. So it is stuck with probability 1 if ` + "`x_0 ∈ αℤ`" + ` and ` + "`x_0 ≥ 0`" + `, with probability 0 if ` + "`x_0 < 0`" + `, and with probability 0 if ` + "`x_0`" + ` has a density given α, as the multiples of α are a countable set. For s > 0 it leaves 0 at once, by the step 2sα.

The value at a kink belongs to the program, not to the function. Take ` + "`relu₂(x) = relu(−x) + x`" + ` and ` + "`relu₃ = (relu + relu₂)/2`" + `, which both equal relu: with s = 0 their derivatives at 0 are 1 and ½, that of relu is 0, and that of ` + "`relu₂ − relu`" + `, which is the function 0, is 1.

All this is computed in rationals, where decimals such as 0.1 are taken at their word: x₀ = 1 and α = 0.1 give k = 10. In float64 these two never meet 0, since 0.1 is not a binary fraction; the result says what a float64 run does.`,
		Params: []claim.Param{
			claim.Float("x0", 2, "start of the run that is shown").Between(-100, 100),
			claim.Float("step", 0.5, "constant step size α of the run that is shown").Between(0.01, 100),
			claim.Int("trials", 1000, "random pairs of a start and a step, of each kind").AtFull(20000).Between(10, 1e6),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			return claim.Inputs{Programs: []string{identityText}}, nil
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runArtificial(ctx, c, identityText)
		},
	}
}

func runArtificial(ctx context.Context, c *claim.Context, text string) (claim.Outcome, error) {
	walk, err := newWalk(text, 0)
	if err != nil {
		return claim.Outcome{}, err
	}
	x0, alpha := decimal(c.Float("x0")), decimal(c.Float("step"))
	path, err := walk.follow(ctx, x0, alpha)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks := []claim.Check{{
		Label: "hitting-step", Predicted: claim.Exact(hittingStep(x0, alpha)), Measured: claim.Measured(path.stuckAt()),
		Sentence: "The run from x₀ with step α is stuck from step x₀/α on if that is a whole number ≥ 0, and never otherwise.",
	}}
	for _, part := range []func(context.Context, *claim.Context, string) ([]claim.Check, error){kindsOfStarts, pointSets, spellings} {
		more, err := part(ctx, c, text)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, more...)
	}
	float, err := floatRun(ctx, c, text)
	if err != nil {
		return claim.Outcome{}, err
	}
	if err := drawWalks(ctx, c, text, x0, alpha); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{
		"program": text, "stuck_at_step": path.stuckAt(), "stuck_at_step_in_float64": float,
	}}, nil
}

// pointSets compares the two sets at 0.
func pointSets(ctx context.Context, _ *claim.Context, text string) ([]claim.Check, error) {
	f, err := parse.Parse(text)
	if err != nil {
		return nil, err
	}
	zero := clarke.RationalPoint([]*big.Rat{new(big.Rat)})
	sets, err := conservative.Bounds(ctx, f, zero, clarke.Options{}, conservative.Options{})
	if err != nil {
		return nil, err
	}
	width := math.NaN()
	if v := sets.Outer.Vertices; len(v) > 0 && sets.Outer.Complete {
		width = v[len(v)-1].Float[0] - v[0].Float[0]
	}
	distance := math.NaN()
	if sets.Exact {
		distance = sets.Inner.Distance
	}
	return []claim.Check{
		{Label: "field-width", Predicted: claim.Exact(2), Measured: claim.Measured(width), Sentence: "D(0) = [0, 2] has width 2."},
		{Label: "distance-to-field", Predicted: claim.Exact(0), Measured: claim.Measured(verdictDistance(sets.Outer)), Sentence: "0 ∈ D(0): the point is critical for the conservative field."},
		{Label: "distance-to-clarke", Predicted: claim.Exact(1), Measured: claim.Measured(distance), Sentence: "∂f(0) = {1}: the point is not Clarke critical."},
	}, nil
}

// verdictDistance is 0 if 0 ∈ D itself is proved, else the distance to the hull
// or NaN.
func verdictDistance(d *conservative.Field) float64 {
	switch {
	case d.ContainsZero == clarke.Yes:
		return 0
	case d.Complete && d.HullContainsZero == clarke.No:
		return d.Distance
	default:
		return math.NaN()
	}
}

// floatRun is the hitting step of a run in float64, +Inf if there is none.
func floatRun(ctx context.Context, c *claim.Context, text string) (float64, error) {
	t, err := descent(text, c.Float("x0"), sgd.Constant(c.Float("step")), ad.AtKink(0))
	if err != nil {
		return 0, err
	}
	before := t.Params()[0].Value[0]
	for step, err := range t.Steps(ctx) {
		now := t.Params()[0].Value[0]
		switch {
		case err != nil:
			return 0, err
		case now == before:
			return float64(step.Number), nil
		case before < 0:
			return math.Inf(1), nil
		}
		before = now
	}
	return math.Inf(1), ctx.Err()
}
