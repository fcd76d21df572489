package expr_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tamegrad/tamegrad/expr"
)

func ExampleFormat() {
	g := expr.NewGraph()
	x := g.Input("x")
	f, err := g.Func(expr.In(x), expr.Out(expr.Sub(expr.ReLU(x), expr.ReLU(expr.Neg(x)))))
	if err != nil {
		panic(err)
	}
	fmt.Println(expr.Format(f))
	// Output:
	// let a = relu(x); let b = neg(x); let c = relu(b); sub(a, c)
}

// The derivative of a kink is a program with an open slot.
func ExampleFunc_String() {
	g := expr.NewGraph()
	x, w, b := g.Data("x", 3), g.Param("w", 2, 3), g.Param("b", 2)
	z := expr.Add(expr.MatMul(w, x), b)
	y := expr.ReLU(z)
	loss := expr.Mul(expr.Sum(y), g.Rat(big.NewRat(1, 3)))
	slope := expr.Slopes(y)[0]
	f, err := g.Func(expr.In(w, b, x), expr.Out(loss, slope))
	if err != nil {
		panic(err)
	}
	fmt.Print(f)
	// Output:
	// func(w [2,3] parameter, b [2] parameter, x [3] datum)
	//   relu#5.s = slot: step of relu#5  [2]
	//   matvec#3 = matvec(w, x; 0)       [2]
	//   add#4    = add(matvec#3, b)      [2]
	//   relu#5   = relu(add#4)           [2]
	//   sum#6    = sum(relu#5; 1)        []
	//   const#7  = 1/3                   []
	//   mul#8    = mul(sum#6, const#7)   []
	//   step#10  = step(add#4, relu#5.s) [2]
	//   return mul#8, step#10
}

func ExampleDOT() {
	g := expr.NewGraph()
	x := g.Input("x")
	y := expr.LeakyReLU(expr.Mul(x, g.Const(2)), 0.25)
	f, err := g.Func(expr.In(x), expr.Out(expr.Mul(expr.Slopes(y)[0], y)))
	if err != nil {
		panic(err)
	}
	fmt.Print(expr.DOT(f))
	// Output:
	// digraph program {
	//   node [shape=ellipse, fontname="sans-serif"];
	//   n0 [label="x", shape=box];
	//   n1 [label="2", shape=plaintext];
	//   n2 [label="mul#2"];
	//   n3 [label="leakyrelu#3\n0.25", style=filled, fillcolor="#f9d6d2", color="#c0392b"];
	//   n4 [label="leakyrelu#3.s", shape=diamond, style=dashed, color="#c0392b"];
	//   n5 [label="step#5", style=filled, fillcolor="#f9d6d2", color="#c0392b"];
	//   n6 [label="affine#6\n0.75 0.25"];
	//   n7 [label="mul#7", peripheries=2];
	//   n0 -> n2;
	//   n1 -> n2;
	//   n2 -> n3;
	//   n3 -> n4 [style=dotted, arrowhead=none];
	//   n2 -> n5;
	//   n4 -> n5;
	//   n5 -> n6;
	//   n6 -> n7;
	//   n3 -> n7;
	// }
}

func TestFormatNamesAndConstants(t *testing.T) {
	g := expr.NewGraph()
	x, odd, a := g.Input("x"), g.Input("layer.0/w"), g.Input("a")
	c := g.Const(2)
	sum := expr.Add(expr.Mul(x, c), expr.Mul(odd, g.Const(-0.5)))
	v := expr.Concat(expr.Stack(sum, g.Rat(big.NewRat(1, 3))), expr.Stack(c))
	f, err := g.Func(expr.In(a, odd, x), expr.Out(v))
	require.NoError(t, err)
	require.Equal(t, "let _ = a; let _ = layer_0_w; let _ = x; "+
		"let b = 2; let c = mul(x, b); let d = mul(layer_0_w, -0.5); let e = add(c, d); "+
		"let f = const(0, 1/3); let g = stack(e, f); let h = stack(b); concat(g, h, 1)", expr.Format(f))
	require.Equal(t, []string{"a", "layer_0_w", "x"}, expr.Identifiers(f))
}

func TestFormatSeveralOutputs(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x")
	y := expr.Abs(x)
	f, err := g.Func(expr.In(x), expr.Out(y, x, g.Const(3), expr.Neg(y)))
	require.NoError(t, err)
	require.Equal(t, "let a = abs(x); let b = neg(a); [a, x, 3, b]", expr.Format(f))
}

func TestFormatSlots(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input("x")
	expr.Neg(x)
	y := expr.ReLU(x)
	taken := g.Input("relu_2_s")
	f, err := g.Func(expr.In(x, taken), expr.Out(expr.Mul(expr.Slopes(y)[0], taken)))
	require.NoError(t, err)
	require.Equal(t, []string{"x", "relu_2_s", "relu_2_s_"}, expr.Identifiers(f))
	require.Equal(t, "let _ = x; let _ = relu_2_s; let _ = relu_2_s_; let a = step(x, relu_2_s_); mul(a, relu_2_s)", expr.Format(f))
}

// TestHash builds one program in two ways and three that differ from it.
func TestHash(t *testing.T) {
	build := func(edit func(g *expr.Graph, x, y expr.Node) expr.Node) string {
		g := expr.NewGraph()
		x, y := g.Input("x"), g.Input("y", 2)
		out := edit(g, x, y)
		f, err := g.Func(expr.In(x, y), expr.Out(out))
		require.NoError(t, err)
		return f.Hash()
	}
	plain := build(func(g *expr.Graph, x, y expr.Node) expr.Node {
		return expr.Add(expr.ReLU(x), expr.Mul(x, g.Const(0.5)))
	})
	require.Len(t, plain, 64)
	require.Equal(t, plain, build(func(g *expr.Graph, x, y expr.Node) expr.Node {
		half := g.Rat(big.NewRat(1, 2))
		expr.Exp(y)
		r := expr.ReLU(x)
		expr.Slopes(r)
		return expr.Add(r, expr.Mul(x, half))
	}), "dead nodes, derivatives and where constants stand do not matter")
	for _, edit := range []func(g *expr.Graph, x, y expr.Node) expr.Node{
		func(g *expr.Graph, x, y expr.Node) expr.Node {
			return expr.Add(expr.ReLU(x), expr.Mul(x, g.Const(0.25)))
		},
		func(g *expr.Graph, x, y expr.Node) expr.Node {
			return expr.Add(expr.Mul(x, g.Const(0.5)), expr.ReLU(x))
		},
		func(g *expr.Graph, x, y expr.Node) expr.Node { return expr.Add(expr.Abs(x), expr.Mul(x, g.Const(0.5))) },
	} {
		require.NotEqual(t, plain, build(edit))
	}
	tenth := build(func(g *expr.Graph, x, _ expr.Node) expr.Node { return expr.Mul(x, g.Const(0.1)) })
	require.NotEqual(t, tenth, build(func(g *expr.Graph, x, _ expr.Node) expr.Node {
		return expr.Mul(x, g.Rat(big.NewRat(1, 10)))
	}), "constants count with their exact values")
}

// TestHashIsStable pins the hash: run folders are named by it.
func TestHashIsStable(t *testing.T) {
	g := expr.NewGraph()
	x := g.Param("x", 2)
	f, err := g.Func(expr.In(x), expr.Out(expr.Sum(expr.LeakyReLU(x, 0.5))))
	require.NoError(t, err)
	require.Equal(t, "870eb251d5af9e643e10f5fa00a8ccad6d10f5a85a3f7ec3a0686a3f242fb2ba", f.Hash())
}

// TestLongChain would overflow the stack or run for hours if anything recursed
// or were quadratic.
func TestLongChain(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	const n = 100_000
	g := expr.NewGraph()
	x := g.Input("x")
	y := x
	for range n {
		y = expr.Abs(y)
	}
	f, err := g.Func(expr.In(x), expr.Out(y))
	require.NoError(t, err)
	require.Equal(t, n-1, strings.Count(expr.Format(f), "; "))
	require.Equal(t, n+2, strings.Count(f.String(), "\n"))
	require.Equal(t, n+1, strings.Count(expr.DOT(f), "label="))
	require.Len(t, f.Hash(), 64)
}

func TestListingCutsLongLists(t *testing.T) {
	g := expr.NewGraph()
	c := g.Tensor(make([]float64, 1000), 1000)
	f, err := g.Func(expr.Out(expr.Add(c, expr.Gather(c, make([]int, 1000)...))))
	require.NoError(t, err)
	require.Contains(t, f.String(), "const#0  = 0 0 0 0 0 0 0 0 … 1000 in all [1000]")
	require.Contains(t, f.String(), "gather#1 = gather(const#0; 1 0 0 0 0 0 0 0 … 1001 in all) [1000]")
}

func TestNumbersRefusesMistakes(t *testing.T) {
	for _, dims := range [][]int{{2}, {0}, {1, 1, 1, 1, 1, 1}} {
		g := expr.NewGraph()
		require.False(t, g.Numbers(expr.Ints(1), dims...).Valid())
		require.Error(t, g.Err())
	}
}

func TestDOTQuotes(t *testing.T) {
	g := expr.NewGraph()
	x := g.Input(`a"b\c`)
	f, err := g.Func(expr.In(x), expr.Out(x))
	require.NoError(t, err)
	require.Contains(t, expr.DOT(f), `label="a\"b\\c", shape=box, peripheries=2`)
}
