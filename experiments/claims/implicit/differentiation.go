package implicit

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// differentiation compares implicit differentiation with solutions.
func differentiation() claim.Claim {
	return claim.Claim{
		Numbers:  []int{52},
		Name:     "implicit-differentiation",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "The conservative Jacobian of the solution of F(x, y) = 0 is −B⁻¹A over all [A B] of that of F, if every B of the hull is invertible: for the lasso its hull is the Clarke Jacobian of the solution, for every step of the fixed point, and the theorem refuses where columns that tie are dependent.",
		Source:   "Bolte, Le, Pauwels and Silveti-Falls, NeurIPS 2021, arXiv 2106.04350 (implicit function theorem; the lasso); Samelson, Thrall and Wesler, Proc. AMS 9 (1958) (P-matrices)",
		Mathematics: "The lasso `min ½‖Ky − b‖^2 + λ‖y‖_1` is the fixed point of `y ↦ soft(y − γK^T(Ky − b), γλ)`. Let E be the columns whose correlation with the residual b − Ky is ±λ, σ the signs there, S ⊂ E the columns with y ≠ 0. The kinks are those of E∖S, with a slot s in [0, 1] each, and\n\n" +
			"\tB = I − diag(s)(I − γK^TK),   s = 1 on S,   s = 0 outside E\n\n" +
			"Its determinant is affine in each slot. At slots 0 and 1 it is `det(γK_T^TK_T) ≥ 0`, T the columns of slot 1. So every B is invertible if and only if the columns E are independent, which is the condition of the theorem and a condition for a unique solution. Row by row −B^{−1}A maps segments of a slot onto segments; the hull is that of the matrices with slots 0 and 1,\n\n" +
			"\tJ_b = (K_T^TK_T)^{−1}K_T^T,   J_λ = −(K_T^TK_T)^{−1}σ_T   for S ⊂ T ⊂ E\n\n" +
			"for every γ > 0, though the matrix of slots in between depends on γ. The gradient of a neighbour is the one of its T. By the theorem on P-matrices each T occurs in an open set of (b, λ) nearby: K_E^TK_E is a P-matrix and `b ↦ K_E^Tb` onto. So the hull is the Clarke Jacobian, neither more nor less. It is compared in rationals with difference quotients of solutions that are found by trying all signs, at neighbours for each T.\n\n" +
			"In one variable, K = 1, at b = λ slot s gives `sγ/(1 − s(1 − γ))`, which is γ/(1 + γ) for s = ½.\n\n" +
			"That B is invertible at extreme points is not enough: for `y + a|y| = x` at 0 they are 1 ± a, and y has the derivatives 1/(1 ± a) if |a| < 1. If a > 1 the equation has two solutions or none, and the singular element of the hull is `w(1 + a) + (1 − w)(1 − a) = 0` with the weight w = (a − 1)/(2a).",
		Params: []claim.Param{
			claim.Int("columns", 3, "columns and rows of K").AtFull(4).Between(1, 5),
			claim.Int("trials", 120, "random lassos").AtFull(1000).Between(1, 1e5),
			claim.Floats("steps", []float64{0.125, 0.5, 3}, "steps γ of the fixed point, each for a share of the lassos").Between(1e-3, 100),
			claim.Floats("bends", []float64{0.25, 0.75}, "a < 1 of y + a|y| = x").Between(0.01, 0.99),
			claim.Floats("folds", []float64{2, 5}, "a > 1 of y + a|y| = x").Between(1.01, 100),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runDifferentiation(ctx, c, softThreshold, (*lasso).solve)
		},
	}
}

// solver returns a solution of a lasso and its signs.
type solver func(l *lasso, b []*big.Rat, lambda *big.Rat) ([]*big.Rat, []int)

// slotHalf is what slot ½ of the scalar lasso gives.
func slotHalf(gamma float64) float64 { return gamma / (1 + gamma) }

// steepest is the largest derivative of the solution of y + a|y| = x.
func steepest(a float64) float64 { return 1 / (1 - a) }

// singularWeight is the weight of 1 + a at which the hull of 1 ± a has 0.
func singularWeight(a float64) float64 { return (a - 1) / float64(2*a) }

func runDifferentiation(ctx context.Context, c *claim.Context, shrink shrinkage, solve solver) (claim.Outcome, error) {
	t, err := compareLassos(ctx, c, shrink, solve)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks := []claim.Check{
		{Label: "invertible", Sentence: "Every B of the hull is invertible if and only if the columns that tie are independent, in rationals.", Predicted: claim.Exact(1), Measured: t.verdicts.share(), At: map[string]any{"lassos": t.verdicts.all, "dependent": t.dependent}},
		{Label: "smooth", Sentence: "Off kinks the set is one matrix, the difference quotients of the solution.", Predicted: claim.Exact(1), Measured: t.smooth.share(), At: map[string]any{"points": t.smooth.all}},
		{Label: "kinks", Sentence: "At kinks the extreme points of the set are those of the Jacobians at neighbours.", Predicted: claim.Exact(1), Measured: t.kinks.share(), At: map[string]any{"points": t.kinks.all}},
	}
	for _, gamma := range c.Floats("steps") {
		p := &lassoPoint{lasso: newLasso(1, 1, func() int64 { return 1 }), b: []*big.Rat{rat(1)}, y: zeros(1), lambda: rat(1)}
		set, err := p.set(ctx, new(big.Rat).SetFloat64(gamma), shrink)
		if err != nil {
			return claim.Outcome{}, err
		}
		x, err := set.Element(ad.AtSlot(0.5))
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("slot/step=%g", gamma), Sentence: "What slot ½ of the scalar lasso gives depends on the step.",
			Predicted: claim.NearRelative(slotHalf(gamma), 1e-14), Measured: claim.Measured(x.Float[0]),
		})
	}
	more, err := folds(ctx, c)
	return claim.Outcome{Checks: append(checks, more...), Result: jsonnum.Object{"lassos": t.verdicts.all, "dependent": t.dependent, "kinks": t.kinks.all}}, err
}

// folds looks at y + a|y| = x.
func folds(ctx context.Context, c *claim.Context) (checks []claim.Check, err error) {
	f, err := parse.Parse("y + a*abs(y) - x", parse.Inputs(parse.Input{Name: "y"}, parse.Input{Name: "x"}, parse.Input{Name: "a"}))
	if err != nil {
		return nil, err
	}
	at := func(a float64) (*conservative.ImplicitSet, error) {
		point := clarke.RationalPoint(zeros(1), zeros(1), []*big.Rat{new(big.Rat).SetFloat64(a)})
		return conservative.Implicit(ctx, f, f.In()[:1], point, conservative.ImplicitOptions{})
	}
	for _, a := range c.Floats("bends") {
		set, err := at(a)
		if err != nil {
			return nil, err
		}
		largest := 0.0
		for _, v := range set.Vertices {
			largest = max(largest, v.Float[0])
		}
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("bend/a=%g", a), Sentence: "The largest derivative of the solution of y + a|y| = x is 1/(1 − a).",
			Predicted: claim.NearRelative(steepest(a), 1e-14), Measured: claim.Measured(largest),
		})
	}
	for _, a := range c.Floats("folds") {
		set, err := at(a)
		if err != nil {
			return nil, err
		}
		check := claim.Check{
			Label: fmt.Sprintf("fold/a=%g", a), Sentence: "For a > 1 the theorem refuses: a combination of both invertible elements is singular, at the weight (a − 1)/(2a).",
			Predicted: claim.NearRelative(singularWeight(a), 1e-14), Measured: claim.Measured(0),
		}
		if s := set.Singular; set.Regular == clarke.No && len(s.Support) == 2 && len(set.Elements) == 0 {
			i := 0
			if set.B[s.Support[i]].Float[0] < 0 {
				i = 1
			}
			low, _ := s.Low[i].Float64()
			high, _ := s.High[i].Float64()
			check.Measured = claim.MeasuredIn((low+high)/2, min(low, high), max(low, high))
		}
		checks = append(checks, check)
	}
	return checks, nil
}
