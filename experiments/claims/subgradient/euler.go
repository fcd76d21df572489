package subgradient

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
)

// eulerErrors returns the steps h and the largest error of Euler's method for each.
func (e flowExample) eulerErrors(ctx context.Context, c *claim.Context, p place, counts []int) (h, errs []float64, err error) {
	analyzer, err := clarke.NewAnalyzer(p.f, clarke.Options{})
	if err != nil {
		return nil, nil, err
	}
	starts := c.Int("starts")
	all := make([]float64, starts*len(counts))
	err = c.Each(ctx, len(all), func(ctx context.Context, i int) error {
		rng := c.Rand(claim.At("loss", e.name), claim.At("start", i%starts))
		x := e.start[0] - float64(e.jitter*rng.Float64())
		y := e.start[1] - float64(e.jitter*rng.Float64())
		var err error
		all[i], err = e.eulerError(ctx, analyzer, x, y, 1/float64(counts[i/starts]))
		return err
	})
	for i, count := range counts {
		worst := 0.0
		for _, v := range all[i*starts : (i+1)*starts] {
			worst = max(worst, v)
		}
		h, errs = append(h, 1/float64(count)), append(errs, worst)
	}
	return h, errs, err
}

// eulerError is the largest distance of Euler's method to the flow from (x₀, y₀).
func (e flowExample) eulerError(ctx context.Context, a *clarke.Analyzer, x0, y0, h float64) (float64, error) {
	x, y := x0, y0
	worst := 0.0
	for k := 1; float64(k)*h <= horizon; k++ {
		w, err := nearest(ctx, a, x, y)
		if err != nil {
			return 0, err
		}
		x -= float64(h * w[0])
		y -= float64(h * w[1])
		fx, fy := e.at(x0, y0, float64(k)*h)
		dx, dy := x-fx, y-fy
		worst = max(worst, math.Sqrt(float64(dx*dx)+float64(dy*dy)))
	}
	return worst, nil
}

// energyCurve is the loss along a flow, and what the integral of the rate predicts.
type energyCurve struct {
	t, loss, predicted []float64
	worst              float64 // largest difference of the two
}

// energyError integrates dist(0, ∂J)² along the flow by the midpoint rule, piece
// by piece of the flow, since the rate jumps between them.
func (e flowExample) energyError(ctx context.Context, p place, nodes int) (energyCurve, error) {
	var c energyCurve
	fallen, from := 0.0, 0.0
	initial, err := e.loss(p, 0)
	if err != nil {
		return c, err
	}
	for _, to := range append(e.breaks, horizon) {
		share := max(2, int(math.Ceil(float64(nodes)*(to-from)/horizon)))
		width := (to - from) / float64(share)
		for j := range share {
			rate, err := e.rate(ctx, p, from+float64((float64(j)+0.5)*width))
			if err != nil {
				return c, err
			}
			fallen += float64(width * rate)
			t := from + float64(float64(j+1)*width)
			loss, err := e.loss(p, t)
			if err != nil {
				return c, err
			}
			c.t, c.loss, c.predicted = append(c.t, t), append(c.loss, loss), append(c.predicted, initial-fallen)
			c.worst = max(c.worst, math.Abs(loss-(initial-fallen)))
		}
		from = to
	}
	return c, nil
}

func (e flowExample) loss(p place, t float64) (float64, error) {
	x, y := e.at(e.start[0], e.start[1], t)
	q := rationalPlace(p, x, y)
	v, err := q.value(q.x)
	if err != nil {
		return 0, err
	}
	return float(v), nil
}

// rate is dist(0, ∂J(γ(t)))², from the exact set at the point.
func (e flowExample) rate(ctx context.Context, p place, t float64) (float64, error) {
	x, y := e.at(e.start[0], e.start[1], t)
	s, err := rationalPlace(p, x, y).clarke(ctx)
	if err != nil {
		return 0, err
	}
	return float(inner(s.MinNorm.Exact, s.MinNorm.Exact)), nil
}
