package conservative_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// The lasso in one variable, as the fixed point of a proximal gradient step, at
// the kink of its solution softthreshold(b, 1).
func ExampleImplicit() {
	f, err := parse.Parse("y - softthreshold(y/2 + b/2, 1/2)")
	if err != nil {
		panic(err)
	}
	y := f.In()[:1]
	at := clarke.RationalPoint([]*big.Rat{new(big.Rat)}, []*big.Rat{big.NewRat(1, 1)})
	s, err := conservative.Implicit(context.Background(), f, y, at, conservative.ImplicitOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println("every B is invertible:", s.Regular)
	fmt.Println("dy/db is between", s.Vertices[0].Float, "and", s.Vertices[1].Float)
	middle, err := s.Element(ad.AtSlot(0.5))
	if err != nil {
		panic(err)
	}
	fmt.Println("slot 1/2 gives", middle.Exact[0])
	// Output:
	// every B is invertible: yes
	// dy/db is between [0] and [1]
	// slot 1/2 gives 1/3
}

// |y| = x defines no function y near 0, although both choices at the kink have an
// invertible derivative.
func ExampleImplicit_singular() {
	f, err := parse.Parse("abs(y) - x")
	if err != nil {
		panic(err)
	}
	zero := clarke.RationalPoint([]*big.Rat{new(big.Rat)}, []*big.Rat{new(big.Rat)})
	s, err := conservative.Implicit(context.Background(), f, f.In()[:1], zero, conservative.ImplicitOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println("every B is invertible:", s.Regular)
	for i, k := range s.Singular.Support {
		fmt.Println(s.Singular.Low[i], "times", s.B[k].Float)
	}
	// Output:
	// every B is invertible: no
	// 1/2 times [-1]
	// 1/2 times [1]
}

// x₊ = |x|/2 + c at 0: differentiating the loop can give any number from 0 to 2,
// differentiating its fixed point only those from 2/3 to 2.
func ExampleIteration_Limit() {
	f, err := parse.Parse("abs(x)/2 + c")
	if err != nil {
		panic(err)
	}
	it, err := conservative.NewIteration(f, f.In()[:1], conservative.Options{})
	if err != nil {
		panic(err)
	}
	zero := clarke.RationalPoint([]*big.Rat{new(big.Rat)}, []*big.Rat{new(big.Rat)})
	l, err := it.Limit(context.Background(), zero, conservative.LimitOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println("contracts by", l.Contraction.Rho)
	fmt.Println("implicit:", l.Implicit[0].Exact[0], "to", l.Implicit[1].Exact[0])
	fmt.Println("limit set:", l.Vertices[0].Exact[0], "to", l.Vertices[1].Exact[0], "exactly:", l.Exact)
	// Output:
	// contracts by 0.5
	// implicit: 2/3 to 2/1
	// limit set: 0/1 to 2/1 exactly: true
}

// The derivative of a loop, step by step, with PyTorch's choice abs′(0) = 0.
func ExampleIteration_Piggyback() {
	f, err := parse.Parse("abs(x)/2 + c")
	if err != nil {
		panic(err)
	}
	it, err := conservative.NewIteration(f, f.In()[:1], conservative.Options{})
	if err != nil {
		panic(err)
	}
	at := clarke.FloatPoint([]float64{0}, []float64{1})
	for i, err := range it.Piggyback(context.Background(), at, clarke.Vector{}, conservative.Wired(ad.PyTorch.Wiring())) {
		if err != nil {
			panic(err)
		}
		fmt.Println(i.Step, i.State.Float, i.Jacobian.Float)
		if i.Step == 4 {
			break
		}
	}
	// Output:
	// 0 [0] [0]
	// 1 [1] [1]
	// 2 [1.5] [1.5]
	// 3 [1.75] [1.75]
	// 4 [1.875] [1.875]
}
