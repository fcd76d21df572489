package layer

import (
	"context"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// pooling looks at max-pooling layers.
func pooling() claim.Claim {
	return claim.Claim{
		Numbers:  []int{28},
		Name:     "max-pooling",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "Max-pooling is 1-Lipschitz in the maximum norm; the Clarke subdifferential of one window is the hull of the unit vectors of its tied entries; for any weights on the outputs the conservative field is the Minkowski sum over windows, equal to the Clarke subdifferential if the windows are disjoint or the weights positive, but not in general.",
		Source:   "Pauwels, CIMI lecture 2021; Boustany, TMLR 2024, arXiv 2401.02736; Clarke, Optimization and Nonsmooth Analysis (1983) (maxima and sums)",
		Mathematics: `For windows ` + "`W_1, …, W_m`" + ` max-pooling is ` + "`P_j(x) = max{x_i : i ∈ W_j}`" + `. From ` + "`x_i ≤ y_i + ‖x − y‖_∞`" + ` for all i follows

	‖P(x) − P(y)‖_∞ ≤ ‖x − y‖_∞

with equality if y is x plus a constant.

With ` + "`T_j(x)`" + ` the set of entries of ` + "`W_j`" + ` that attain the maximum, ` + "`∂P_j(x) = conv{e_i : i ∈ T_j}`" + `, and this is also the conservative field of the primitive, as its choice at a tie is any point of the simplex over ` + "`T_j`" + `. For a scalar ` + "`f = ∑ c_jP_j`" + `, such as a loss to first order, the choices of the windows are independent:

	D(x) = ∑ c_j conv{e_i : i ∈ T_j},

a Minkowski sum, which is convex. It contains ` + "`∂f(x)`" + `. If the windows are disjoint, all combinations of winners occur nearby, so ` + "`D = ∂f`" + `. If all ` + "`c_j > 0`" + ` then f is convex and the sum rule holds with equality, so again ` + "`D = ∂f`" + `.

Otherwise winners may contradict each other. Take two windows of w entries at distance s (the stride), ` + "`f = P_1 − P_2`" + `, and x constant. If the windows share two entries b ≠ c then ` + "`e_b − e_c ∈ D`" + `, though b cannot beat c in one window and lose to it in the other: the limiting gradients are 0 and ` + "`e_i − e_j`" + ` with i ∈ ` + "`W_1`" + `, j ∈ ` + "`W_2`" + ` not both shared. Let A and B be the s entries that are in ` + "`W_1`" + ` and in ` + "`W_2`" + ` only. The point of ` + "`∂f`" + ` nearest to ` + "`v = e_b − e_c`" + ` is

	p = ½(e_b − mean_B) + ½(mean_A − e_c),      ‖v − p‖² = ½ + 1/(2s)

where ` + "`mean_A`" + ` is the mean of the unit vectors of A: with u = v − p every limiting gradient q has ` + "`⟨u, q⟩ ≤ ½ − 1/(2s) = ⟨u, p⟩`" + `. So the Hausdorff distance of the two sets is

	√((s + 1)/(2s)) if w − s ≥ 2,      0 otherwise.

The table's row "overlapping windows: D is the Minkowski sum" is right as it stands; that this is more than ` + "`∂f`" + ` needs two shared entries and weights of both signs.`,
		Params: []claim.Param{
			claim.Int("window", 5, "entries of a window, w").Between(2, 6),
			claim.Int("trials", 100, "random points of each kind").AtFull(1000).Between(1, 1e5),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runPooling(ctx, c, windowMax)
		},
	}
}

func runPooling(ctx context.Context, c *claim.Context, windowMax func(expr.Node) expr.Node) (claim.Outcome, error) {
	w := c.Int("window")
	ratio, err := lipschitz(ctx, c, pool{w, 1, 3, windowMax})
	if err != nil {
		return claim.Outcome{}, err
	}
	checks := []claim.Check{{
		Label: "lipschitz", Predicted: claim.Exact(1), Measured: claim.Measured(ratio),
		Sentence: "The largest ratio of ‖P(x) − P(y)‖ to ‖x − y‖ in the maximum norm is 1, in rationals.",
	}}
	one, err := oneWindow(ctx, pool{w, w, 1, windowMax})
	if err != nil {
		return claim.Outcome{}, err
	}
	checks = append(checks, one)
	for _, k := range []struct {
		label   string
		pool    pool
		weights []int64
		clarke  bool // whether ∂f = D is predicted
	}{
		{"disjoint", pool{w, w, 2, windowMax}, []int64{2, -3}, true},
		{"overlapping-positive", pool{w, 1, 3, windowMax}, []int64{1, 2, 3}, true},
		{"overlapping-signed", pool{w, 1, 3, windowMax}, []int64{1, -2, 1}, false},
	} {
		more, err := compareSets(ctx, c, k.label, k.pool, k.weights, k.clarke)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, more...)
	}
	more, result, err := strides(ctx, c, windowMax)
	return claim.Outcome{Checks: append(checks, more...), Result: result}, err
}

// levels draws a point whose entries are few numbers, so that many tie.
func levels(n int, rng *rand.Rand) []*big.Rat {
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = big.NewRat(rng.Int64N(3), 3)
	}
	return out
}

// lipschitz is the largest ratio over random pairs, of which some differ by a
// constant.
func lipschitz(ctx context.Context, c *claim.Context, p pool) (float64, error) {
	f, err := p.layer()
	if err != nil {
		return 0, err
	}
	run, err := exact.Compile(f)
	if err != nil {
		return 0, err
	}
	rng := c.Rand(claim.At("stream", "pairs"))
	worst := new(big.Rat)
	for i := range c.Int("trials") {
		x, y := distinct(p.inputs(), rng), distinct(p.inputs(), rng)
		if i%4 == 0 {
			for k := range y {
				y[k] = new(big.Rat).Add(x[k], big.NewRat(1, 3))
			}
		}
		a, err := run.Run(x)
		if err != nil {
			return 0, err
		}
		b, err := run.Run(y)
		if err != nil {
			return 0, err
		}
		if d := largestGap(x, y); d.Sign() > 0 {
			if q := new(big.Rat).Quo(largestGap(a[0], b[0]), d); q.Cmp(worst) > 0 {
				worst = q
			}
		}
	}
	ratio, _ := worst.Float64()
	return ratio, ctx.Err()
}

// largestGap is ‖x − y‖∞.
func largestGap(x, y []*big.Rat) *big.Rat {
	worst := new(big.Rat)
	for i := range x {
		if d := new(big.Rat).Sub(x[i], y[i]); d.Abs(d).Cmp(worst) > 0 {
			worst = d
		}
	}
	return worst
}

// oneWindow tries every set of tied entries of one window.
func oneWindow(ctx context.Context, p pool) (claim.Check, error) {
	f, err := p.weighted([]int64{1})
	if err != nil {
		return claim.Check{}, err
	}
	a, err := clarke.NewAnalyzer(f, clarke.Options{})
	if err != nil {
		return claim.Check{}, err
	}
	right, sets := 0, 1<<p.window-1
	for tied := 1; tied <= sets; tied++ {
		x := make([]*big.Rat, p.window)
		var want [][]float64
		for i := range x {
			x[i] = big.NewRat(int64(tied>>i&1), 1)
			if tied>>i&1 == 1 {
				want = append(want, unit(p.window, i))
			}
		}
		set, err := a.At(ctx, clarke.RationalPoint(x))
		if err != nil {
			return claim.Check{}, err
		}
		if set.Exact && sameVertices(set.Vertices, want) {
			right++
		}
	}
	return claim.Check{
		Label: "one-window", Predicted: claim.Exact(1), Measured: claim.Measured(float64(right) / float64(sets)), At: map[string]any{"points": sets},
		Sentence: "For every set of tied entries the Clarke subdifferential of one window is exactly the hull of their unit vectors.",
	}, nil
}

func unit(n, i int) []float64 {
	e := make([]float64, n)
	e[i] = 1
	return e
}
