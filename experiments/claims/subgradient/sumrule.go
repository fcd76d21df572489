package subgradient

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// sumRule shows in rationals that the sum rule of Clarke's calculus is an
// inclusion only.
func sumRule() claim.Claim {
	return claim.Claim{
		Numbers:  []int{23},
		Name:     "sum-rule",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByEquality},
		Sentence: "The sum rule of Clarke's calculus is an inclusion, ∂(f + g) ⊂ ∂f + ∂g, with equality for convex f and g, and strict in general: for f = |x|, ∂(f − f)(0) = {0} while ∂f(0) − ∂f(0) = [−2, 2], which is what backpropagation may return.",
		Source:   "Clarke, Optimization and Nonsmooth Analysis (1983); Pauwels, CIMI lecture 2021",
		Mathematics: "For locally Lipschitz f and g, `∂(f + g)(x) ⊂ ∂f(x) + ∂g(x)`, the sum of all pairs. A limit of `∇f(x_k) + ∇g(x_k)` takes both gradients at the same points; the sum on the right pairs limits that never occur together. If f and g are regular (`f' = f°`), as convex functions are, support functions add up, `(f + g)° = f' + g' = f° + g°`, and the two sets are equal.\n\n" +
			"For f = |x| and g = −|x| at 0 each summand has the set [−1, 1], so that ∂f(0) + ∂g(0) = [−2, 2], while f + g = 0 has the set {0}. Backpropagation applies the sum rule as if it were an equality: the conservative field of the program `abs(x) - abs(x)`, whose two kinks choose for themselves, is [−2, 2].\n\n" +
			"More generally let `f = a·|x|` and `g = b·|x|` with a, b ≠ 0. Then\n\n" +
			"\t∂f(0) + ∂g(0) = (|a| + |b|)·[−1, 1],  ∂(f + g)(0) = |a + b|·[−1, 1],\n\n" +
			"so the rule is strict if and only if a·b < 0. The claim draws such pairs, pairs of convex functions of the plane, and pairs of any signs, computes all three sets in rationals, and decides inclusion and equality exactly. For `relu(x + y) − relu(x) − relu(y)` the sum of the three sets is a hexagon of area 3, and the truth is the square `|v_1| + |v_2| ≤ 1` of area 2 in it.",
		Params: []claim.Param{
			claim.Int("points", 64, "rational points near 0 at which f − f is evaluated").AtFull(4096).Between(1, 1e6),
			claim.Int("pairs", 60, "random pairs of functions of each kind").AtFull(2000).Between(1, 1e5),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			return claim.Inputs{Programs: []string{differenceText, hexagonText}}, nil
		},
		Run: runSumRule,
	}
}

const (
	// differenceText has two occurrences of |x|, hence two independent choices.
	differenceText = "abs(x) - abs(x)"
	hexagonText    = "relu(x + y) - relu(x) - relu(y)"
)

func runSumRule(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	p, err := at(differenceText, "0")
	if err != nil {
		return claim.Outcome{}, err
	}
	field, err := vertexField(ctx, p)
	if err != nil {
		return claim.Outcome{}, err
	}
	truth, err := p.clarke(ctx)
	if err != nil {
		return claim.Outcome{}, err
	}
	largest, err := largestDifference(c, p)
	if err != nil {
		return claim.Outcome{}, err
	}
	out := claim.Outcome{Checks: []claim.Check{
		{Label: "field-from", Predicted: claim.Exact(-2), Measured: claim.Measured(field[0].Float[0])},
		{Label: "field-to", Predicted: claim.Exact(2), Measured: claim.Measured(field[len(field)-1].Float[0])},
		{Label: "clarke", Predicted: claim.Exact(0), Measured: claim.Measured(widest(truth.Vertices))},
		{Label: "function", Predicted: claim.Exact(0), Measured: claim.Measured(largest)},
	}}
	areas, err := areaChecks(ctx, c)
	if err != nil {
		return out, err
	}
	pairs, shares, err := pairChecks(ctx, c)
	out.Checks = append(append(out.Checks, areas...), pairs...)
	out.Result = jsonnum.Object{"why": truth.Why, "strict": shares}
	return out, err
}

// vertexField is conv D, which has to be known exactly.
func vertexField(ctx context.Context, p place) ([]clarke.Vector, error) {
	field, err := conservative.At(ctx, p.f, p.point(), conservative.Options{})
	if err != nil {
		return nil, err
	}
	if field.Arithmetic != "rational" || !field.Complete {
		return nil, fmt.Errorf("the field of %s was not found exactly: %s", p.text, field.Why)
	}
	return field.Vertices, nil
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
func largestDifference(c *claim.Context, p place) (float64, error) {
	rng := c.Rand(claim.At("stream", "points"))
	worst := 0.0
	for range c.Int("points") {
		y, err := p.value([]*big.Rat{big.NewRat(rng.Int64N(2001)-1000, 1+rng.Int64N(1000))})
		if err != nil {
			return 0, err
		}
		worst = max(worst, float(y), -float(y))
	}
	return worst, nil
}

// areaChecks compares the two sets of the plane and draws them.
func areaChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	p, err := at(hexagonText, "0", "0")
	if err != nil {
		return nil, err
	}
	truth, err := p.clarke(ctx)
	if err != nil {
		return nil, err
	}
	field, err := vertexField(ctx, p)
	if err != nil {
		return nil, err
	}
	square, squareArea, err := inPlane("∂f(0), area 2", truth.Vertices)
	if err != nil {
		return nil, err
	}
	hexagon, hexagonArea, err := inPlane("conservative field, area 3", field)
	if err != nil {
		return nil, err
	}
	err = c.Figure("sets", figure.Figure{
		Title:   "What the sum rule adds",
		Caption: "Clarke's set of relu(x + y) − relu(x) − relu(y) at 0, and the conservative field of the program, the sum of the sets of the three terms: the triangles at (1, 1) and (−1, −1) are no limits of gradients.",
		X:       figure.Axis{Label: "first coordinate of gradients", Unit: "1"},
		Y:       figure.Axis{Label: "second coordinate of gradients", Unit: "1"},
		Series:  []figure.Series{hexagon, square},
	})
	return []claim.Check{
		{Label: "area-clarke", Predicted: claim.Exact(2), Measured: claim.Measured(squareArea)},
		{Label: "area-field", Predicted: claim.Exact(3), Measured: claim.Measured(hexagonArea)},
	}, err
}

// inPlane draws the hull of points and returns its area.
func inPlane(name string, vectors []clarke.Vector) (figure.Series, float64, error) {
	area, err := convex.ExactArea2(exactOf(vectors))
	if err != nil {
		return figure.Series{}, 0, err
	}
	points := floatsOf(vectors)
	order, err := convex.Hull2(points)
	if err != nil {
		return figure.Series{}, 0, err
	}
	around := make([][]float64, len(order))
	for i, k := range order {
		around[i] = points[k]
	}
	return outline(name, around), float(area), nil
}
