package subgradient

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// chainRule integrates selections of the conservative field along curves.
func chainRule() claim.Claim {
	return claim.Claim{
		Numbers:  []int{18},
		Name:     "chain-rule",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByBound},
		Sentence: "Along every absolutely continuous curve γ, f(γ(1)) − f(γ(0)) = ∫⟨v, γ′⟩dt for every measurable selection v of the conservative field, also where γ stays in a kink; the rule that gives every tied entry of a maximum the whole gradient fails there by (ties − 1)·Δt.",
		Source:   "Bolte and Pauwels, Math. Program. 188 (2021), arXiv 1909.10300; Davis, Drusvyatskiy, Kakade and Lee, FoCM 20 (2020); Pauwels, CIMI lecture 2021",
		Mathematics: "D is a conservative field for f if along every absolutely continuous γ, for almost all t,\n\n" +
			"\td/dt f(γ(t)) = ⟨v, γ'(t)⟩ for all v ∈ D(γ(t)).\n\n" +
			"Then the integral of the largest `⟨v, γ'⟩` over v ∈ D(γ(t)) and that of the smallest are both f(γ(1)) − f(γ(0)): the choice at kinks has no effect, although at single points D may be large. Isolated crossings of a kink have measure 0 and ask nothing of D. What is asked is asked where γ stays inside the stratum of a kink: there all elements of D have to agree along γ′.\n\n" +
			"The claim takes piecewise affine programs, a curve inside a stratum for each, and integrates the best and the worst choice, which are values of the support function of conv D, in rationals: the error is exactly 0. On a polygon through `f = max(x, y, z)` that follows the stratum x = y = z first and then crosses the kink x = y once, at 3/7 of a side with slopes −3 before and 4 after, the midpoint rule with m nodes a side takes one of the two slopes on the piece with the crossing, so it errs by at most half of that piece times the jump,\n\n" +
			"\t|error| ≤ (1/2)·(1/m)·(4 + 3) = 7/(2m).\n\n" +
			"The control gives each of n tied entries of a maximum the weight 1. At γ(t) = (t, …, t) all n tie, the rule's vector is v = (1, …, 1) and `⟨v, γ'⟩ = n`, while f(γ(t)) = t. Its error is (n − 1)·Δt for any quadrature. A test on random curves cannot see it, since these cross the stratum at isolated times or not at all.",
		Params: []claim.Param{
			claim.Ints("ties", []int{2, 3, 5, 8}, "numbers n of tied entries of the control").Between(2, 64),
			claim.Ints("nodes", []int{1, 2, 4, 8, 16, 32, 64, 128}, "quadrature nodes m on each side of the polygon").AtFull([]int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}).Between(1, 1e5),
			claim.Int("curves", 8, "random curves of each family and program").AtFull(32).Between(1, 10000),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, s := range strata {
				in.Programs = append(in.Programs, s.text)
			}
			return in, nil
		},
		Run: runChain,
	}
}

func runChain(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	tangent, err := tangentError(ctx)
	if err != nil {
		return claim.Outcome{}, err
	}
	passed, compared, err := fieldsOnCurves(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	share, err := polygonErrors(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	out := claim.Outcome{
		Checks: []claim.Check{
			{Label: "inside-strata", Predicted: claim.Exact(0), Measured: claim.Measured(tangent)},
			{Label: "curves", Predicted: claim.Exact(float64(len(strata))), Measured: claim.Measured(float64(passed))},
			{Label: "compared-in-strata", Sentence: "Every program is compared on curves that stay inside a stratum.", Predicted: claim.AtLeast(1), Measured: claim.Measured(float64(compared))},
			{Label: "quadrature", Predicted: claim.AtMost(1), Measured: claim.Measured(share)},
		},
		Result: jsonnum.Object{"programs": len(strata), "least_compared_in_strata": compared},
	}
	for _, n := range slices.Compact(slices.Sorted(slices.Values(c.Ints("ties")))) {
		check, err := allTiesError(ctx, n)
		if err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, check)
	}
	verdicts, err := allTiesVerdicts(ctx, c)
	out.Checks = append(out.Checks, verdicts...)
	return out, err
}

// tangentError is the largest error of the best and the worst choice on curves
// inside strata.
func tangentError(ctx context.Context) (float64, error) {
	worst := 0.0
	for _, s := range strata {
		p, err := at(s.text, s.from...)
		if err != nil {
			return 0, err
		}
		to, err := ratsOf(s.to)
		if err != nil {
			return 0, err
		}
		field, err := wholeField(p)
		if err != nil {
			return 0, err
		}
		low, high, err := chainErrors(ctx, p, field, 4, p.x, to)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", s.text, err)
		}
		worst = max(worst, float(low), -float(low), float(high), -float(high))
	}
	return worst, nil
}

// fieldsOnCurves counts the programs whose fields pass on curves of all families,
// and the fewest comparisons of a program inside strata.
func fieldsOnCurves(ctx context.Context, c *claim.Context) (passed, compared int, err error) {
	reports := make([]*conservative.CurveReport, len(strata))
	err = c.Each(ctx, len(strata), func(ctx context.Context, i int) error {
		p, err := at(strata[i].text, strata[i].from...)
		if err != nil {
			return err
		}
		o := conservative.CurveOptions{Curves: c.Int("curves"), Seed: c.Source(claim.At("program", i)).Uint64()}
		reports[i], err = conservative.CheckCurves(ctx, p.f, p.point(), conservative.Rule{}, o)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	for i, r := range reports {
		if r.Verdict == conservative.ConservativeOnCurves {
			passed++
		}
		inner := 0
		for _, count := range r.Counts {
			if count.Family == conservative.InnerSegments {
				inner = count.Compared
			}
		}
		if i == 0 || inner < compared {
			compared = inner
		}
	}
	return passed, compared, nil
}

// polygonErrors follows the error with the number of nodes and returns the largest
// share of the bound 7/(2m) that the field takes.
func polygonErrors(ctx context.Context, c *claim.Context) (float64, error) {
	p, err := at("max([x, y, z])", "0", "0", "0")
	if err != nil {
		return 0, err
	}
	corners, err := polygon()
	if err != nil {
		return 0, err
	}
	field, err := wholeField(p)
	if err != nil {
		return 0, err
	}
	ties, err := allTies(p)
	if err != nil {
		return 0, err
	}
	var m, worst, control, bound []float64
	share := 0.0
	for _, nodes := range c.Ints("nodes") {
		low, high, err := chainErrors(ctx, p, field, nodes, corners...)
		if err != nil {
			return 0, err
		}
		wrong, _, err := chainErrors(ctx, p, ties, nodes, corners...)
		if err != nil {
			return 0, err
		}
		most := max(float(low), -float(low), float(high), -float(high))
		m, worst, control = append(m, float64(nodes)), append(worst, most), append(control, max(float(wrong), -float(wrong)))
		bound = append(bound, 3.5/float64(nodes))
		share = max(share, most*float64(nodes)/3.5)
	}
	return share, c.Figure("chain-rule", figure.Figure{
		Title:   "Error of the chain rule along a polygon",
		Caption: "Polygon through max(x, y, z) that first follows the stratum x = y = z for Δt = 1 and later crosses a kink. The best and the worst selection of the conservative field err by the quadrature alone; the rule that gives all ties the whole gradient keeps an error near (3 − 1)·Δt = 2.",
		X:       figure.Axis{Label: "quadrature nodes m on each side", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "|f(γ(1)) − f(γ(0)) − ∫⟨v, γ′⟩dt|", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "field, worst selection", Style: figure.Measured, X: m, Y: worst, Color: 1},
			{Name: "bound 7/(2m)", Style: figure.Predicted, X: m, Y: bound, Color: 1},
			{Name: "all ties", Style: figure.Measured, X: m, Y: control, Color: 2},
			{Name: "(ties − 1)·Δt", Style: figure.Predicted, X: []float64{m[0], m[len(m)-1]}, Y: []float64{2, 2}, Color: 2},
		},
	})
}

// polygon follows x = y = z to (1, 1, 1), goes on where y is largest, and crosses
// x = y from (0, 3, 0) to (4, 0, 0).
func polygon() (corners []vector, err error) {
	for _, corner := range [][]string{{"0", "0", "0"}, {"1", "1", "1"}, {"0", "3", "0"}, {"4", "0", "0"}} {
		x, err := ratsOf(corner)
		if err != nil {
			return nil, err
		}
		corners = append(corners, x)
	}
	return corners, nil
}
