package descent_test

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// crease is |x| + (x − y)², written by hand.
type crease struct{}

func (crease) Dim() int { return 2 }

func (crease) Evaluate(x, gradient []float64) (float64, error) {
	d := x[0] - x[1]
	if gradient != nil {
		gradient[0], gradient[1] = math.Copysign(1, x[0])+2*d, -2*d
	}
	return math.Abs(x[0]) + d*d, nil
}

func ExampleGradientSampling() {
	r, err := descent.GradientSampling{Seed: 1}.Minimize(context.Background(), crease{}, []float64{3, -2}, descent.Limits{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.5f %s\n", r.F, r.Status)
	fmt.Println(r.Certificate.Distance <= 1e-6, r.Certificate.Radius <= 1e-6)
	// Output:
	// 0.00000 stationary
	// true true
}

func ExampleBFGS() {
	r, err := descent.BFGS{}.Minimize(context.Background(), crease{}, []float64{3, -2}, descent.Limits{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.5f %s\n", r.F, r.Status)
	fmt.Println(r.Certificate.Check(crease{}, r.X, 1e-9))
	// Output:
	// 0.00000 stationary
	// <nil>
}

// A program is an oracle with the gradients of package ad.
func ExampleAuto() {
	f, err := parse.Parse("abs(x) + (x - y)^2")
	if err != nil {
		panic(err)
	}
	p, err := descent.NewProgram(f, ad.AtKink(0))
	if err != nil {
		panic(err)
	}
	r, err := descent.Auto{}.Minimize(context.Background(), p, []float64{3, -2}, descent.Limits{Calls: 1000})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.5f %s\n", r.F, r.Status)
	// Output:
	// 0.00000 stationary
}

// gonum's method of Nelder and Mead asks for values only.
func ExampleProblem() {
	r, err := optimize.Minimize(descent.Problem(crease{}), []float64{3, -2}, nil, &optimize.NelderMead{})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", r.F)
	// Output:
	// 0.000
}
