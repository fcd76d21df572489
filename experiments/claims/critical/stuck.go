package critical

import (
	"cmp"
	"context"
	"math"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// Runs from W = 0: c contracts by 1 − stuckRate a step, to less than 10^−12.
const (
	stuckSteps = 600
	stuckRate  = 0.05
)

// stuckChecks are about the point (W, v, c) = (0, 1, 0) of a network with one
// hidden unit.
func stuckChecks(ctx context.Context, c *claim.Context, m net, p *pairs) ([]claim.Check, error) {
	moved, offset, err := runFromZero(ctx, m, p)
	if err != nil {
		return nil, err
	}
	f, err := m.model(p.n)
	if err != nil {
		return nil, err
	}
	zero, one := new(big.Rat), big.NewRat(1, 1)
	in := [][]*big.Rat{{zero, zero}, {one}, {zero}, p.x, p.y}
	if m.bias {
		in = slices.Insert(in, 1, []*big.Rat{zero})
	}
	set, err := clarke.At(ctx, f, clarke.RationalPoint(in...), clarke.Options{})
	if err != nil {
		return nil, err
	}
	field, err := conservative.At(ctx, f, clarke.RationalPoint(in...), conservative.Options{})
	if err != nil {
		return nil, err
	}
	proved, distance := 0.0, math.NaN()
	if set.Exact {
		distance = set.Distance
		if set.ContainsZero == clarke.No {
			proved = 1
		}
	}
	biased, err := gradientWithBiasFalling(p)
	if err != nil {
		return nil, err
	}
	loss, err := leave(ctx, c, m, p)
	if err != nil {
		return nil, err
	}
	return []claim.Check{
		{Label: "stuck-weights", Predicted: claim.Exact(0), Measured: claim.Measured(moved), Sentence: "From W = 0 the first layer never moves."},
		{Label: "stuck-offset", Predicted: claim.Near(0, 1e-9), Measured: claim.Measured(offset), Sentence: "The offset c converges to the mean of the labels, 0."},
		{Label: "stuck-field", Predicted: claim.Exact(0), Measured: claim.Measured(verdictDistance(field)), Sentence: "The limit is critical for the conservative field: 0 ∈ D, in rationals."},
		{Label: "stuck-clarke", Predicted: claim.NearRelative(sweepDistance(p), 1e-9), Measured: claim.Measured(distance), Sentence: "The distance from 0 to the Clarke subdifferential there is that of the half-plane sums."},
		{Label: "stuck-proved", Predicted: claim.Exact(1), Measured: claim.Measured(proved), Sentence: "That 0 is not in the Clarke subdifferential is proved in rationals."},
		{Label: "stuck-with-bias", Predicted: claim.Exact(0), Measured: claim.Measured(biased), Sentence: "With a bias 0 is a limiting gradient at the same point, along the direction in which the bias falls."},
		{Label: "leaving", Predicted: claim.AtMost(leftLoss), Measured: claim.Measured(loss), Sentence: "From W near 0 the loss falls below its value ½ at the artificial point."},
	}, nil
}

// leftLoss is well below the loss ½ of the artificial point.
const leftLoss = 0.4

// runFromZero returns the largest |W| entry that was met, and the last |c|.
func runFromZero(ctx context.Context, m net, p *pairs) (moved, offset float64, err error) {
	initial := map[string][]float64{"w": {0, 0}, "v": {1}, "c": {1}}
	if m.bias {
		initial["b"] = []float64{0}
	}
	t, err := m.trainer(p, sgd.Constant(stuckRate), initial)
	if err != nil {
		return 0, 0, err
	}
	for step, err := range t.Steps(ctx) {
		if err != nil {
			return 0, 0, err
		}
		for _, q := range t.Params() {
			switch q.Name {
			case "w":
				moved = max(moved, math.Abs(q.Value[0]), math.Abs(q.Value[1]))
			case "c":
				offset = math.Abs(q.Value[0])
			}
		}
		if step.Number+1 == stuckSteps {
			break
		}
	}
	return moved, offset, ctx.Err()
}

// leave is the last loss of a run from W of size 10⁻³, with v = 1 and c = 0.
func leave(ctx context.Context, c *claim.Context, m net, p *pairs) (float64, error) {
	initial := m.start(1e-3, c.Rand(claim.At("stream", "leaving")))
	initial["v"] = []float64{1}
	t, err := m.trainer(p, sgd.Constant(stuckRate), initial)
	if err != nil {
		return 0, err
	}
	for step, err := range t.Steps(ctx) {
		if err != nil {
			return 0, err
		}
		if step.Number+1 == 2*stuckSteps {
			return step.Loss, nil
		}
	}
	return 0, ctx.Err()
}

// gradientWithBiasFalling is the norm of the limiting gradient at W = 0, b = 0,
// v = 1, c = 0 along the direction b = −1, which settles all kinks.
func gradientWithBiasFalling(p *pairs) (float64, error) {
	f, err := net{hidden: 1, bias: true}.model(p.n)
	if err != nil {
		return 0, err
	}
	e, err := clarke.NewElement(f)
	if err != nil {
		return 0, err
	}
	zero, one := new(big.Rat), big.NewRat(1, 1)
	at := clarke.RationalPoint([]*big.Rat{zero, zero}, []*big.Rat{zero}, []*big.Rat{one}, []*big.Rat{zero}, p.x, p.y)
	g, err := e.Along(at, clarke.Rational([]*big.Rat{zero, zero, big.NewRat(-1, 1), zero, zero}))
	if err != nil {
		return 0, err
	}
	return kernel.Norm(g.Float), nil
}

// sweepDistance is the distance from 0 to the hull of the half-plane sums
// −(1/n) Σ y_i x_i over ⟨d, x_i⟩ > 0, for d in general position, if 0 is outside:
// then the nearest point lies on a segment between two of the sums.
func sweepDistance(p *pairs) float64 {
	sums := halfPlaneSums(p)
	nearest := math.Inf(1)
	for i, a := range sums {
		for _, b := range sums[:i+1] {
			nearest = min(nearest, segmentDistance(a, b))
		}
	}
	return nearest
}

// halfPlaneSums turns d around once and lists the sums between the directions
// that are orthogonal to some x_i.
func halfPlaneSums(p *pairs) [][2]float64 {
	x, y := floats(p.x), floats(p.y)
	edges := turningPoints(x)
	var sums [][2]float64
	for k, u := range edges {
		v := edges[(k+1)%len(edges)]
		if cross(u, v) < sameDirection {
			continue
		}
		var sum [2]float64
		for i := range p.n {
			if float64((u[0]+v[0])*x[2*i])+float64((u[1]+v[1])*x[2*i+1]) > 0 {
				sum[0] -= float64(y[i] * x[2*i] / float64(p.n))
				sum[1] -= float64(y[i] * x[2*i+1] / float64(p.n))
			}
		}
		sums = append(sums, sum)
	}
	return sums
}

// sameDirection is the sine below which two directions are one, up to rounding:
// images have coordinates with small denominators.
const sameDirection = 1e-9

// turningPoints are both unit vectors orthogonal to each x_i that is not 0, by
// their angle.
func turningPoints(x []float64) [][2]float64 {
	var out [][2]float64
	for i := 0; i < len(x); i += 2 {
		if norm := kernel.Norm(x[i : i+2]); norm > 0 {
			u := [2]float64{-x[i+1] / norm, x[i] / norm}
			out = append(out, u, [2]float64{-u[0], -u[1]})
		}
	}
	lower := func(u [2]float64) int { // 1 for angles in [π, 2π)
		if u[1] < 0 || u[1] == 0 && u[0] < 0 {
			return 1
		}
		return 0
	}
	slices.SortFunc(out, func(u, v [2]float64) int {
		return cmp.Or(lower(u)-lower(v), cmp.Compare(0, cross(u, v)))
	})
	return out
}

// cross is positive if v is to the left of u.
func cross(u, v [2]float64) float64 { return float64(u[0]*v[1]) - float64(u[1]*v[0]) }

// segmentDistance is the distance from 0 to the segment from a to b.
func segmentDistance(a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := 0.0
	if square := float64(dx*dx) + float64(dy*dy); square > 0 {
		t = min(max(-(float64(a[0]*dx)+float64(a[1]*dy))/square, 0), 1)
	}
	return kernel.Norm([]float64{a[0] + float64(t*dx), a[1] + float64(t*dy)})
}
