package subgradient

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// sumRule shows in rationals that the sum rule of Clarke's calculus is an
// inclusion only.
func sumRule() claim.Claim {
	return claim.Claim{
		Numbers:  []int{23},
		Name:     "sum-rule",
		Sentence: "The sum rule fails for Clarke subdifferentials: for f = |x|, ∂(f − f)(0) = {0} is strictly contained in ∂f(0) − ∂f(0) = [−2, 2], which is what backpropagation may return.",
		Source:   "Clarke, Optimization and Nonsmooth Analysis (1983), Proposition 2.3.3; Pauwels, CIMI lecture 2021",
		Params: []claim.Param{
			claim.Int("points", 64, "rational points near 0 at which f − f is evaluated").AtFull(4096).Between(1, 1e6),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			return claim.Inputs{Programs: []string{differenceText}}, nil
		},
		Run: runSumRule,
	}
}

// differenceText has two occurrences of |x|, hence two independent choices.
const differenceText = "abs(x) - abs(x)"

func runSumRule(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	f, err := parse.Parse(differenceText)
	if err != nil {
		return claim.Outcome{}, err
	}
	zero := clarke.RationalPoint([]*big.Rat{new(big.Rat)})
	field, err := conservative.At(ctx, f, zero, conservative.Options{})
	if err != nil {
		return claim.Outcome{}, err
	}
	if field.Arithmetic != "rational" || len(field.Vertices) != 2 {
		return claim.Outcome{}, fmt.Errorf("the field of %s was not found exactly", differenceText)
	}
	limits, err := clarke.At(ctx, f, zero, clarke.Options{Seed: c.Seed})
	if err != nil {
		return claim.Outcome{}, err
	}
	largest, err := largestDifference(c, f)
	if err != nil {
		return claim.Outcome{}, err
	}
	lower, upper := field.Vertices[0].Float[0], field.Vertices[1].Float[0]
	return claim.Outcome{
		Checks: []claim.Check{
			{Label: "field-from", Predicted: claim.Exact(-2), Measured: claim.Measured(lower)},
			{Label: "field-to", Predicted: claim.Exact(2), Measured: claim.Measured(upper)},
			{Label: "limiting-gradients", Predicted: claim.Exact(0), Measured: claim.Measured(widest(limits.Vertices))},
			{Label: "function", Predicted: claim.Exact(0), Measured: claim.Measured(largest)},
		},
		Result: jsonnum.Object{"field": []float64{lower, upper}, "points": c.Int("points")},
	}, nil
}

// widest is the largest absolute entry, 0 for gradients that are all 0.
func widest(vectors []clarke.Vector) float64 {
	worst := 0.0
	for _, v := range vectors {
		for _, x := range v.Float {
			worst = max(worst, x, -x)
		}
	}
	return worst
}

// largestDifference is the largest |f(x)| over random rational points: f − f is
// identically 0, so ∂(f − f) = {0}.
func largestDifference(c *claim.Context, f *expr.Func) (float64, error) {
	p, err := exact.Compile(f)
	if err != nil {
		return 0, err
	}
	rng := c.Rand(claim.At("stream", "points"))
	worst := 0.0
	for range c.Int("points") {
		x := big.NewRat(rng.Int64N(2001)-1000, 1+rng.Int64N(1000))
		y, err := p.Run([]*big.Rat{x})
		if err != nil {
			return 0, err
		}
		v, _ := y[0][0].Float64()
		worst = max(worst, v, -v)
	}
	return worst, nil
}
