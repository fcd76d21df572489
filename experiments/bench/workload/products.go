package workload

import (
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/expr"
)

// Product is a product of an M×K and a K×N matrix, of which one may be given transposed.
type Product struct {
	M, K, N int
	TA, TB  bool // A is given as K×M, B as N×K
	Thin    bool // with a side so short that memory is the limit
}

// Products are squares, the shapes of W2 forward and backward, and thin ones.
var Products = slices.Concat(squares(64, 128, 256, 512, 1024), []Product{
	{M: 128, K: 784, N: 256},
	{M: 128, K: 256, N: 128},
	{M: 784, K: 128, N: 256, TA: true},
	{M: 256, K: 128, N: 128, TA: true},
	{M: 128, K: 128, N: 256, TB: true},
	{M: 1, K: 784, N: 256, Thin: true},
	{M: 256, K: 784, N: 1, Thin: true},
	{M: 4, K: 784, N: 256, Thin: true},
	{M: 8, K: 784, N: 256, Thin: true},
	{M: 128, K: 128, N: 10, Thin: true},
	{M: 128, K: 10, N: 128, TB: true, Thin: true},
})

func squares(sizes ...int) (p []Product) {
	for _, n := range sizes {
		p = append(p, Product{M: n, K: n, N: n})
	}
	return p
}

// Name is that of the workload: "gemm/f32/128x784x256", with t after an operand that is transposed.
func (p Product) Name(precision string) string {
	t := map[bool]string{true: "t"}
	return fmt.Sprintf("gemm/%s/%dx%d%sx%d%s", precision, p.M, p.K, t[p.TA], p.N, t[p.TB])
}

// Program is the product of the inputs a and b.
func (p Product) Program() *expr.Func {
	g := expr.NewGraph()
	shape := func(rows, columns int, transposed bool) []int {
		if transposed {
			return []int{columns, rows}
		}
		return []int{rows, columns}
	}
	a, b := g.Input("a", shape(p.M, p.K, p.TA)...), g.Input("b", shape(p.K, p.N, p.TB)...)
	x, y := a, b
	if p.TA {
		x = expr.Transpose(a)
	}
	if p.TB {
		y = expr.Transpose(b)
	}
	return must(g.Func(expr.In(a, b), expr.Out(expr.MatMul(x, y))))
}

// Inputs are a and b as they are given.
func (p Product) Inputs() (a, b []float64) {
	s := peer.Stream(19)
	return s.Symmetrics(p.M*p.K, 1), s.Symmetrics(p.K*p.N, 1)
}
