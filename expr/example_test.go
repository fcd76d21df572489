package expr_test

import (
	"fmt"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func Example() {
	g := expr.NewGraph()
	x := g.Input("x", 2)
	w := g.Param("w", 3, 2)
	b := g.Param("b", 3)
	h := expr.ReLU(expr.Add(expr.MatMul(w, x), b))
	f, err := g.Func(expr.In(x, w, b), expr.Out(expr.Sum(h)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(f)
	fmt.Println(f.Class())
	// Output:
	// func(x [2], w [3,2] parameter, b [3] parameter)
	//   matvec#3 = matvec(w, x; 0)  [3]
	//   add#4    = add(matvec#3, b) [3]
	//   relu#5   = relu(add#4)      [3]
	//   sum#6    = sum(relu#5; 1)   []
	//   return sum#6
	// piecewise polynomial of degree 2
}

// The first mistake is kept, with the line that made it.
func ExampleGraph_Func() {
	g := expr.NewGraph()
	x, w := g.Input("x", 3), g.Param("w", 2, 2)
	y := expr.MatMul(w, x)
	_, err := g.Func(expr.In(x, w), expr.Out(expr.ReLU(y)))
	fmt.Println(err)
	// Output:
	// expr: matvec of [2,2] × [3]: the matrix has 2 columns, the vector 3 entries (example_test.go:37)
}

func ExampleFunc_Class() {
	for _, text := range []string{
		"relu(x) - relu(-x)",
		"x*abs(y) + 1/(1 + x^2)",
		"sqrt(x^2)", // |x|, but not by a proof
		"sin(tanh(x))",
		"sin(1/x)",
	} {
		f, err := parse.Parse(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		c := f.Class()
		fmt.Printf("%-24s %v; certified %v\n", text, c, c.Certified())
		for _, r := range c.Reasons {
			fmt.Println("   ", r)
		}
	}
	// Output:
	// relu(x) - relu(-x)       piecewise affine; certified true
	// x*abs(y) + 1/(1 + x^2)   semialgebraic; certified true
	// sqrt(x^2)                semialgebraic; certified false
	//     sqrt#2: the argument of sqrt may not be positive, and sqrt is not Lipschitz at 0; abs(x) is the spelling of sqrt(x^2) that works, as is norm2 for a vector
	// sin(tanh(x))             definable in R_an,exp; certified true
	// sin(1/x)                 not definable; certified false
	//     div#2: the denominator may be 0; if it is meant to be positive, write x/max(y, c) with a constant c > 0
	//     sin#3: sin of an argument that is not proved bounded is not definable in any o-minimal structure; bound the argument, as in sin(clamp(x, -c, c)) with a constant c
}

// The values of nodes at a point decide the germ there; ad.ClassAt computes them.
func ExampleFunc_ClassAt() {
	g := expr.NewGraph()
	x := g.Input("x")
	y := expr.Floor(x)
	f, err := g.Func(expr.In(x), expr.Out(expr.Mul(y, x)))
	if err != nil {
		fmt.Println(err)
		return
	}
	at := func(v, floor float64) func(expr.Node) []float64 {
		values := map[expr.Node][]float64{x: {v}, y: {floor}}
		return func(n expr.Node) []float64 { return values[n] }
	}
	fmt.Println(f.ClassAt(at(0.5, 0)))
	fmt.Println(f.ClassAt(at(2, 2)).Refused())
	// Output:
	// affine
	// floor#1: floor jumps at an integer (here 2); no continuous op rounds; it is constant between the integers, so take a point there or pass the rounded number as data
}

// A program of one point becomes one of many: no op needs a rule for that.
func ExampleVmap() {
	g := expr.NewGraph()
	x, w := g.Input("x", 3), g.Data("w", 2, 3)
	f, err := g.Func(expr.In(x, w), expr.Out(expr.Sort(expr.MatMul(w, x))))
	if err != nil {
		fmt.Println(err)
		return
	}
	many, _, err := expr.Vmap(f, 100, []expr.Node{w})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(many)
	// Output:
	// func(x [100,3], w [2,3] datum)
	//   matvec#2 = matvec(w, x; 0) [100,2]
	//   sort#3   = sort(matvec#2)  [100,2]
	//   return sort#3
}

// Of a long vector only the entries that are used count.
func ExampleOperations() {
	g := expr.NewGraph()
	x := g.Input("x", 1000)
	y := expr.Abs(expr.AffineOf(x, 2, 1))
	all, _ := g.Func(expr.In(x), expr.Out(expr.Sum(y)))
	few, _ := g.Func(expr.In(x), expr.Out(expr.Sum(expr.Slice(y, 0, 3))))
	fmt.Println(expr.Operations(all), expr.Operations(few))
	// Output: 2999 11
}

// Numbers are exact, however they are written.
func ExampleParseNumber() {
	for _, text := range []string{"0.1", "1/3", "-2.5e-3", "0x1.8p-1", "1/0"} {
		n, err := expr.ParseNumber(text)
		fmt.Println(n, err)
	}
	// Output:
	// 0.1 <nil>
	// 1/3 <nil>
	// -0.0025 <nil>
	// 0.75 <nil>
	// 0 the fraction 1/0 divides by 0
}

func ExampleNewShape() {
	s, err := expr.NewShape(2, 3)
	fmt.Println(s, s.Rank(), s.Size(), err)
	_, err = expr.NewShape(2, 0)
	fmt.Println(err)
	// Output:
	// [2,3] 2 6 <nil>
	// extents [2 0]: each must be at least 1 and their product at most 2147483647
}

// Extents of 1 stretch, and axes are aligned from the last.
func ExampleBroadcast() {
	column, _ := expr.NewShape(4, 1)
	row, _ := expr.NewShape(3)
	fmt.Println(expr.Broadcast(column, row))
	two, _ := expr.NewShape(2)
	fmt.Println(expr.Broadcast(two, row))
	// Output:
	// [4,3] <nil>
	// [] shapes [2] and [3] do not broadcast: extents 2 and 3 meet
}
