package critical

import (
	"context"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
)

// The deep network has layers of two units on an input of two numbers, and a
// read-out with fixed weights.
const deepWidth = 2

// deep builds it: parameters w, b, v, a and the datum x.
func deep() (*expr.Func, error) {
	g := expr.NewGraph()
	w, b := g.Param("w", deepWidth, 2), g.Param("b", deepWidth)
	v, a := g.Param("v", deepWidth, deepWidth), g.Param("a", deepWidth)
	x := g.Data("x", 2)
	h := expr.ReLU(expr.Add(expr.MatMul(w, x), b))
	u := expr.ReLU(expr.Add(expr.MatMul(v, h), a))
	out := expr.Sub(expr.Index(u, 0), expr.Index(u, 1))
	return g.Func(expr.In(w, b, v, a, x), expr.Out(out))
}

// deepNetworks draws parameters and sets the biases of a subset of units such
// that they are at their kinks.
func deepNetworks(ctx context.Context, c *claim.Context, network func() (*expr.Func, error)) ([]claim.Check, error) {
	f, err := network()
	if err != nil {
		return nil, err
	}
	a, err := newAuditor(f)
	if err != nil {
		return nil, err
	}
	subsets := 1 << (2 * deepWidth)
	type seen struct{ inside, active int }
	all := make([]seen, subsets*c.Int("trials"))
	err = c.Each(ctx, len(all), func(ctx context.Context, i int) error {
		x := atKinks(i%subsets, c.Rand(claim.At("stream", "networks"), claim.At("trial", i)))
		set, in, err := a.at(ctx, x)
		if err == nil && set.Qualified {
			all[i].active = 1
		}
		all[i].inside = in
		return err
	})
	inside, qualified := 0, 0
	for _, s := range all {
		inside, qualified = inside+s.inside, qualified+s.active
	}
	return []claim.Check{
		{Label: "deep", Predicted: claim.Exact(1), Measured: claim.Measured(float64(inside) / float64(len(all)*len(a.gradients))), At: map[string]any{"networks": len(all)}, Sentence: "In a network of two layers, whatever units are at their kinks, all frameworks and constants return a Clarke subgradient, exactly."},
		{Label: "independent", Predicted: claim.Exact(1), Measured: claim.Measured(float64(qualified) / float64(len(all))), At: map[string]any{"networks": len(all)}, Sentence: "The gradients of the active pre-activations are linearly independent, so ∂f is the hull of the conservative field."},
	}, err
}

// atKinks draws w, b, v, a and x; bit i of active puts unit i, counted through both
// layers, at its kink.
func atKinks(active int, rng *rand.Rand) [][]*big.Rat {
	draw := func(n int) []*big.Rat {
		out := make([]*big.Rat, n)
		for i := range out {
			out[i] = big.NewRat(2*rng.Int64N(20)-19, 4) // not 0
		}
		return out
	}
	x, w, b := draw(2), draw(deepWidth*2), draw(deepWidth)
	v, a := draw(deepWidth*deepWidth), draw(deepWidth)
	h := affine(w, x, b, active)
	for i, z := range h {
		if z.Sign() < 0 {
			h[i] = new(big.Rat)
		}
	}
	affine(v, h, a, active>>deepWidth)
	return [][]*big.Rat{w, b, v, a, x}
}

// affine is m·x + b, after setting b such that the marked entries are 0.
func affine(m, x, b []*big.Rat, marked int) []*big.Rat {
	out := make([]*big.Rat, len(b))
	for i := range b {
		sum := new(big.Rat)
		for j, v := range x {
			sum.Add(sum, new(big.Rat).Mul(m[i*len(x)+j], v))
		}
		if marked>>i&1 == 1 {
			b[i] = new(big.Rat).Neg(sum)
		}
		out[i] = sum.Add(sum, b[i])
	}
	return out
}
