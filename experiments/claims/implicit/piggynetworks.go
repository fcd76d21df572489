package implicit

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
)

// units is how many units a network has.
const units = 2

// network is the iteration relu(Wx + θ), at 0.
func network(w []*big.Rat, gate func(expr.Node) expr.Node) (*conservative.Iteration, clarke.Point, error) {
	g := expr.NewGraph()
	x, c := g.Input("x", units), g.Input("c", units)
	var entries []expr.Number
	for _, v := range w {
		entries = append(entries, expr.Rational(v))
	}
	f, err := g.Func(expr.In(x, c), expr.Out(gate(expr.Add(expr.Dot(g.Numbers(entries, units, units), x), c))))
	if err != nil {
		return nil, nil, err
	}
	it, err := conservative.NewIteration(f, []expr.Node{x}, conservative.Options{})
	return it, clarke.RationalPoint(zeros(units), zeros(units)), err
}

// turns looks at networks that turn the plane, and at random ones.
func turns(ctx context.Context, c *claim.Context, p programs) (checks []claim.Check, err error) {
	for _, turn := range c.Floats("turns") {
		w := zeros(units * units)
		w[1].SetFloat64(turn)
		w[2].Neg(w[1])
		it, at, err := network(w, p.gate)
		if err != nil {
			return nil, err
		}
		top, err := limitTop(ctx, it, at, 2, -1)
		if err != nil {
			return nil, err
		}
		l, err := it.Limit(ctx, at, conservative.LimitOptions{Steps: 1})
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("w=%g", turn)
		checks = append(
			checks,
			claim.Check{Label: "turn-set/" + name, Sentence: "The limit set of the network that turns has −w at 21, shown with the other sign.", Predicted: claim.Near(turn, 1e-3), Measured: top},
			claim.Check{Label: "turn-implicit/" + name, Sentence: "Implicit differentiation has −w/(1 + w²) at most.", Predicted: claim.Near(turnImplicit(turn), rounding), Measured: claim.Measured(largest(l.Implicit, 2, -1))},
		)
	}
	t, rng := &tally{}, c.Rand(claim.At("stream", "networks"))
	for range c.Int("networks") {
		w := make([]*big.Rat, units*units)
		for i := range w {
			w[i] = big.NewRat(rng.Int64N(7)-3, 8) // sums of rows up to 3/4
		}
		if err := t.equation(ctx, w, p.gate, rng); err != nil {
			return nil, err
		}
	}
	return append(checks, claim.Check{
		Label: "set-equation", Sentence: "In random directions the hull C of the limit set of a random network reaches as far as that of AC + B, up to what is known of C.",
		Predicted: claim.Exact(1), Measured: t.share(), At: map[string]any{"directions": t.all},
	}), nil
}

// equation compares h(D) = max ⟨D, X⟩ over the hull with the maximum over diag(s)(WX + I), s at
// the corners. The polytope known is inside C, which is at most Gap larger.
func (t *tally) equation(ctx context.Context, w []*big.Rat, gate func(expr.Node) expr.Node, rng *rand.Rand) error {
	it, at, err := network(w, gate)
	if err != nil {
		return err
	}
	l, err := it.Limit(ctx, at, conservative.LimitOptions{Steps: 12})
	if err != nil {
		return err
	}
	const directions = 20
	for range directions {
		var d [units * units]float64
		size := 0.0
		for i := range d {
			d[i] = rng.NormFloat64()
			size += float64(d[i] * d[i])
		}
		inside, image := math.Inf(-1), math.Inf(-1)
		for _, v := range l.Vertices {
			x, direct, mapped := v.Float, 0.0, 0.0
			for row := range units { // each slot takes what is best for its row
				open := 0.0
				for column := range units {
					y := 0.0
					if row == column {
						y = 1
					}
					for k := range units {
						y += float64(number(w[row*units+k]) * x[k*units+column])
					}
					direct += float64(d[row*units+column] * x[row*units+column])
					open += float64(d[row*units+column] * y)
				}
				mapped += max(0, open)
			}
			inside, image = max(inside, direct), max(image, mapped)
		}
		gap := float64(l.Gap * math.Sqrt(size))
		t.add(inside <= image+rounding && image <= inside+gap+rounding)
	}
	return nil
}

// ball looks at the heavy ball, x with its last value m.
func ball(ctx context.Context, c *claim.Context, _ programs) ([]claim.Check, error) {
	g := expr.NewGraph()
	x, m, theta := g.Input("x"), g.Input("m"), g.Input("c")
	u := expr.Sub(x, theta)
	slope := expr.Add(expr.Scale(0.25, u), expr.Scale(2.25, expr.ReLU(u)))
	momentum := expr.Scale(0.5, expr.Sub(x, m))
	next := expr.Add(expr.Sub(x, slope), momentum)
	f, err := g.Func(expr.In(x, m, theta), expr.Out(next, x))
	if err != nil {
		return nil, err
	}
	it, err := conservative.NewIteration(f, []expr.Node{x, m}, conservative.Options{})
	if err != nil {
		return nil, err
	}
	n := c.Int("iterations") / 2 * 2
	at := clarke.RationalPoint(zeros(1), zeros(1), zeros(1))
	var sizes []float64
	err = follow(ctx, it, at, clarke.Vector{}, scheduled(func(k int) int64 { return int64(k % 2) }), n, func(i conservative.Iterate) {
		sizes = append(sizes, math.Abs(i.Jacobian.Float[0]))
	})
	if err != nil {
		return nil, err
	}
	settled := 0.0
	err = follow(ctx, it, clarke.FloatPoint([]float64{0}, []float64{0}, []float64{0}), clarke.Vector{}, conservative.Wired(ad.AtSlot(0.5)), 10*n, func(i conservative.Iterate) {
		settled = i.Jacobian.Float[0]
	})
	return []claim.Check{
		{Label: "ball-alternating", Sentence: "For the heavy ball at its limit, choices that alternate make derivatives grow by (9 + √65)/8 in two steps.", Predicted: claim.NearRelative(ballGrowth, 1e-9), Measured: claim.Measured(sizes[n] / sizes[n-2])},
		{Label: "ball-constant", Sentence: "One choice for ever gives the derivative 1 of the solution.", Predicted: claim.Near(1, 1e-9), Measured: claim.Measured(settled)},
	}, err
}
