package expr

import (
	"fmt"
	"math/big"
)

// leaf is the record of a node without operands; executors fill it themselves,
// except for constants.
func leaf(name, doc string, eval func(*Call[float64]), exact func(*Call[*big.Rat])) Op {
	return Op{
		Name: name, Doc: doc, Attrs: AttrSpec{Max: -1},
		Shape:    func([]Shape, Attr) (Shape, error) { return Shape{}, fmt.Errorf("made by a Graph's own methods only") },
		Class:    Affine,
		Degree:   func([]int, Attr) int { return 1 },
		Constant: true,
		Eval:     eval, Exact: exact,
		Sample: sample(0, nil, dyadic),
	}
}

func filled[T any](*Call[T]) {}

var (
	opInput = new(Op)
	_       = define(opInput, leaf("input", "a variable, a parameter or data", filled[float64], filled[*big.Rat]))

	opSlot = new(Op)
	_      = define(opSlot, leaf("slot", "the open choice at a kink", filled[float64], filled[*big.Rat]))

	opConst = new(Op)
	_       = define(opConst, constLeaf())
)

func constLeaf() Op {
	op := leaf("const", "a constant: rank, extents…, entries…",
		func(c *Call[float64]) {
			for i, v := range c.Attr[1+c.Shape.Rank():] {
				c.Out[i] = v.Float()
			}
		},
		func(c *Call[*big.Rat]) {
			for i, v := range c.Attr[1+c.Shape.Rank():] {
				c.Out[i] = v.Rat()
			}
		})
	op.Degree = func([]int, Attr) int { return 0 }
	return op
}

// IsInput reports whether executors supply the node's value.
func (n Node) IsInput() bool { op := n.Op(); return op == opInput || op == opSlot }
