package network

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
)

// Linear is the affine layer x·W + b from the last axis of x, of extent in, to
// Out units: W has the shape in×Out and He's initial values unless Weights says other
// things, b the shape Out and 0. They are named w0 and b0 in the first layer, and so on.
// On points of a set, which are an axis before the last, it acts on each alike.
type Linear struct {
	Out     int
	NoBias  bool
	Weights Scaling
}

// Apply implements [Layer].
func (l Linear) Apply(b *Builder, x expr.Node) expr.Node {
	in, k := 1, b.Layer()
	if s := x.Shape(); s.Rank() > 0 {
		in = s.Dim(-1)
	}
	init := He(in)
	if l.Weights.Init != nil {
		init = l.Weights.Init(in, l.Out)
	}
	y := expr.MatMul(x, b.Param(fmt.Sprintf("w%d", k), init, in, l.Out))
	if l.Weights.Factor != nil {
		y = expr.Scale(l.Weights.Factor(in), y)
	}
	if l.NoBias {
		return y
	}
	return expr.Add(y, b.Param(fmt.Sprintf("b%d", k), Zero, l.Out))
}
