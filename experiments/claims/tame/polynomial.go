package tame

import (
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// drawPiece draws the loss of two layers along a line and the polynomial of its
// first piece, by Lagrange's formula through 2L + 1 points of the piece.
func drawPiece(c *claim.Context) error {
	rng := c.Rand(claim.At("figure", "polynomial"))
	net := positiveNetwork(rng, 2)
	change := positiveNetwork(rng, 2)
	for i := range change { // parameters fall at different speeds
		change[i].w, change[i].b = times(-1.5, change[i].w), times(-1.5, change[i].b)
	}
	f, err := alongLine(net, change, []float64{0, 0})
	if err != nil {
		return err
	}
	var t, loss, polynomial []float64
	for i := range int64(41) {
		x := big.NewRat(i, 20)
		y, err := f.Run([]*big.Rat{x})
		if err != nil {
			return err
		}
		p, err := lagrange(f, 5, x)
		if err != nil {
			return err
		}
		t, loss, polynomial = append(t, float(x)), append(loss, float(y[0][0])), append(polynomial, float(p))
	}
	return c.Figure("polynomial", figure.Figure{
		Title:   "A loss and the polynomial of its piece",
		Caption: "Square loss of a relu network with two layers along a line in its parameters, and the polynomial of degree 4 that agrees with it in the piece of t = 0. They part where units switch off.",
		X:       figure.Axis{Label: "position t on the line", Unit: "1"}, Y: figure.Axis{Label: "loss", Unit: "1"},
		Series: []figure.Series{
			{Name: "loss", Style: figure.Measured, X: t, Y: loss, Color: 1},
			{Name: "polynomial of degree 2L = 4", Style: figure.Predicted, X: t, Y: polynomial, Color: 1},
		},
	})
}

// lagrange extrapolates from n points near 0, small apart, to x.
func lagrange(f *exact.Program, n int, x *big.Rat) (*big.Rat, error) {
	sum := new(big.Rat)
	for i := range n {
		at := new(big.Rat).Mul(small, big.NewRat(int64(i), 1))
		y, err := f.Run([]*big.Rat{at})
		if err != nil {
			return nil, err
		}
		term := new(big.Rat).Set(y[0][0])
		for j := range n {
			if j != i {
				other := new(big.Rat).Mul(small, big.NewRat(int64(j), 1))
				term.Mul(term, new(big.Rat).Quo(new(big.Rat).Sub(x, other), new(big.Rat).Sub(at, other)))
			}
		}
		sum.Add(sum, term)
	}
	return sum, nil
}
