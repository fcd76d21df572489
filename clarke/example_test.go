package clarke_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// The program computes the identity; its kinks leave no trace in ∂f.
func ExampleAt() {
	f, err := parse.Parse("relu(x) - relu(-x)")
	if err != nil {
		panic(err)
	}
	s, err := clarke.At(context.Background(), f, clarke.RationalPoint([]*big.Rat{new(big.Rat)}), clarke.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Vertices[0].Float, len(s.Vertices), s.Exact)
	// Output:
	// [1] 1 true
}

// Gradients near a kink of |x| are −1 and 1.
func ExampleSampler() {
	f, err := parse.Parse("abs(x)")
	if err != nil {
		panic(err)
	}
	s, err := clarke.NewSampler(f, ad.AtKink(0))
	if err != nil {
		panic(err)
	}
	near, err := s.Around(context.Background(), clarke.FloatPoint([]float64{0}), clarke.SampleOptions{Radius: 1e-3, Count: 20})
	if err != nil {
		panic(err)
	}
	hull, err := near.Hull()
	if err != nil {
		panic(err)
	}
	fmt.Println(hull[0].Float, hull[1].Float)
	// Output:
	// [-1] [1]
}
