package layer

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

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
