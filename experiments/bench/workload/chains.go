package workload

import (
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/expr"
)

// Chain is a test function of many variables (M. Haarala, K. Miettinen, M. M. Mäkelä, Optimization Methods and Software 19,
// 2004), spelled in operations on vectors as other libraries were given it. Package problem has these functions too, in
// the operations that suit minimisation.
type Chain struct {
	Name string
	Func string // an exported name in Go
	// Operations of the plain function of n variables: + − · neg max abs exp log.
	Operations func(n int) int
	Build      func(x expr.Node) expr.Node
	Hand       func(dst, x []float64) float64 // value and gradient as one would write them by hand
	start      func(i, n int) float64
}

// Chains are problems 1, 3, 5, 6 and 9.
var Chains = []Chain{
	{"maxq", "MaxQ", func(n int) int { return 2*n - 1 }, maxQ, handMaxQ, func(i, n int) float64 {
		v := float64(i+1) / float64(n)
		if i >= n/2 {
			return -v
		}
		return v
	}},
	{"chained-lq", "ChainedLQ", func(n int) int { return 9 * (n - 1) }, chainedLQ, handChainedLQ, func(int, int) float64 { return -0.5 }},
	{"chained-cb3-2", "ChainedCB3II", func(n int) int { return 15*(n-1) + 2 }, chainedCB3II, handChainedCB3II, func(int, int) float64 { return 2 }},
	{"active-faces", "ActiveFaces", func(n int) int { return 5*n + 4 }, activeFaces, handActiveFaces, func(int, int) float64 { return 1 }},
	{"crescent-1", "CrescentI", func(n int) int { return 12*(n-1) + 1 }, crescentI, handCrescentI, func(i, _ int) float64 { return []float64{-1.5, 2}[i%2] }},
}

// Variables are the numbers of variables at which chains are measured.
var Variables = []int{1000, 100_000}

// Gradient and Value name the workloads of a chain of n variables.
func (c Chain) Gradient(n int) string { return fmt.Sprintf("w1/%s/%d", c.Name, n) }

// Value names the workload of the function alone.
func (c Chain) Value(n int) string { return c.Gradient(n) + "/value" }

// Program is the function of n variables.
func (c Chain) Program(n int) *expr.Func {
	g := expr.NewGraph()
	x := g.Input("x", n)
	return must(g.Func(expr.In(x), expr.Out(c.Build(x))))
}

// Start is the standard start of n variables, a little moved so that no two pieces tie.
func (c Chain) Start(n int) []float64 {
	s := peer.Stream(1)
	x := make([]float64, n)
	for i := range x {
		x[i] = c.start(i, n) + float64(0.01*s.Symmetric())
	}
	return x
}

func maxQ(x expr.Node) expr.Node { return expr.Max(expr.Mul(x, x)) }

func chainedLQ(x expr.Node) expr.Node {
	u, v := neighbours(x)
	a := expr.Neg(expr.Add(u, v))
	return expr.Sum(expr.Max(a, expr.Add(a, expr.Shift(expr.Add(expr.Mul(u, u), expr.Mul(v, v)), -1))))
}

func chainedCB3II(x expr.Node) expr.Node {
	u, v := neighbours(x)
	q, s, t := expr.Mul(u, u), expr.AffineOf(u, -1, 2), expr.AffineOf(v, -1, 2)
	first := expr.Sum(expr.Add(expr.Mul(q, q), expr.Mul(v, v)))
	second := expr.Sum(expr.Add(expr.Mul(s, s), expr.Mul(t, t)))
	return expr.Max(expr.Max(first, second), expr.Sum(expr.Scale(2, expr.Exp(expr.Sub(v, u)))))
}

func activeFaces(x expr.Node) expr.Node {
	g := func(y expr.Node) expr.Node { return expr.Log(expr.Shift(expr.Abs(y), 1)) }
	return expr.Max(g(expr.Neg(expr.Sum(x))), expr.Max(g(x)))
}

func crescentI(x expr.Node) expr.Node {
	u, v := neighbours(x)
	w := expr.Shift(v, -1)
	q := expr.Add(expr.Mul(u, u), expr.Mul(w, w))
	return expr.Max(expr.Sum(expr.Add(q, w)), expr.Sum(expr.Sub(expr.Shift(v, 1), q)))
}

// neighbours are the pairs (xᵢ, xᵢ₊₁).
func neighbours(x expr.Node) (u, v expr.Node) {
	n := x.Shape().Size()
	return expr.Slice(x, 0, n-1), expr.Slice(x, 1, n)
}
