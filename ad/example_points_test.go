package ad_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// A gradient has an open slot for every kink; what the slots are wired to decides
// what it means.
func ExampleWire() {
	f, _ := parse.Parse("max(x, y)")
	open, _ := ad.Gradient(f)
	for _, w := range []ad.Wiring{ad.AtSlot(1), ad.AtSlot(0.5), ad.PyTorch.Wiring(), ad.TensorFlow.Wiring()} {
		g, _ := ad.Wire(open, w)
		fmt.Println(at(g, 1, []float64{2}, []float64{2}), at(g, 2, []float64{2}, []float64{2}))
	}
	// Output:
	// [1] [0]
	// [0.5] [0.5]
	// [0.5] [0.5]
	// [1] [0]
}

// With a tolerance kinks count as active from a distance on.
func ExampleWithin() {
	f, _ := parse.Parse("abs(x) + relu(3*y)")
	g, _ := ad.Gradient(f)
	near, _ := ad.Wire(g, ad.Within(0.01))
	kinks, _ := ad.Kinks(near, []float64{0.5}, []float64{0.0025})
	for _, k := range kinks {
		fmt.Println(k.Slot, "switch", k.Switch, "distance", k.Distance)
	}
	// Output: relu#5.s switch 0.0075 distance 0.0025
}

// Kinks that a direction does not settle are those whose switch has no slope
// along it.
func ExampleFollow() {
	f, _ := parse.Parse("abs(x) + abs(x - y) + abs(y)")
	g, _ := ad.Gradient(f)
	d := g.Graph().Const(1)
	wired, _ := ad.Wire(g, ad.Follow([]expr.Node{d, d}))
	kinks, _ := ad.Kinks(wired, []float64{0}, []float64{0})
	for _, k := range kinks {
		fmt.Println(k.Slot)
	}
	// Output: abs#4.s
}

// The active kinks at a point, with what they leave open.
func ExampleKinks() {
	f, _ := parse.Parse("abs(x) + max(x, y, 1) + relu(y - 2)")
	g, _ := ad.Gradient(f)
	kinks, _ := ad.Kinks(g, []float64{0}, []float64{1})
	for _, k := range kinks {
		fmt.Println(k.Slot, "entries", k.Entries, "pieces", k.Pieces)
	}
	// Output:
	// amax#5.w entries [1 2] pieces 2
	// abs#1.s entries [0] pieces 2
}

// In rationals it is decided exactly which kinks are active.
func ExampleNewFinder() {
	f, _ := parse.Parse("relu(x + y - 0.3)")
	g, _ := ad.Gradient(f)
	finder, _ := ad.NewFinder(g)
	rounded, _ := finder.At([]float64{0.1}, []float64{0.2})
	exactly, _ := finder.AtExact([]*big.Rat{big.NewRat(1, 10)}, []*big.Rat{big.NewRat(1, 5)})
	fmt.Println(len(rounded), len(exactly))
	// Output: 0 1
}

// A rule of one's own is held against the program.
func ExampleCheckFunc() {
	f, _ := parse.Parse("max(v)", parse.Shapes(map[string][]int{"v": {3}}))
	amax, _ := expr.Lookup("amax")
	g, _ := ad.WithRule(amax, allOnes).Gradient(f)
	for _, v := range [][]float64{{1, 2, 3}, {1, 3, 3}} {
		r, _ := ad.CheckFunc(context.Background(), f, g, [][]float64{v}, ad.CheckOptions{})
		fmt.Println(r)
	}
	// Output:
	// agree: no kink is active, and the claim agrees with the program's derivative and along 5 of 5 directions with its values
	// wrong: along [0 1 1] the claim gives 2, outside of [1, 1]; no choice at amax#1.w gives the claim
}

// The gradient of log(eˣ) − x is 0, and what float64 computes of it is the rounding error of
// terms of some units.
func ExampleMagnitudes() {
	f, _ := parse.Parse("log(exp(x)) - x")
	g, _ := ad.Gradient(f)
	sizes, _ := ad.Magnitudes(g)
	x := []float64{1.1}
	fmt.Printf("%.0e of %.1f\n", at(g, 1, x)[0], at(sizes, 1, x)[0])
	// Output: -1e-16 of 7.2
}
