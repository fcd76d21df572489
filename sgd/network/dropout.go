package network

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// Dropout multiplies entries by independent masks in training, which are 1/Keep with
// probability Keep and else 0 (N. Srivastava et al., JMLR 15, 2014); in evaluation it is the
// identity. The masks are the data input mask2 in the third layer, and so on, drawn in each
// step as [Network.Random] says: a run is a function of its seed.
type Dropout struct {
	Keep float64 // in (0, 1]
}

// Apply implements [Layer].
func (d Dropout) Apply(b *Builder, x expr.Node) expr.Node {
	k := b.Layer()
	if b.Use() != Training {
		return x
	}
	return expr.Mul(x, b.Drawn(fmt.Sprintf("mask%d", k), sgd.Bernoulli{Keep: d.Keep}, x.Shape().Dims()...))
}
