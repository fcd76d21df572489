package descent_test

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// QL has its minimum 7.2 at (1.2, 2.4), on the kink of the first two pieces with weights 0.76 and 0.24.
func ExamplePolish() {
	f, err := parse.Parse("let q = x^2 + y^2; max(q, max(q + 10*(4 - 4*x - y), q + 10*(6 - x - 2*y)))")
	if err != nil {
		panic(err)
	}
	p, err := descent.NewProgram(f, ad.AtKink(0))
	if err != nil {
		panic(err)
	}
	near, err := descent.GradientSampling{}.Minimize(context.Background(), p, []float64{-1, 5}, descent.Limits{})
	if err != nil {
		panic(err)
	}
	r, err := descent.Polish{}.Refine(context.Background(), p, near)
	if err != nil {
		panic(err)
	}
	fmt.Println(near.F-7.2 < 1e-5, r.Result.F-7.2 < 1e-14, r.Result.Certificate.Radius < 1e-14)
	for _, k := range r.Active {
		fmt.Printf("%s: weights %.4f and %.4f\n", k.Name, (1+k.Multiplier)/2, (1-k.Multiplier)/2)
	}
	// Output:
	// true true true
	// max#22.s: weights 0.7600 and 0.2400
}

// Complementarity: 0 ≤ x, 2x + y − 1 ≥ 0, one of them 0; and so for y and x + 2y + 1.
func ExampleNewton() {
	f, err := parse.Parse("[min(x, 2*x + y - 1), min(y, x + 2*y + 1)]")
	if err != nil {
		panic(err)
	}
	r, err := descent.Newton{}.Solve(context.Background(), f, []float64{5, 5})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.X, r.Status, r.Iterations)
	// Output: [0.5 0] solved 2
}
