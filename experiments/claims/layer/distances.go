package layer

import (
	"context"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// sortedDistances is y ↦ the k smallest distances to rows of X, in order.
func sortedDistances(n, d, k int) (*expr.Func, error) {
	g := expr.NewGraph()
	y, x := g.Input("y", d), g.Data("x", n, d)
	return g.Func(expr.In(y, x), expr.Out(expr.Slice(expr.Sort(expr.Norm2(expr.Sub(x, y))), 0, k)))
}

// distancesRefused tells whether the sorted distances have no field at the tie.
func (x crossing) distancesRefused(ctx context.Context, n, d int) (bool, error) {
	f, err := sortedDistances(n, d, x.rank)
	if err != nil {
		return false, err
	}
	field, err := conservative.At(ctx, f, clarke.RationalPoint(x.middle, x.cloud), conservative.Options{})
	if err != nil {
		return false, err
	}
	return field.Refused != "", nil
}

// distanceRatio is the largest ratio of ‖g(y) − g(y′)‖∞ to ‖y − y′‖, over pairs at
// many scales, half of them in the direction of a row.
func distanceRatio(ctx context.Context, c *claim.Context) (float64, error) {
	n, d := c.Int("points"), c.Int("dimension")
	k := (n + 1) / 2
	f, err := sortedDistances(n, d, k)
	if err != nil {
		return 0, err
	}
	p, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return 0, err
	}
	rng := c.Rand(claim.At("stream", "pairs"))
	w, worst := p.NewWorkspace(), 0.0
	for i := range 50 * c.Int("trials") {
		y, step := w.In(0), make([]float64, d)
		random.Normals(w.In(1), 1, rng)
		random.Normals(y, 1, rng)
		random.Sphere(step, math.Ldexp(1, -(i%12)), rng)
		if i%2 == 0 {
			for j := range step {
				step[j] = (w.In(1)[j] - y[j]) / 64
			}
		}
		if err := w.Run(); err != nil {
			return 0, err
		}
		before := append([]float64(nil), w.Out(0)...)
		length := 0.0
		for j := range y {
			y[j] += step[j]
			length += float64(step[j] * step[j])
		}
		if err := w.Run(); err != nil {
			return 0, err
		}
		for j, g := range w.Out(0) {
			worst = max(worst, math.Abs(g-before[j])/math.Sqrt(length))
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
	return worst, nil
}

// sampled is the program ⟨c, Σ of the rows that farthest point sampling takes⟩.
func sampled(n, d, m int) (*expr.Func, error) {
	g := expr.NewGraph()
	x, c := g.Input("x", n, d), g.Data("c", d)
	rows := expr.GatherRows(expr.Farthest(x, m), x)
	return g.Func(expr.In(x, c), expr.Out(expr.Sum(expr.Dot(rows, c))))
}

// farthestJumps puts row 0 at the origin and two rows at one distance from it,
// the others nearer, and moves one of the two across the tie.
func farthestJumps(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	f, err := sampled(4, 2, 2)
	if err != nil {
		return nil, err
	}
	p, err := exact.Compile(f)
	if err != nil {
		return nil, err
	}
	rng := c.Rand(claim.At("stream", "farthest"))
	right, refused, n := 0, 0, c.Int("trials")
	one := big.NewRat(1, 1)
	for range n {
		weight := []*big.Rat{big.NewRat(rng.Int64N(19)-9, 1), big.NewRat(1+rng.Int64N(9), 1)}
		at := func(scale *big.Rat) []*big.Rat { // p = (3, 4)·scale and q = (5, 0)
			return append([]*big.Rat{
				new(big.Rat), new(big.Rat), new(big.Rat).Mul(big.NewRat(3, 1), scale), new(big.Rat).Mul(big.NewRat(4, 1), scale),
				big.NewRat(5, 1), new(big.Rat),
			}, big.NewRat(rng.Int64N(3), 1), big.NewRat(rng.Int64N(3), 1))
		}
		below, above := at(new(big.Rat).Sub(one, nearness)), at(new(big.Rat).Add(one, nearness))
		var values [2]*big.Rat
		for i, x := range [][]*big.Rat{below, above} {
			out, err := p.Run(x, weight)
			if err != nil {
				return nil, err
			}
			values[i] = out[0][0]
		}
		// Above the tie the sample has p, below it q.
		want := new(big.Rat)
		for j, w := range weight {
			move := new(big.Rat).Sub(above[2+j], below[4+j])
			want.Add(want, move.Mul(move, w))
		}
		if values[1].Sub(values[1], values[0]).Cmp(want) == 0 {
			right++
		}
		why, err := clarke.Refusal(f, clarke.RationalPoint(at(one), weight))
		if err != nil {
			return nil, err
		}
		if why != "" {
			refused++
		}
	}
	share := func(k int) claim.Measurement { return claim.Measured(float64(k) / float64(n)) }
	return []claim.Check{
		{Label: "farthest-jump", Predicted: claim.Exact(1), Measured: share(right), Sentence: "Farthest point sampling jumps from one of two tied rows to the other: the change of ⟨c, sample⟩ is ⟨c, p − q⟩, in rationals."},
		{Label: "farthest-refused", Predicted: claim.Exact(1), Measured: share(refused), Sentence: "At the tie the sampling program is refused."},
	}, ctx.Err()
}

// drawCrossing shows both functions along one path in the plane.
func drawCrossing(c *claim.Context, program func(n, d, k int) (*expr.Func, error)) error {
	cloud, weight := []float64{0, 0, 2, 1, 4, -3}, []float64{0.5, 0.5}
	f, err := program(3, 2, 1)
	if err != nil {
		return err
	}
	group, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return err
	}
	if f, err = sortedDistances(3, 2, 1); err != nil {
		return err
	}
	distance, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return err
	}
	jumping := figure.Series{Name: "feature of the nearest row, relative to y", Style: figure.Curve, Color: 1}
	smooth := figure.Series{Name: "distance to the nearest row", Style: figure.Curve, Color: 2}
	const ticks = 200
	for i := range ticks + 1 {
		t := float64(i) / ticks
		y, out := []float64{2 * t, t}, [][]float64{{0}}
		if i == ticks/2 { // the tie itself: a gap in the curve
			jumping.X, jumping.Y = append(jumping.X, t), append(jumping.Y, math.NaN())
		} else if err := group.Run(out, y, cloud, weight); err != nil {
			return err
		} else {
			jumping.X, jumping.Y = append(jumping.X, t), append(jumping.Y, out[0][0])
		}
		if err := distance.Run(out, y, cloud); err != nil {
			return err
		}
		smooth.X, smooth.Y = append(smooth.X, t), append(smooth.Y, out[0][0])
	}
	return c.Figure("crossing", figure.Figure{
		Title:   "Grouping by the nearest neighbour along a path across a tie",
		Caption: "The query moves from the row (0, 0) to the row (2, 1). Half-way the nearest row changes and the grouped feature jumps by 1.5, though its derivative is the same on both sides; the distance to the nearest row has a kink only.",
		X:       figure.Axis{Label: "time along the path", Unit: "1"}, Y: figure.Axis{Label: "value", Unit: "1"},
		Series: []figure.Series{jumping, smooth},
	})
}
