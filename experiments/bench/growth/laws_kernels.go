package growth

import (
	"math"

	"github.com/tamegrad/tamegrad/expr"
)

func kernelLaws() []Law {
	product := Law{
		Axis: "side m", Quick: doublings(8, 1<<9, 2), Full: doublings(8, 1<<11, 2),
		Prepare: func(m int) (Work, error) {
			g := expr.NewGraph()
			a, b := g.Input("a", m, m), g.Input("b", m, m)
			f, err := g.Func(expr.In(a, b), expr.Out(expr.MatMul(a, b)))
			return program(f, err, alone)
		},
	}
	layers := Law{
		Axis: "side p", Quick: doublings(8, 1<<9, 2), Full: doublings(8, 1<<11, 2),
		Prepare: func(p int) (Work, error) { return ratio(squares(networkLayers, p)) },
	}
	sorting := Law{
		Axis: "entries n", Quick: doublings(1<<6, 1<<16, 4), Full: doublings(1<<6, 1<<20, 2),
		Prepare: func(n int) (Work, error) {
			g := expr.NewGraph()
			x := g.Input("x", n)
			f, err := g.Func(expr.In(x), expr.Out(expr.Sort(x)))
			return program(f, err, alone)
		},
	}
	return []Law{
		product.law("product-operations", Operations, "The product of two m×m matrices takes 2m³ − m² operations.", func(m float64) float64 { return m * m * (2*m - 1) }, "2m³ − m²", "m² sums of m products each", everywhere()).exactly(),
		product.law(
			"product-time", Time, "The product of two m×m matrices takes time in proportion to m³.",
			power(3), "m³", "blocks of operands are packed once for each block of the other, so that arithmetic outweighs traffic by the size of a block", from(64, steady, "below it packing, m², and tiles that are not full count"),
		),
		layers.law(
			"network-operations", Operations, "Value and gradient of a network of square layers take operations in proportion to the square of the side.",
			func(p float64) float64 {
				value := float64(networkLayers*2*p*p) + p - 1
				return value + float64(networkLayers*p*(2*p+1)) - p
			}, "12p² + 3p − 1 for three layers", "each layer has one product with W and a kink for the value, and one with its transpose, a test and a gate for the gradient, but the last no gate, into which 1 comes; p − 1 additions", everywhere(),
		).exactly(),
		layers.law(
			"network-ratio", Ratio, "The price of the gradient of a network, relative to the value, does not depend on the side.",
			flat, "1", "12p² against 6p² operations, by products of the same matrices", []Range{
				{From: 64, To: 256, Below: steady, Above: steady, Reason: "beyond, three matrices leave the second-level cache; below, the calls count"},
			},
		),
		sorting.law(
			"sort-time", Time, "Sorting n numbers takes time in proportion to n log n.",
			func(n float64) float64 { return n * math.Log2(n) }, "n log n", "merges or partitions halve what is left", from(1<<10, steady, "below it sorting networks of fixed size do the work"),
		),
	}
}

const networkLayers = 3
