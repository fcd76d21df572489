package stochastic

import (
	"context"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
)

// Where a run of gradient descent has ended: within this distance of the saddle, or with at most
// this loss. A run ends at a saddle unless it reached a minimum.
const (
	atSaddle  = 1e-6
	atMinimum = 1e-6
)

// saddleResolution is the probability below which ending at the saddle counts as never; 500 starts resolve it.
const saddleResolution = 0.02

// descents runs gradient descent from a start on the line (t, −t) and from random starts.
func descents(ctx context.Context, c *claim.Context, p problem) ([]claim.Check, error) {
	r := c.Float("radius")
	missed := make([]bool, c.Int("starts"))
	err := c.Each(ctx, len(missed), func(ctx context.Context, i int) error {
		start := make([]float64, 2)
		random.Ball(start, r, c.Rand(claim.At("stream", "start"), claim.At("run", i)))
		_, loss, err := descend(ctx, c, p, start)
		missed[i] = loss > atMinimum
		return err
	})
	if err != nil {
		return nil, err
	}
	count := 0
	for _, m := range missed {
		if m {
			count++
		}
	}
	distance, _, err := descend(ctx, c, p, []float64{r / 2, -r / 2})
	return []claim.Check{
		{Label: "line-to-saddle", Predicted: claim.AtMost(atSaddle), Measured: claim.Measured(distance)},
		{Label: "random-starts", Predicted: claim.Never(saddleResolution), Measured: claim.Occurrences(count, len(missed), claim.Alpha)},
	}, err
}

// descend makes steps of gradient descent until a minimum is reached or the steps are used up. It
// returns the larger coordinate, up to its sign, and the loss.
func descend(ctx context.Context, c *claim.Context, p problem, start []float64) (distance, loss float64, err error) {
	t, err := p.trainer(sgd.Sampling{Order: sgd.Incremental}, sgd.Constant(c.Float("rate")), start, nil)
	if err != nil {
		return 0, 0, err
	}
	err = run(ctx, t, func(s sgd.Step, w []float64) bool {
		distance, loss = max(w[0], -w[0], w[1], -w[1]), s.Loss
		return loss > atMinimum && s.Number+1 < c.Int("steps")
	})
	return distance, loss, err
}

// sectionFigure shows J on the two diagonals through the saddle.
func sectionFigure(p problem) (figure.Figure, error) {
	g, err := p.gradient(1)
	if err != nil {
		return figure.Figure{}, err
	}
	along := func(name string, sign float64, to float64) (figure.Series, error) {
		s := figure.Series{Name: name, Style: figure.Curve}
		for i := -60; i <= 60; i++ {
			t := to * float64(i) / 60
			loss, _, err := g.at([]float64{t, sign * t}, []int{0})
			if err != nil {
				return s, err
			}
			s.X, s.Y = append(s.X, t), append(s.Y, loss)
		}
		return s, nil
	}
	through, err := along("J(t, t), through two minimisers", 1, 1.25)
	if err != nil {
		return figure.Figure{}, err
	}
	across, err := along("J(t, −t), across", -1, 0.8)
	if err != nil {
		return figure.Figure{}, err
	}
	return figure.Figure{
		Title:   "A saddle between two minimisers",
		Caption: "Along (t, t) the loss has a maximum ½ at the saddle t = 0, above the chord between the minimisers; along (t, −t) it has its minimum there.",
		X:       figure.Axis{Label: "t", Unit: "1"},
		Y:       figure.Axis{Label: "J", Unit: "1"},
		Series: []figure.Series{through, across, {
			Name: "chord from (−1, −1) to (1, 1)", Style: figure.Predicted, X: []float64{-1, 1}, Y: []float64{0, 0},
		}},
	}, nil
}
