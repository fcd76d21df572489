package differentiation

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// cheap is about single elements of the Clarke subdifferential: what they cost,
// and which constructions give them.
func cheap() claim.Claim {
	return claim.Claim{
		Numbers:     []int{5, 3},
		Name:        "cheap-subgradient",
		Theorem:     claim.Inequality,
		Decides:     []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound},
		Sentence:    "One element of the Clarke subdifferential, the gradient of the branch taken along a random direction, costs a bounded multiple of the value, whatever the number of inputs: at most 4 times in affine–relu programs, at most 7 times with products. Lexicographic derivatives are elements too; the compass difference is one in the plane, and not in three dimensions.",
		Source:      "Kakade and Lee, NeurIPS 2018, arXiv 1809.08530; Nesterov, Math. Program. 104 (2005); Khan and Barton, Optim. Methods Softw. 30 (2015); Khan and Yuan, J. Nonsmooth Anal. Optim. 1 (2020), arXiv 2001.10670 (compass differences)",
		Mathematics: cheapMathematics,
		Params: []claim.Param{
			claim.Int("programs", 40, "random programs of each kind").AtFull(3000).Between(1, 1e6),
			claim.Int("steps", 14, "operations of a random program").Between(1, 24),
			claim.Int("inputs", 3, "inputs of a random program").Between(2, 5),
			claim.Int("dimensions", 8, "the largest dimension in which the compass difference of a maximum is taken").AtFull(20).Between(3, 40),
		},
		Inputs: knownInputs,
		Run:    runCheap,
	}
}

const cheapMathematics = "`∂_B f(x)` is the set of limits of gradients, and `∂f(x)` its convex hull. Kakade and Lee draw a direction `d` and compute values with their one-sided tangents `ż`. At a kink with switch `z = 0` they take the branch of the sign of `ż`, and then backpropagate through the branches taken. " +
	"If `ż = 0` for a `d` in general position, the gradient of the switch is 0 and the branch does not matter. So the result is the gradient of the smooth piece that `f` follows along `x + td`, an element of `∂_B f(x)`, and `⟨v, d⟩ = f′(x; d)`.\n\n" +
	"The price is that of value and gradient, and of one tangent for each operation, where it is needed. With the counts of gradient-cost, a tangent costs 1 for a sum, a product with a constant and relu, so value and element cost at most `3 + 1 = 4` times the value in affine–relu programs, " +
	"and with products of two values, whose tangent costs 3, at most `4 + 3 = 7` times. Iterated relu attains `4 − 1/n` with `n` operations, since the last tangent is not needed. The bound 7 is sharp as well: relu of `n` iterated squares has `n + 1` operations, `3n` for tangents, `3n` for adjoints of squares, a test and a product for relu, `(7n + 3)/(n + 1)` times the value. The theorem of Kakade and Lee has the constant 6 in its own count of operations; in this one 6 is exceeded.\n\n" +
	"The lexicographic derivative moves along `e_1`, then infinitely less along `e_2`, and so on; it is the gradient of a piece as well. For a piecewise differentiable function both are elements of `∂f`. " +
	"Backpropagation with relu′(0) = 0 costs less and is no element in general.\n\n" +
	"The compass difference takes the partial derivatives that central differences converge to,\n\n" +
	"\tg_i = (f′(x; e_i) − f′(x; −e_i))/2\n\n" +
	"For convex `f`, `f′(x; ·)` is the support function of `∂f(x)`, so `g` is the centre of the smallest box around `∂f(x)`. In the plane the centre of the box around a convex set is in the set, and Khan and Yuan prove `g ∈ ∂f(x)` for all directionally differentiable Lipschitz functions of two variables. " +
	"In three dimensions it fails: `max(x, y, z)` at 0 has the simplex for `∂f`, and the centre of its box, (1/2, 1/2, 1/2), is off the plane `g_1 + g_2 + g_3 = 1`. In `n` dimensions the nearest point is (1/n, …, 1/n), so\n\n" +
	"\tdist(g, ∂f) = √n·(1/2 − 1/n)"

// Bounds of the price of value and element, see the mathematics.
const (
	elementAffineBound  = 4
	elementProductBound = 7
)

func runCheap(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	out, result := claim.Outcome{}, jsonnum.Object{}
	for _, kind := range []struct {
		label    string
		bound    float64
		products bool
	}{{"affine-price", elementAffineBound, false}, {"products-price", elementProductBound, true}} {
		worst, err := searchRatio(ctx, c, drawn{inputs: c.Int("inputs"), steps: c.Int("steps"), products: kind.products}, ad.ElementAlong)
		if err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, claim.Check{
			Label: kind.label, Number: 3, Predicted: claim.AtMost(kind.bound), Measured: claim.Measured(worst.ratio),
			Sentence: "Value and one limiting gradient together cost at most so many times the value.",
		})
		result[kind.label] = jsonnum.Object{"ratio": worst.ratio, "program": worst.program}
	}
	extreme, err := extremeElements(c.Int("steps"))
	if err != nil {
		return out, err
	}
	out.Checks = append(out.Checks, extreme...)
	elements, err := elementChecks(ctx, c, elementRules)
	if err != nil {
		return out, err
	}
	out.Checks = append(out.Checks, elements...)
	compass, err := measureCompass(ctx, c.Int("dimensions"))
	if err != nil {
		return out, err
	}
	out.Checks = append(out.Checks, compass.checks()...)
	result["compass_distance"] = compass.measured
	out.Result = result
	return out, c.Figure("compass", compass.figure())
}

// countCheck predicts that something holds for all programs that were tried.
func countCheck(label, sentence string, n, holds int) claim.Check {
	return claim.Check{
		Label: label, At: map[string]any{"tried": n}, Sentence: sentence,
		Predicted: claim.Exact(float64(n)), Measured: claim.Measured(float64(holds)),
	}
}

// elementChecks looks at the known answers, at random programs, and at random
// programs of two inputs for the compass difference.
func elementChecks(ctx context.Context, c *claim.Context, rules rules) ([]claim.Check, error) {
	cases, err := knownCases()
	if err != nil {
		return nil, err
	}
	known := len(cases)
	for i := range c.Int("programs") {
		for _, inputs := range []int{c.Int("inputs"), 2} {
			rng := c.Rand(claim.At("stream", "elements"), claim.At("inputs", inputs), claim.At("program", i))
			f, err := drawn{inputs: inputs, steps: c.Int("steps")}.program(rng)
			if err != nil {
				return nil, err
			}
			cases = append(cases, atZero(f))
		}
	}
	found := make([]located, len(cases))
	err = c.Each(ctx, len(cases), func(ctx context.Context, i int) (err error) {
		if found[i], err = cases[i].locate(ctx, rules, c.Rand(claim.At("stream", "directions"), claim.At("case", i))); err != nil {
			return fmt.Errorf("%s: %w", cases[i].name, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return summarise(found[:known], found[known:]), nil
}

// summarise counts over the known answers and the random programs.
func summarise(known, drawn []located) []claim.Check {
	tally := func(list []located, which func(located) (tried, holds bool)) (n, k int) {
		for _, l := range list {
			if tried, holds := which(l); tried {
				n++
				if holds {
					k++
				}
			}
		}
		return n, k
	}
	var checks []claim.Check
	add := func(label, sentence string, list []located, which func(located) (bool, bool)) {
		n, k := tally(list, which)
		checks = append(checks, countCheck(label, sentence, n, k))
	}
	element := func(l located) (bool, bool) { return true, l.element }
	add("element-known", "The gradient of the branch along a random direction is a Clarke subgradient, in rationals, in every row of the known answers that is rational.", known, element)
	add("element-random", "The gradient of the branch along a random direction is a Clarke subgradient, in rationals, for every random program.", drawn, element)
	add("element-slope", "⟨v, d⟩ is the slope of the function along d, by values alone, for every random program.", drawn, func(l located) (bool, bool) { return true, l.slope })
	lexicographic := func(l located) (bool, bool) { return true, l.lexicographic }
	add("lexicographic-known", "The lexicographic derivative is a Clarke subgradient in every rational row of the known answers.", known, lexicographic)
	add("lexicographic-random", "The lexicographic derivative is a Clarke subgradient for every random program.", drawn, lexicographic)
	add("compass-plane", "The compass difference is a Clarke subgradient for every random program of two inputs.", drawn, func(l located) (bool, bool) { return l.inputs == 2, l.compass })
	return append(checks, backpropCheck(drawn))
}

// minimumPrograms is the number of random programs among which one is to be
// expected for which backpropagation is outside.
const minimumPrograms = 60

// backpropCheck is for contrast: cheaper is not right.
func backpropCheck(drawn []located) claim.Check {
	check := claim.Check{
		Label: "backprop-outside", At: map[string]any{"tried": len(drawn)}, Predicted: claim.AtLeast(1),
		Sentence: "Backpropagation with relu′(0) = 0 is no Clarke subgradient for some of the random programs.",
	}
	if len(drawn) < minimumPrograms {
		check.Skip = "There are too few random programs to expect one for which backpropagation is outside."
		return check
	}
	outside := 0
	for _, l := range drawn {
		if !l.backprop {
			outside++
		}
	}
	check.Measured = claim.Measured(float64(outside))
	return check
}
