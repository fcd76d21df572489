package differentiation

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
)

// chain is the price of the gradient of Σ relu(W_L ⋯ relu(W₁x)) with square
// matrices, for each size.
type chain struct {
	layers            int
	sides             []int
	backward, forward []float64 // measured, value included
}

// backwardFormula is the price by one backward pass: the value, tests and gates
// of the kinks, and L products with a transposed matrix.
func backwardFormula(layers, p int) int {
	product := p * (2*p - 1)
	value := layers*(product+p) + p - 1
	return value + 2*layers*p + layers*product
}

// forwardFormula is the price by p tangents at once: the value, tests, slopes
// copied to every tangent and gates of them, L − 1 products of matrices (the
// first one, W₁·I, is W₁), the sums of the tangents, and the gradient's entries
// put in their places.
func forwardFormula(layers, p int) int {
	product := p * (2*p - 1)
	value := layers*(product+p) + p - 1
	return value + layers*p + 2*layers*p*p + (layers-1)*p*product + p*(p-1) + p
}

func measureChain(ctx context.Context, c *claim.Context) (chain, error) {
	k := chain{layers: c.Int("layers"), sides: c.Ints("sides")}
	if err := twoSizes("sides", k.sides); err != nil {
		return k, err
	}
	k.backward, k.forward = make([]float64, len(k.sides)), make([]float64, len(k.sides))
	err := c.Each(ctx, len(k.sides), func(_ context.Context, i int) (err error) {
		k.backward[i], k.forward[i], err = chainCounts(k.layers, k.sides[i])
		return err
	})
	return k, err
}

// chainCounts counts both modes.
func chainCounts(layers, p int) (backward, forward float64, err error) {
	widths := make([]int, layers)
	for i := range widths {
		widths[i] = p
	}
	f, err := reluNetwork(p, widths...)
	if err != nil {
		return 0, 0, err
	}
	for _, of := range []struct {
		count  *float64
		derive derivation
	}{{&backward, ad.Gradient}, {&forward, ad.JacobianForward}} {
		g, err := of.derive(f)
		if err != nil {
			return 0, 0, err
		}
		*of.count = float64(expr.Operations(g))
	}
	return backward, forward, nil
}

// ratios are forward over backward.
func (k chain) ratios() []float64 {
	out := make([]float64, len(k.sides))
	for i := range out {
		out[i] = k.forward[i] / k.backward[i]
	}
	return out
}

func (k chain) checks() []claim.Check {
	last := len(k.sides) - 1
	p := k.sides[last]
	at := map[string]any{"p": p}
	side := floatsOfInts(k.sides)
	return []claim.Check{
		{Label: "chain-backward", At: at, Predicted: claim.Exact(float64(backwardFormula(k.layers, p))), Measured: claim.Measured(k.backward[last])},
		{Label: "chain-forward", At: at, Predicted: claim.Exact(float64(forwardFormula(k.layers, p))), Measured: claim.Measured(k.forward[last])},
		{Label: "chain-ratio-slope", Predicted: claim.Near(1, chainTolerance), Measured: claim.Measured(claim.Slope(side, k.ratios()))},
	}
}

// chainTolerance allows for the terms of lower order, which bend the line at
// small p.
const chainTolerance = 0.1

func (k chain) figure() figure.Figure {
	side := floatsOfInts(k.sides)
	var back, fore []float64
	for _, p := range k.sides {
		back, fore = append(back, float64(backwardFormula(k.layers, p))), append(fore, float64(forwardFormula(k.layers, p)))
	}
	return figure.Figure{
		Title:   fmt.Sprintf("A chain of %d square matrices", k.layers),
		Caption: "Operations for value and gradient. Forward mode multiplies matrices, backward mode matrices and vectors, so the distance of the two lines grows in proportion to p.",
		X:       figure.Axis{Label: "side p of the matrices", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "operations", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "backward", Style: figure.Measured, X: side, Y: k.backward, Color: 1},
			{Name: "predicted, about 4Lp²", Style: figure.Predicted, X: side, Y: back, Color: 1},
			{Name: "forward", Style: figure.Measured, X: side, Y: k.forward, Color: 2},
			{Name: "predicted, about 2(L − 1)p³", Style: figure.Predicted, X: side, Y: fore, Color: 2},
		},
	}
}

func floatsOfInts(v []int) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
