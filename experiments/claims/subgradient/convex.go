package subgradient

import (
	"context"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// convexSubdifferential holds ∂f(x) against the definition of convex analysis.
func convexSubdifferential() claim.Claim {
	return claim.Claim{
		Numbers:  []int{14},
		Name:     "convex-subdifferential",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByEquality},
		Sentence: "For convex f, v ∈ ∂f(x) if and only if f(y) ≥ f(x) + ⟨v, y − x⟩ for all y: no y violates it for v in the set that the cells give, and for every v outside some y does.",
		Source:   "Rockafellar, Convex Analysis (1970); Clarke, Optimization and Nonsmooth Analysis (1983); Pauwels, CIMI lecture 2021",
		Mathematics: "A subgradient of a convex function f at x is the slope of an affine function that supports f at x,\n\n" +
			"\t∂f(x) = {v : f(y) ≥ f(x) + ⟨v, y − x⟩ for all y}.\n\n" +
			"Clarke's set, the hull of limits of nearby gradients, is the same set for convex f. The two definitions share nothing: one is about all y, the other about gradients near x. The claim computes the second and tests it by the first, in rational arithmetic.\n\n" +
			"Inside nothing can be violated. For `v ∉ ∂f(x)` let n be the point of `∂f(x) − v` nearest to 0; then `⟨n, w − v⟩ ≥ ‖n‖^2` for all `w ∈ ∂f(x)`, with equality at the nearest one. Since `f'(x; d) = max {⟨w, d⟩ : w ∈ ∂f(x)}`, and f is affine on short segments from x if it is piecewise affine, `y = x − t·n` violates the inequality by exactly\n\n" +
			"\tf(x) + ⟨v, y − x⟩ − f(y) = t·min {⟨n, w − v⟩ : w ∈ ∂f(x)} = t·‖n‖^2,\n\n" +
			"t times the squared distance from v to the set. For `f = |x|` at 0 the largest violation over y in [−1, 1] is `max(0, |v| − 1)`, attained at `y = sign(v)`.",
		Params: []claim.Param{
			claim.Int("slopes", 24, "vectors v drawn inside and outside of each set").AtFull(100).Between(1, 1e5),
			claim.Int("points", 64, "points y at which a v inside is tested").AtFull(200).Between(1, 1e6),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, e := range convexExamples {
				in.Programs = append(in.Programs, e[0])
			}
			return in, nil
		},
		Run: runConvex,
	}
}

// convexExamples are convex piecewise affine programs and points at kinks.
var convexExamples = [][]string{
	{"abs(x)", "0"},
	{"relu(x)", "0"},
	{"max(x, 2*x)", "0"},
	{"abs(x) + 4*abs(y)", "1", "0"},
	{"max(x, y)", "0", "0"},
	{"max(abs(x), abs(y))", "0", "0"},
	{"max(abs(x - 1), x + 2*y, 1/2)", "1/2", "0"},
	{"relu(x + y) + relu(x - y) + abs(y)", "0", "0"},
	{"max(x, y, z) + abs(x - y)", "0", "0", "0"},
}

// step is short enough for every example to be affine between x and x − step·n.
var step = big.NewRat(1, 1<<10)

// supportCheck is what was found for one example: the largest violation inside, and
// the smallest and the largest outside, relative to what is predicted.
type supportCheck struct{ inside, least, most *big.Rat }

func runConvex(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	found := make([]supportCheck, len(convexExamples))
	err := c.Each(ctx, len(found), func(ctx context.Context, i int) error {
		p, err := at(convexExamples[i][0], convexExamples[i][1:]...)
		if err != nil {
			return err
		}
		found[i], err = checkSupport(ctx, p, c.Rand(claim.At("example", i)), c.Int("slopes"), c.Int("points"))
		return err
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	all := found[0]
	for _, s := range found {
		all.inside, all.most, all.least = larger(all.inside, s.inside), larger(all.most, s.most), smaller(all.least, s.least)
	}
	off, err := violationsOfAbs(c)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: []claim.Check{
			{Label: "inside", Predicted: claim.Exact(0), Measured: claim.Measured(float(all.inside))},
			{Label: "outside-least", Predicted: claim.Exact(1), Measured: claim.Measured(float(all.least))},
			{Label: "outside-largest", Predicted: claim.Exact(1), Measured: claim.Measured(float(all.most))},
			{Label: "abs", Predicted: claim.Exact(0), Measured: claim.Measured(off)},
		},
		Result: jsonnum.Object{"programs": len(convexExamples), "slopes": c.Int("slopes")},
	}, nil
}

// checkSupport draws slopes inside and outside of ∂f(x).
func checkSupport(ctx context.Context, p place, rng *rand.Rand, slopes, points int) (supportCheck, error) {
	s, err := p.clarke(ctx)
	if err != nil {
		return supportCheck{}, err
	}
	var found supportCheck
	for i := range slopes {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		worst, err := worstInside(rng, p, s.Vertices, points)
		if err != nil {
			return found, err
		}
		share, err := shareOutside(rng, p, s.Vertices)
		if err != nil {
			return found, err
		}
		if i == 0 {
			found = supportCheck{worst, share, share}
		}
		found = supportCheck{larger(found.inside, worst), smaller(found.least, share), larger(found.most, share)}
	}
	return found, nil
}

// violation is how far f(y) lies below the affine function with slope v: positive
// if the inequality fails.
func violation(p place, v, y []*big.Rat) (*big.Rat, error) {
	fx, err := p.value(p.x)
	if err != nil {
		return nil, err
	}
	fy, err := p.value(y)
	if err != nil {
		return nil, err
	}
	gap := new(big.Rat).Sub(fx, fy)
	return gap.Add(gap, inner(v, difference(y, p.x))), nil
}

// worstInside is the largest violation at random points, of different sizes, for
// a random v of the hull of vertices; 0 if there is none.
func worstInside(rng *rand.Rand, p place, vertices []clarke.Vector, points int) (*big.Rat, error) {
	v := mixture(rng, exactOf(vertices))
	worst := new(big.Rat)
	for range points {
		size := big.NewRat(1<<rng.Int64N(11), 1<<8)
		gap, err := violation(p, v, moved(p.x, size, drawn(rng, len(p.x))))
		if err != nil {
			return nil, err
		}
		worst = larger(worst, gap)
	}
	return worst, nil
}

// shareOutside draws a v outside of the hull of vertices and returns the violation
// at the point that the nearest element names, over step·distance².
func shareOutside(rng *rand.Rand, p place, vertices []clarke.Vector) (*big.Rat, error) {
	for {
		v := moved(mixture(rng, exactOf(vertices)), big.NewRat(3, 1), drawn(rng, len(p.x)))
		around := make([]clarke.Vector, len(vertices))
		for i, w := range vertices {
			around[i] = clarke.Rational(difference(w.Exact, v))
		}
		nearest, err := clarke.MinNorm(around)
		if err != nil {
			return nil, err
		}
		if nearest.IsZero() {
			continue // inside; sets are bounded, so that some draw is not
		}
		n := nearest.Point.Exact
		gap, err := violation(p, v, moved(p.x, new(big.Rat).Neg(step), n))
		if err != nil {
			return nil, err
		}
		return gap.Quo(gap, new(big.Rat).Mul(step, inner(n, n))), nil
	}
}

// violationsOfAbs compares the largest violation over a grid of y in [−1, 1], its
// ends included, with max(0, |v| − 1).
func violationsOfAbs(c *claim.Context) (float64, error) {
	p, err := at("abs(x)", "0")
	if err != nil {
		return 0, err
	}
	var slopes, measured, predicted []float64
	off := 0.0
	for i := int64(-32); i <= 32; i++ {
		v := big.NewRat(i, 16)
		worst := new(big.Rat)
		for j := int64(-16); j <= 16; j++ {
			gap, err := violation(p, []*big.Rat{v}, []*big.Rat{big.NewRat(j, 16)})
			if err != nil {
				return 0, err
			}
			worst = larger(worst, gap)
		}
		want := max(0, float64(max(i, -i))/16-1)
		slopes, measured, predicted = append(slopes, float(v)), append(measured, float(worst)), append(predicted, want)
		off = max(off, float(worst)-want, want-float(worst))
	}
	return off, c.Figure("violation", figure.Figure{
		Title:   "Which slopes support |x| at 0",
		Caption: "The largest amount by which a line of slope v through (0, 0) exceeds |y| for y in [−1, 1]. It is 0 exactly for v in ∂f(0) = [−1, 1] and grows like the distance to that interval.",
		X:       figure.Axis{Label: "slope v", Unit: "1"},
		Y:       figure.Axis{Label: "largest violation", Unit: "1"},
		Series: []figure.Series{
			{Name: "measured, in rationals", Style: figure.Measured, X: slopes, Y: measured, Color: 1},
			{Name: "max(0, |v| − 1)", Style: figure.Predicted, X: slopes, Y: predicted, Color: 1},
		},
	})
}

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) >= 0 {
		return a
	}
	return b
}

func smaller(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) <= 0 {
		return a
	}
	return b
}
