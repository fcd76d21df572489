package workload

import (
	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/expr"
)

// ScalarOperations is the length of the chain that is measured, ScalarLanes the number of points at once.
const (
	ScalarOperations = 100_000
	ScalarLanes      = 256
)

// ScalarChain is a chain of n operations on two scalars, half of them kinks.
func ScalarChain(n int) *expr.Func {
	g := expr.NewGraph()
	x, y := g.Input("x"), g.Input("y")
	z := expr.Add(x, y)
	for i := range n - 1 {
		switch i % 6 {
		case 0:
			z = expr.ReLU(z)
		case 1:
			z = expr.AffineOf(z, 0.5, 1)
		case 2:
			z = expr.Abs(z)
		case 3:
			z = expr.Sub(z, y)
		case 4:
			z = expr.Max(z, x)
		default:
			z = expr.Mul(z, x)
		}
	}
	return must(g.Func(expr.In(x, y), expr.Out(z)))
}

// ScalarPoints are n pairs (x, y): points of the chain.
func ScalarPoints(n int) (x, y []float64) {
	s := peer.Stream(29)
	for range n {
		x, y = append(x, 0.25+float64(0.5*s.Unit())), append(y, 0.25+float64(0.5*s.Unit()))
	}
	return x, y
}
