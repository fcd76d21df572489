package optest_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/optest"
)

// The laws of an op of one's own are a test of one line.
func ExampleRun() {
	half, err := expr.Custom(expr.Op{
		Name: "half", Doc: "x/2", MinArgs: 1, Elementwise: true, Class: expr.Affine,
		Eval:   expr.MapFloat(func(x float64) float64 { return x / 2 }),
		Exact:  expr.MapExact(func(x *big.Rat) *big.Rat { return new(big.Rat).Mul(x, big.NewRat(1, 2)) }),
		Slopes: func(r *expr.Rule) []expr.Node { return []expr.Node{r.Const(0.5)} },
		Sample: expr.SampleEntries(1, nil),
	})
	fmt.Println(half.Name, err)
	_ = func(t *testing.T) { optest.Run(t, half) } // in a test file: func TestLawsOfHalf
	// Output: half <nil>
}

// Random programs come with a point, which is on a kink more often than not.
func ExamplePrograms() {
	programs := optest.Programs(optest.Config{Class: expr.PiecewiseAffine, Steps: 5})
	active := 0
	for seed := range 100 {
		p := programs.Example(seed)
		g, _ := ad.Gradient(p.Func)
		if kinks, _ := ad.Kinks(g, p.At...); len(kinks) > 0 {
			active++
		}
	}
	fmt.Println(active > 50)
	// Output: true
}

// Wirings that leave a slot's set are found out.
func ExampleOutside() {
	g := expr.NewGraph()
	x := g.Input("x", 2)
	f, _ := g.Func(expr.In(x), expr.Out(expr.Max(x)))
	b, _ := ad.Gradient(f)
	ones, _ := ad.Wire(b, ad.Gorgonia.Wiring())
	fmt.Println(optest.Outside(ones, []float64{1, 1}))
	// Output: rank#8 in row 0: weights of a tie that do not share 1 ranks: [1 1] at keys [[1 1]]
}
