package minimisation

import (
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// draw shows the stationary points for the largest n by x₁ and f.
func (s *census) draw(c *claim.Context) error {
	kinds := []figure.Series{
		{Name: "off the curve", Color: 2},
		{Name: "on the curve, never met", Color: 3},
		{Name: "on the curve, met by gradient sampling", Color: 1},
	}
	offMet, on := 0, 0
	for _, at := range s.sites {
		k := 0
		switch {
		case at.x.onCurve() && at.met > 0:
			k = 2
		case at.x.onCurve():
			k = 1
		default:
			offMet += at.met
		}
		if at.x.onCurve() {
			on++
		}
		x, _ := at.x[0].Float64()
		f, _ := at.x.value().Float64()
		kinds[k].X, kinds[k].Y = append(kinds[k].X, x), append(kinds[k].Y, f)
	}
	series := []figure.Series{{Name: "f on the curve, (1 − x₁)/4", Style: figure.Predicted, Color: 1, X: []float64{-1, 1}, Y: []float64{.5, 0}}}
	for _, k := range kinds {
		if len(k.X) > 0 {
			series = append(series, k)
		}
	}
	return c.Figure("points", figure.Figure{
		Title: fmt.Sprintf("The %d stationary points for n = %d", len(s.sites), s.n),
		Caption: fmt.Sprintf("Every point with 0 ∈ ∂f, proved in rationals; only (1, …, 1), bottom right, is a local minimum. The %d on the curve xᵢ₊₁ = 2|xᵢ| − 1 are those of the literature. "+
			"Points may coincide in x₁ and f. Of %d runs of gradient sampling from random starts %d ended at one off the curve.", on, c.Int("starts"), offMet),
		X:      figure.Axis{Label: "first coordinate x₁", Unit: "1"},
		Y:      figure.Axis{Label: "value f(x)", Unit: "1"},
		Series: series,
	})
}
