package ad_test

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// Both modes share the slots of a kink.
func ExampleBackward() {
	f, _ := parse.Parse("[x*y, abs(x)]")
	backward, _ := ad.Backward(f)
	closed, _ := ad.Wire(backward, ad.AtKink(0))
	ct := []float64{1, 10} // weighs the two outputs
	fmt.Println(at(closed, 1, []float64{-2}, []float64{3}, ct), at(closed, 2, []float64{-2}, []float64{3}, ct))
	// Output: [-7] [-2]
}

func ExampleForward() {
	f, _ := parse.Parse("[x*y, abs(x)]")
	forward, _ := ad.Forward(f)
	closed, _ := ad.Wire(forward, ad.AtKink(0))
	fmt.Println(at(closed, 1, []float64{-2}, []float64{3}, []float64{1}, []float64{0}))
	// Output: [3 -1]
}

func ExampleElementAlong() {
	f, _ := parse.Parse("abs(x) - abs(y)")
	along, _ := ad.ElementAlong(f)
	in := [][]float64{{0}, {0}, {1}, {-1}} // the point, then a direction
	fmt.Println(at(along, 1, in...), at(along, 2, in...))
	// Output: [1] [1]
}

// The rows of a Jacobian are outputs, the columns entries of the inputs.
func ExampleJacobian() {
	f, _ := parse.Parse("sort(v)", parse.Shapes(map[string][]int{"v": {3}}))
	open, _ := ad.Jacobian(f)
	closed, _ := ad.Wire(open, ad.PyTorch.Wiring())
	j := at(closed, 1, []float64{5, 1, 3})
	fmt.Println(j[:3], j[3:6], j[6:])
	// Output: [0 1 0] [0 0 1] [1 0 0]
}

// A slot strictly inside its set is a choice of first order: with ½ the second
// derivative of |x|² would be 0.
func ExampleHessianVector() {
	f, _ := parse.Parse("abs(x)^2")
	_, err := ad.HessianVector(f, ad.AtSlot(0.5))
	fmt.Println(err)
	h, _ := ad.HessianVector(f, ad.AtSlot(1))
	zero, one := []float64{0}, []float64{1}
	fmt.Println("Hv", at(h, 2, zero, one), "active kinks", at(h, 3, zero, one))
	// Output:
	// ad: no second derivative: abs#1.s is not wired to 0 or 1, and only these select a branch; values between are choices of first order; wire it to a piece with Override(w, "abs#1.s", SlotValue(expr.Num(0))), or use Along
	// Hv [2] active kinks [1]
}

// Which kink is to blame for the derivative along a direction?
func ExampleSlotGradient() {
	f, _ := parse.Parse("relu(x) - 3*relu(-x)")
	s, _ := ad.SlotGradient(f)
	for i, n := range s.Slots() {
		slot, _ := n.Slot()
		fmt.Println(slot, at(s, 1+i, []float64{0}, []float64{1}))
	}
	// Output:
	// relu#4.s [3]
	// relu#1.s [1]
}

func ExampleAbsNormal() {
	f, _ := parse.Parse("max(x, abs(y))")
	form, _ := ad.AbsNormal(f)
	m, _ := form.At([]float64{0}, []float64{0})
	z, y := m.Eval([]float64{1, -3})
	fmt.Println(form.Names, z, y)
	// Output: [abs#2.s max#3.s] [-3 -2] [3]
}

// Go's libraries give every entry of a tied maximum the whole derivative.
func ExampleWithRule() {
	f, _ := parse.Parse("max(v)", parse.Shapes(map[string][]int{"v": {3}}))
	amax, _ := expr.Lookup("amax")
	g, _ := ad.WithRule(amax, allOnes).Gradient(f)
	fmt.Println(at(g, 1, []float64{2, 2, 1}))
	// Output: [1 1 0]
}

// A hand-written derivative is held against the program: away from kinks against
// its values, at kinks against all that backpropagation may return.
func ExampleCheck() {
	f, _ := parse.Parse("abs(x) + y^2")
	at := [][]float64{{0}, {3}}
	for _, claimed := range [][]float64{{0.5, 6}, {0.5, 3}, {-2, 6}} {
		r, _ := ad.Check(context.Background(), f, claimed, at, ad.CheckOptions{})
		fmt.Println(r)
	}
	// Output:
	// kink: the claim is an element of the conservative field; it depends on the choice at abs#1.s
	// wrong: along [0 -1] the claim gives -3, outside of [-6, -6]; no choice at abs#1.s gives the claim
	// wrong: along [-1 0] the claim gives 2, outside of [-1, 1]; no choice at abs#1.s gives the claim
}
