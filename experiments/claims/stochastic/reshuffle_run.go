package stochastic

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/sgd"
)

// centred are n isotropic quadratics of curvature 1 around points of mean 0; s is the mean of ‖aᵢ‖².
func centred(n, dim int, fill func([]float64)) (p problem, s float64) {
	points := make([]float64, n*dim)
	fill(points)
	for j := range dim {
		mean := 0.0
		for i := range n {
			mean += points[i*dim+j] / float64(n)
		}
		for i := range n {
			points[i*dim+j] -= mean
		}
	}
	return centres(dim, 1, points), inner(points, points) / float64(n)
}

// stationaryErrors are mean squared errors for each step, over all iterates and at the ends of epochs.
type stationaryErrors struct{ inner, ends []claim.Measurement }

// relaxationsBefore are the relaxation times of the squared error that pass before it is measured: e⁻¹⁵ is left.
const relaxationsBefore = 15

// kindsOfFloor is how many errors the claim judges for each step (Bonferroni).
const kindsOfFloor = 4

// stationary measures the squared distance to 0, the minimiser, in runs of constant steps.
func stationary(ctx context.Context, c *claim.Context, p problem, order sgd.Order, steps []float64) (stationaryErrors, error) {
	runs := c.Int("runs")
	inside, ends := make([]float64, len(steps)*runs), make([]float64, len(steps)*runs)
	err := c.Each(ctx, len(inside), func(ctx context.Context, i int) error {
		alpha := steps[i/runs]
		t, err := p.trainer(sgd.Sampling{Order: order}, sgd.Constant(alpha), make([]float64, p.dim), c.Source(
			claim.At("stream", "rows"), claim.At("problem", p.text), claim.At("order", order.String()), claim.At("step", alpha), claim.At("run", i%runs)))
		if err != nil {
			return err
		}
		relaxation := 1 / (2 * alpha * float64(p.rows))
		before := int(math.Ceil(relaxationsBefore * relaxation))
		inside[i], ends[i], err = epochMeans(ctx, t, p.rows, before, int(math.Ceil(float64(c.Int("length"))*relaxation)))
		return err
	})
	var out stationaryErrors
	alpha := claim.Alpha / float64(kindsOfFloor*len(steps))
	for i := range steps {
		out.inner = append(out.inner, claim.Mean(inside[i*runs:(i+1)*runs], alpha))
		out.ends = append(out.ends, claim.Mean(ends[i*runs:(i+1)*runs], alpha))
	}
	return out, err
}

// epochMeans makes before + epochs epochs and returns the means of ‖x‖² over all iterates and
// over the ends of epochs, of the last ones.
func epochMeans(ctx context.Context, t *sgd.Trainer, rows, before, epochs int) (inside, ends float64, err error) {
	last := (before + epochs) * rows
	err = run(ctx, t, func(s sgd.Step, x []float64) bool {
		if s.Gradients > before*rows {
			square := inner(x, x)
			inside += square
			if s.Gradients%rows == 0 {
				ends += square
			}
		}
		return s.Gradients < last
	})
	return inside / float64(epochs*rows), ends / float64(epochs), err
}

func floorsFigure(kinds []kind) figure.Figure {
	f := figure.Figure{
		Title:   "Squared error of a constant step",
		Caption: "Slopes 1, 2 and 3 in α for equal Hessians. Unequal Hessians leave a bias of order α at the ends of epochs, hence slope 2. Dashed: exact formulas. Bars are simultaneous confidence intervals.",
		X:       figure.Axis{Label: "step size α", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "mean squared error", Unit: "1", Log: true},
	}
	for i, k := range kinds {
		measured := figure.Series{Name: k.label, Style: figure.Measured, X: k.steps, Color: 1 + i}
		line := figure.Series{Name: "exact", Style: figure.Predicted, X: k.steps, Color: 1 + i}
		for j, m := range k.error {
			measured.Y = append(measured.Y, m.Value)
			measured.Lower, measured.Upper = append(measured.Lower, m.Lower), append(measured.Upper, m.Upper)
			line.Y = append(line.Y, k.floor(k.steps[j]))
		}
		f.Series = append(f.Series, measured, line)
	}
	return f
}
