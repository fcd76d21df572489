package layer

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// neighbours looks at the index selections of point cloud networks.
func neighbours() claim.Claim {
	return claim.Claim{
		Numbers:  []int{29},
		Name:     "neighbour-selection",
		Theorem:  claim.Example,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound},
		Sentence: "Grouping by nearest neighbours and farthest point sampling jump by a finite amount where distances tie: a framework differentiates through the selected rows and returns a number, but no conservative field exists and the program is refused; sorted distances to the nearest neighbours are continuous and 1-Lipschitz.",
		Source:   "Qi, Yi, Su, Guibas, NeurIPS 2017 (PointNet++); Bolte and Pauwels, Math. Program. 188 (2021), arXiv 1909.10300; Pauwels, CIMI lecture 2021",
		Mathematics: `A function with a conservative field is locally Lipschitz, hence continuous. Grouping is not: let

	f(y) = ∑_{i ∈ N_k(y)} ⟨c, x_i − y⟩

where ` + "`N_k(y)`" + ` are the indices of the k rows of X nearest to y. Choose two rows a, b and k such that they tie for rank k at their midpoint m. As y crosses m from a to b the row a leaves and b enters, and f jumps by

	⟨c, b − a⟩.

The derivative that flows back through the gathered rows is ` + "`−kc`" + ` on both sides, so along a path across m the chain rule misses just the jump: ` + "`f(y_1) − f(y_0) − ∫⟨∇f, dy⟩ = ⟨c, b − a⟩`" + `. The indices themselves are constant between jumps and have derivative 0 there. Farthest point sampling takes row 0 and then always the row farthest from those taken; where two rows p, q tie for the next place the sampled row changes from one to the other, a jump of ` + "`⟨c, p − q⟩`" + ` in a linear function of the sample.

The vector of the k smallest distances, in order, behaves. Each ` + "`‖x_i − y‖`" + ` is 1-Lipschitz in y and in ` + "`x_i`" + `, and sorting is 1-Lipschitz in the maximum norm (the j-th smallest of numbers that each move by at most δ moves by at most δ), so

	‖g(y) − g(y′)‖_∞ ≤ ‖y − y′‖,

with equality in the limit of radial motion. It is a piecewise linear function (a sort) of norms; where no distance is 0 it is certified Lipschitz, ties included, and has a conservative field.

Jumps and chain rule defects are computed in rationals, as KNN compares squared distances; the Lipschitz constant in float64.`,
		Params: []claim.Param{
			claim.Int("points", 8, "rows of the cloud").Between(2, 64),
			claim.Int("dimension", 3, "coordinates of a point").Between(2, 8),
			claim.Int("trials", 40, "random clouds").AtFull(1000).Between(1, 1e5),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runNeighbours(ctx, c, grouping)
		},
	}
}

// grouping is f above: inputs y and, not differentiated, X and c.
func grouping(n, d, k int) (*expr.Func, error) {
	g := expr.NewGraph()
	y, x, c := g.Input("y", d), g.Data("x", n, d), g.Data("c", d)
	rows := expr.GatherRows(expr.KNN(x, expr.Reshape(y, 1, d), k), x)
	relative := expr.Sub(expr.Reshape(rows, k, d), y)
	return g.Func(expr.In(y, x, c), expr.Out(expr.Sum(expr.Dot(relative, c))))
}

// crossing is a random cloud with a path that crosses a tie.
type crossing struct {
	cloud    []*big.Rat // X, row-major
	weight   []*big.Rat // c
	middle   []*big.Rat // m
	rank     int        // k
	from, to []*big.Rat // points of the path near m, on the sides of a and of b
	jump     *big.Rat   // ⟨c, b − a⟩
}

// nearness is the distance from the tie to the ends of the path, in units of
// that from a to b.
var nearness = big.NewRat(1, 1<<20)

// pathShare bounds what f changes on the path besides the jump, −k⟨c, to − from⟩,
// relative to the jump: k·2⁻¹⁹ with k ≤ 64.
const pathShare = 2e-4

// quotientRounding is what a difference of distances of order 10 may be off by
// in float64, relative to a step of 2⁻¹¹.
const quotientRounding = 1e-10

// newCrossing draws a cloud of integer points and takes rows 0 and 1 for a and b;
// ok is false if another row ties with them.
func newCrossing(n, d int, rng *rand.Rand) (x crossing, ok bool) {
	draw := func(count int) []*big.Rat {
		out := make([]*big.Rat, count)
		for i := range out {
			out[i] = big.NewRat(rng.Int64N(201)-100, 1)
		}
		return out
	}
	x.cloud, x.weight, x.jump = draw(n*d), draw(d), new(big.Rat)
	a, b := x.cloud[:d], x.cloud[d:2*d]
	for i := range d {
		ab := new(big.Rat).Sub(b[i], a[i])
		m := new(big.Rat).Add(a[i], b[i])
		m.Mul(m, big.NewRat(1, 2))
		step := new(big.Rat).Mul(ab, nearness)
		x.middle = append(x.middle, m)
		x.from, x.to = append(x.from, new(big.Rat).Sub(m, step)), append(x.to, new(big.Rat).Add(m, step))
		x.jump.Add(x.jump, ab.Mul(ab, x.weight[i]))
	}
	tie := squaredDistance(a, x.middle)
	x.rank = 1
	for i := 2; i < n; i++ {
		switch squaredDistance(x.cloud[i*d:(i+1)*d], x.middle).Cmp(tie) {
		case 0:
			return x, false
		case -1:
			x.rank++
		}
	}
	return x, tie.Sign() > 0
}

func squaredDistance(a, b []*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for i := range a {
		t := new(big.Rat).Sub(a[i], b[i])
		sum.Add(sum, t.Mul(t, t))
	}
	return sum
}

// found is what was seen at one crossing.
type found struct {
	jump, defect    float64 // relative to ⟨c, b − a⟩, which is not 0
	refusedAtTie    bool
	refusedBeside   bool
	distanceRefused bool
}

func runNeighbours(ctx context.Context, c *claim.Context, program func(n, d, k int) (*expr.Func, error)) (claim.Outcome, error) {
	n, d, trials := c.Int("points"), c.Int("dimension"), c.Int("trials")
	seen := make([]found, trials)
	err := c.Each(ctx, trials, func(ctx context.Context, i int) error {
		rng := c.Rand(claim.At("stream", "clouds"), claim.At("trial", i))
		x, ok := newCrossing(n, d, rng)
		for !ok || x.jump.Sign() == 0 {
			x, ok = newCrossing(n, d, rng)
		}
		var err error
		seen[i], err = x.look(ctx, program, n, d)
		return err
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	ratio, err := distanceRatio(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	farthest, err := farthestJumps(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	if err := drawCrossing(c, program); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: append(groupingChecks(seen), append(farthest,
			claim.Check{Label: "distances-lipschitz", Predicted: claim.AtMost(1 + quotientRounding), Measured: claim.Measured(ratio), Sentence: "Sorted distances to the nearest neighbours are 1-Lipschitz in the maximum norm."},
			claim.Check{Label: "distances-sharp", Predicted: claim.AtLeast(1 - 1e-3), Measured: claim.Measured(ratio), Sentence: "The constant 1 is attained by radial motion."},
		)...),
		Result: jsonnum.Object{"clouds": trials, "largest_ratio": ratio},
	}, nil
}

func groupingChecks(seen []found) []claim.Check {
	jumps, defects := make([]float64, len(seen)), make([]float64, len(seen))
	atTie, beside, distances := 0, 0, 0
	for i, s := range seen {
		jumps[i], defects[i] = s.jump, s.defect
		for _, count := range []struct {
			of   *int
			when bool
		}{{&atTie, s.refusedAtTie}, {&beside, s.refusedBeside}, {&distances, s.distanceRefused}} {
			if count.when {
				*count.of++
			}
		}
	}
	share := func(k int) claim.Measurement { return claim.Measured(float64(k) / float64(len(seen))) }
	least := func(v []float64) claim.Measurement {
		return claim.MeasuredIn(slices.Min(v), slices.Min(v), slices.Max(v))
	}
	return []claim.Check{
		{Label: "jump", Predicted: claim.Near(1, pathShare), Measured: least(jumps), Sentence: "Across a tie the grouped features jump by ⟨c, b − a⟩: the quotient of the change over a path of 2⁻¹⁹ of the length of ab and that number, least of all clouds and in the interval of all."},
		{Label: "chain-rule", Predicted: claim.Exact(1), Measured: least(defects), Sentence: "The chain rule with the derivative through the gathered rows misses exactly the jump."},
		{Label: "refused-at-tie", Predicted: claim.Exact(1), Measured: share(atTie), Sentence: "At the tie the program is refused with a reason: it has no conservative field."},
		{Label: "refused-beside", Predicted: claim.Exact(0), Measured: share(beside), Sentence: "Beside the tie it is not."},
		{Label: "distances-refused", Predicted: claim.Exact(0), Measured: share(distances), Sentence: "Sorted distances are not refused at the same tie and have a conservative field there."},
	}
}

// look evaluates the grouping on both sides of the tie and asks for its sets.
func (x crossing) look(ctx context.Context, program func(n, d, k int) (*expr.Func, error), n, d int) (found, error) {
	f, err := program(n, d, x.rank)
	if err != nil {
		return found{}, err
	}
	values, slopes, err := x.ends(f)
	if err != nil {
		return found{}, err
	}
	change := new(big.Rat).Sub(values[1], values[0])
	if slopes[0].Cmp(slopes[1]) != 0 {
		return found{}, fmt.Errorf("the derivative through the gathered rows differs on the two sides of a tie")
	}
	defect := new(big.Rat).Sub(change, slopes[0])
	var out found
	out.jump, _ = change.Quo(change, x.jump).Float64()
	out.defect, _ = defect.Quo(defect, x.jump).Float64()
	why, err := clarke.Refusal(f, clarke.RationalPoint(x.middle, x.cloud, x.weight))
	if err != nil {
		return out, err
	}
	field, err := conservative.At(ctx, f, clarke.RationalPoint(x.middle, x.cloud, x.weight), conservative.Options{})
	if err != nil {
		return out, err
	}
	out.refusedAtTie = why != "" && field.Refused != ""
	if why, err = clarke.Refusal(f, clarke.RationalPoint(x.to, x.cloud, x.weight)); err != nil {
		return out, err
	}
	out.refusedBeside = why != ""
	out.distanceRefused, err = x.distancesRefused(ctx, n, d)
	return out, err
}

// ends returns, at both ends of the path, the value and the slope ⟨∇f, to − from⟩
// that backpropagation gives.
func (x crossing) ends(f *expr.Func) (values, slopes [2]*big.Rat, err error) {
	g, err := ad.Gradient(f)
	if err != nil {
		return values, slopes, err
	}
	if g, err = ad.Wire(g, ad.AtKink(0)); err != nil {
		return values, slopes, err
	}
	p, err := exact.Compile(g)
	if err != nil {
		return values, slopes, err
	}
	for i, y := range [][]*big.Rat{x.from, x.to} {
		out, err := p.Run(y, x.cloud, x.weight)
		if err != nil {
			return values, slopes, err
		}
		values[i], slopes[i] = out[0][0], new(big.Rat)
		for k, v := range out[1] {
			step := new(big.Rat).Sub(x.to[k], x.from[k])
			slopes[i].Add(slopes[i], step.Mul(step, v))
		}
	}
	return values, slopes, nil
}
