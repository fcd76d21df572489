package subgradient

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/clarke/convex"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// limitingGradients compares the hull of gradients at random points near x, as
// the definition has it, with the set that is enumerated cell by cell.
func limitingGradients() claim.Claim {
	return claim.Claim{
		Numbers:  []int{15},
		Name:     "limiting-gradients",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByCoverage, claim.ByBound},
		Sentence: "Clarke's subdifferential is the convex hull of limits of nearby gradients: the hull of gradients sampled in a ball of radius r tends to ∂f(x) as r → 0, at a distance of order r, and equals it for piecewise affine f as soon as every cell is hit.",
		Source:   "Clarke, Optimization and Nonsmooth Analysis (1983); Burke, Lewis and Overton, Math. Oper. Res. 27 (2002); Pauwels, CIMI lecture 2021",
		Mathematics: "A locally Lipschitz f is differentiable almost everywhere (Rademacher), and\n\n" +
			"\t∂f(x) = conv {lim ∇f(x_k) : x_k → x, f differentiable at x_k}.\n\n" +
			"Random points near x avoid the kinks with probability 1, so that the hull of gradients sampled in the ball of radius r is an estimate that needs no knowledge of the kinks. The claim compares it with the vertices that enumeration of the cells finds and with the known answers, in Hausdorff distance.\n\n" +
			"If f is piecewise affine, ∇f takes finitely many values near x, one a cell, and the estimate is the exact set once every cell is hit. The cells of `f = max(|x|, |y|)` are four equal sectors: with N points all of them are hit with probability (inclusion and exclusion)\n\n" +
			"\tP_N = ∑_{j=0}^{4} (−1)^j·C(4, j)·(1 − j/4)^N.\n\n" +
			"If the pieces of f are smooth with second derivatives at most L, each sampled gradient is within `L·r` of the vertex of its own cell, and each vertex within `L·r` of a sampled gradient, so the distance is at most `L·r` when every cell is hit: it falls with slope 1 in r.",
		Params: []claim.Param{
			claim.Int("points", 256, "gradients sampled for one hull; too few of them miss cells").AtFull(4096).Between(256, 1e5),
			claim.Floats("radii", []float64{1e-1, 1e-2, 1e-3, 1e-4}, "radii r, in the units of the inputs").AtFull([]float64{1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5}).Between(1e-9, 0.25),
			claim.Int("trials", 5000, "samples of N points for the probability of hitting all cells").AtFull(40000).Between(1000, 1e6),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			sum, err := knownSum()
			return claim.Inputs{Data: map[string]string{"known/functions.json": sum}}, err
		},
		Run: runLimiting,
	}
}

// smoothPieces are programs at 0 whose pieces have second derivatives of spectral
// norm at most curvature within 1/4 of 0.
var smoothPieces = []struct {
	name, text string
	inputs     int
	curvature  float64
}{
	{"|x| + x²/4", "abs(x) + x^2/4", 1, 0.5},
	{"x² + y² + |y|", "x^2 + y^2 + abs(y)", 2, 2},
	// Pieces x² + y and y² − y; the curve of ties bends.
	{"max(x² + y, y² − y)", "max(x^2 + y, y^2 - y)", 2, 2},
	// Pieces ±x(1 + y) + xy: the matrix has zeros on its diagonal and 1 ± 1 beside it.
	{"|x|(1 + y) + xy", "abs(x)*(1 + y) + x*y", 2, 2},
}

func runLimiting(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	if len(radiiOf(c)) < 2 {
		return claim.Outcome{}, fmt.Errorf("radii: a slope needs at least two of them, such as 0.1,0.01")
	}
	rows, err := knownPiecewiseAffine()
	if err != nil {
		return claim.Outcome{}, err
	}
	sampled, enumerated := 0.0, 0.0
	for i, row := range rows {
		s, err := row.clarke(ctx)
		if err != nil {
			return claim.Outcome{}, err
		}
		truth := floatsOf(rational(row.vertices))
		d, err := convex.Hausdorff(truth, floatsOf(s.Vertices))
		if err != nil {
			return claim.Outcome{}, err
		}
		enumerated = max(enumerated, d)
		o := clarke.SampleOptions{Radius: 1.0 / 16, Count: c.Int("points"), Seed: c.Source(claim.At("row", row.id)).Uint64()}
		if d, err = sampledDistance(ctx, row.place, truth, o); err != nil {
			return claim.Outcome{}, fmt.Errorf("row %d: %w", i, err)
		}
		sampled = max(sampled, d)
	}
	out := claim.Outcome{Checks: []claim.Check{
		{Label: "known-sampled", Predicted: claim.Exact(0), Measured: claim.Measured(sampled)},
		{Label: "known-enumerated", Predicted: claim.Exact(0), Measured: claim.Measured(enumerated)},
	}, Result: jsonnum.Object{"known_rows": len(rows)}}
	curved, err := smoothChecks(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	hits, err := cellChecks(ctx, c)
	out.Checks = append(append(out.Checks, curved...), hits...)
	return out, err
}

// sampledDistance is the Hausdorff distance of the hull of sampled gradients to
// the hull of truth.
func sampledDistance(ctx context.Context, p place, truth [][]float64, o clarke.SampleOptions) (float64, error) {
	sampler, err := clarke.NewSampler(p.f, ad.AtKink(0))
	if err != nil {
		return 0, err
	}
	sample, err := sampler.Around(ctx, clarke.FloatPoint(p.point().Floats()...), o)
	if err != nil {
		return 0, err
	}
	hull, err := sample.Hull()
	if err != nil {
		return 0, err
	}
	return convex.Hausdorff(floatsOf(hull), truth)
}

// radiiOf are the radii, each once.
func radiiOf(c *claim.Context) []float64 {
	return slices.Compact(slices.Sorted(slices.Values(c.Floats("radii"))))
}

// smoothChecks follows the distance as r falls.
func smoothChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	fig := figure.Figure{
		Title:   "Hull of sampled gradients and ∂f(0)",
		Caption: "Hausdorff distance of the hull of gradients at random points of a ball to Clarke's set at its centre. It falls in proportion to the radius and stays below L·r, with L the largest second derivative of the pieces (1/2 for the first program, 2 for the others).",
		X:       figure.Axis{Label: "radius r", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "Hausdorff distance", Unit: "1", Log: true},
	}
	radii := radiiOf(c)
	var checks []claim.Check
	var bound []float64
	for i, e := range smoothPieces {
		p, err := at(e.text, []string{"0", "0"}[:e.inputs]...)
		if err != nil {
			return nil, err
		}
		s, err := p.clarke(ctx)
		if err != nil {
			return nil, err
		}
		distances := make([]float64, len(radii))
		bound = make([]float64, len(radii))
		share := 0.0
		for j, r := range radii {
			o := clarke.SampleOptions{Radius: r, Count: c.Int("points"), Seed: c.Source(claim.At("program", i), claim.At("radius", r)).Uint64()}
			if distances[j], err = sampledDistance(ctx, p, floatsOf(s.Vertices), o); err != nil {
				return nil, err
			}
			bound[j] = float64(e.curvature * r)
			share = max(share, distances[j]/bound[j])
		}
		fig.Series = append(fig.Series, figure.Series{Name: e.name, Style: figure.Measured, X: radii, Y: distances})
		checks = append(checks,
			claim.Check{Label: fmt.Sprintf("slope-%d", i+1), At: map[string]any{"program": e.text}, Predicted: claim.Near(1, slopeTolerance), Measured: claim.Measured(claim.Slope(radii, distances))},
			claim.Check{Label: fmt.Sprintf("bound-%d", i+1), At: map[string]any{"program": e.text}, Predicted: claim.AtMost(1 + boundRounding), Measured: claim.Measured(share)})
	}
	fig.Series = append(fig.Series, figure.Series{Name: "L·r with L = 2", Style: figure.Predicted, X: radii, Y: bound})
	return checks, c.Figure("distance", fig)
}

const (
	// slopeTolerance allows for the largest of finitely many random points, which
	// lies at another share of r for each radius.
	slopeTolerance = 0.1
	// boundRounding allows for the rounding of gradients, 2⁻⁵² beside distances of
	// 10⁻⁹ and more.
	boundRounding = 1e-6
)

func floatsOf(vectors []clarke.Vector) [][]float64 {
	out := make([][]float64, len(vectors))
	for i, v := range vectors {
		out[i] = v.Float
	}
	return out
}
