package layer

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// pooling looks at max-pooling layers.
func pooling() claim.Claim {
	return claim.Claim{
		Numbers:  []int{28},
		Name:     "max-pooling",
		Sentence: "Max-pooling is 1-Lipschitz in the maximum norm; the Clarke subdifferential of one window is the hull of the unit vectors of its tied entries; for any weights on the outputs the conservative field is the Minkowski sum over windows, equal to the Clarke subdifferential if the windows are disjoint or the weights positive, but not in general.",
		Source:   "Pauwels, CIMI lecture 2021; Boustany, TMLR 2024, arXiv 2401.02736; Clarke 1983, Propositions 2.3.12 and 2.3.3",
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

// windowMax pools one window.
func windowMax(x expr.Node) expr.Node { return expr.Max(x) }

// pool is a pooling layer of one-dimensional windows, cut out as slices.
type pool struct {
	window, stride, count int
	max                   func(expr.Node) expr.Node
}

// inputs is the number of entries that the windows cover.
func (p pool) inputs() int { return p.window + (p.count-1)*p.stride }

// layer is the program x ↦ P(x).
func (p pool) layer() (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", p.inputs())
	return g.Func(expr.In(x), expr.Out(expr.Stack(p.outputs(x)...)))
}

// weighted is the program x ↦ Σ cⱼPⱼ(x).
func (p pool) weighted(weights []int64) (*expr.Func, error) {
	g := expr.NewGraph()
	x := g.Input("x", p.inputs())
	terms := p.outputs(x)
	for j, w := range weights {
		terms[j] = expr.ScaleNumber(expr.Ratio(w, 1), terms[j])
	}
	return g.Func(expr.In(x), expr.Out(expr.Sum(expr.Stack(terms...))))
}

func (p pool) outputs(x expr.Node) []expr.Node {
	out := make([]expr.Node, p.count)
	for j := range out {
		out[j] = p.max(expr.Slice(x, j*p.stride, j*p.stride+p.window))
	}
	return out
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

// compareSets holds both sets against the Minkowski sum, at random points with
// ties and at a constant one.
func compareSets(ctx context.Context, c *claim.Context, label string, p pool, weights []int64, equal bool) ([]claim.Check, error) {
	f, err := p.weighted(weights)
	if err != nil {
		return nil, err
	}
	limits, err := clarke.NewAnalyzer(f, clarke.Options{})
	if err != nil {
		return nil, err
	}
	fields, err := conservative.NewAnalyzer(f, conservative.Options{})
	if err != nil {
		return nil, err
	}
	rng := c.Rand(claim.At("points", label))
	n := c.Int("trials")
	sum, same := 0, 0
	for range n {
		x := levels(p.inputs(), rng)
		at := clarke.RationalPoint(x)
		set, err := limits.At(ctx, at)
		if err != nil {
			return nil, err
		}
		field, err := fields.At(ctx, at)
		if err != nil {
			return nil, err
		}
		if ctx.Err() != nil { // the sets are then bounds
			return nil, ctx.Err()
		}
		want, err := p.minkowski(x, weights)
		if err != nil {
			return nil, err
		}
		if field.Complete && sameVertices(field.Vertices, want) {
			sum++
		}
		if set.Exact && sameVertices(set.Vertices, want) {
			same++
		}
	}
	share := func(k int) claim.Measurement { return claim.Measured(float64(k) / float64(n)) }
	checks := []claim.Check{{Label: label + "-field", Predicted: claim.Exact(1), Measured: share(sum), Sentence: "The hull of the conservative field is the Minkowski sum of the weighted simplices over tied entries."}}
	if equal {
		checks = append(checks, claim.Check{Label: label + "-clarke", Predicted: claim.Exact(1), Measured: share(same), Sentence: "So is the Clarke subdifferential, for disjoint windows and for positive weights."})
	}
	return checks, nil
}

// minkowski lists the extreme points of Σ cⱼ conv{eᵢ : i tied in window j}: all
// sums of one point for each window, reduced by a convex hull.
func (p pool) minkowski(x []*big.Rat, weights []int64) ([][]float64, error) {
	sums := [][]int64{make([]int64, len(x))}
	for j, w := range weights {
		entries := x[j*p.stride : j*p.stride+p.window]
		top := slices.MaxFunc(entries, (*big.Rat).Cmp)
		var next [][]int64
		for i, v := range entries {
			if v.Cmp(top) != 0 {
				continue
			}
			for _, s := range sums {
				t := slices.Clone(s)
				t[j*p.stride+i] += w
				next = append(next, t)
			}
		}
		slices.SortFunc(next, slices.Compare)
		sums = slices.CompactFunc(next, slices.Equal)
	}
	points := make([]clarke.Vector, len(sums))
	for k, s := range sums {
		r := make([]*big.Rat, len(s))
		for i, v := range s {
			r[i] = big.NewRat(v, 1)
		}
		points[k] = clarke.RationalPoint(r)[0]
	}
	extreme, _, err := clarke.ExtremePoints(points)
	out := make([][]float64, len(extreme))
	for i, v := range extreme {
		out[i] = v.Float
	}
	return out, err
}

// strideGap is the predicted distance of the two sets of P₁ − P₂ at a constant
// point.
func strideGap(window, stride int) float64 {
	if window-stride < 2 {
		return 0
	}
	return math.Sqrt(float64(stride+1) / float64(2*stride))
}

// strides measures the distance for every stride.
func strides(ctx context.Context, c *claim.Context, windowMax func(expr.Node) expr.Node) ([]claim.Check, jsonnum.Object, error) {
	w := c.Int("window")
	found := figure.Series{Name: "computed", Style: figure.Measured, Color: 1}
	theory := figure.Series{Name: "√((s + 1)/2s) if two entries are shared, else 0", Style: figure.Predicted, Color: 1}
	var checks []claim.Check
	for s := 1; s <= w; s++ {
		p := pool{w, s, 2, windowMax}
		f, err := p.weighted([]int64{1, -1})
		if err != nil {
			return nil, nil, err
		}
		x := make([]*big.Rat, p.inputs())
		for i := range x {
			x[i] = new(big.Rat)
		}
		sets, err := conservative.Bounds(ctx, f, clarke.RationalPoint(x), clarke.Options{}, conservative.Options{})
		if err != nil {
			return nil, nil, err
		}
		gap := sets.Gap
		if !sets.Exact || !sets.GapExact {
			gap = math.NaN()
		}
		found.X, found.Y = append(found.X, float64(s)), append(found.Y, gap)
		theory.X, theory.Y = append(theory.X, float64(s)), append(theory.Y, strideGap(w, s))
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("gap-stride-%d", s), At: map[string]any{"stride": s},
			Predicted: claim.Near(strideGap(w, s), rounding), Measured: claim.Measured(gap),
			Sentence: "The distance between the conservative field and the Clarke subdifferential of P₁ − P₂ at a constant point is √((s + 1)/(2s)) if the windows share two entries, else 0.",
		})
	}
	err := c.Figure("gap", figure.Figure{
		Title:   "Overlapping windows: how much larger the conservative field is",
		Caption: "Hausdorff distance between the conservative field and the Clarke subdifferential of the difference of two overlapping windows at a constant point, against the stride s. They agree as soon as the windows share at most one entry.",
		X:       figure.Axis{Label: "stride s", Unit: "1"}, Y: figure.Axis{Label: "Hausdorff distance", Unit: "1"},
		Series: []figure.Series{found, theory},
	})
	return checks, jsonnum.Object{"stride": found.X, "gap": found.Y, "window": w}, err
}
