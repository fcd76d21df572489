package ad_test

import (
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func ExampleJacobianForward() {
	f, _ := parse.Parse("[relu(x), 3*x]")
	open, _ := ad.JacobianForward(f)
	j, _ := ad.Wire(open, ad.AtKink(0))
	fmt.Println(at(j, 1, []float64{0}))
	// Output: [0 3]
}

func ExampleJacobianBackward() {
	f, _ := parse.Parse("x*abs(y)")
	open, _ := ad.JacobianBackward(f)
	j, _ := ad.Wire(open, ad.AtKink(0))
	fmt.Println(at(j, 1, []float64{2}, []float64{-3}))
	// Output: [3 -2]
}

// A limiting Jacobian of a program with several outputs, applied backwards: at a
// tie the direction decides about the order.
func ExampleJacobianElementAlong() {
	f, _ := parse.Parse("sort(v)", parse.Shapes(map[string][]int{"v": {2}}))
	j, _ := ad.JacobianElementAlong(f)
	tie, ct := []float64{1, 1}, []float64{10, 20}
	fmt.Println(at(j, 1, tie, ct, []float64{1, 2}), at(j, 1, tie, ct, []float64{2, 1}))
	// Output: [10 20] [20 10]
}

func ExampleHessian() {
	f, _ := parse.Parse("x^2*y + relu(y)^2")
	h, _ := ad.Hessian(f, ad.AtSlot(1))
	fmt.Println(at(h, 3, []float64{3}, []float64{1}))
	// Output: [2 6 6 2]
}

// Derivatives of any order: the gradient is differentiated again, and closed by a
// wiring that selects a branch at every kink.
func ExampleWireByPieces() {
	f, _ := parse.Parse("relu(x)^3")
	first, _ := ad.Gradient(f)
	second, _ := ad.Forward(first)
	wired, _ := ad.WireByPieces(second, ad.PyTorch.Wiring())
	fmt.Println(at(wired, 3, []float64{2}, []float64{1}))
	// Output: [12]
}
