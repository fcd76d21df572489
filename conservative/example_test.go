package conservative_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// The program computes the identity, whose derivative is 1, but backpropagation
// may return anything between 0 and 2 at 0.
func ExampleAt() {
	f, err := parse.Parse("relu(x) - relu(-x)")
	if err != nil {
		panic(err)
	}
	d, err := conservative.At(context.Background(), f, clarke.RationalPoint([]*big.Rat{new(big.Rat)}), conservative.Options{})
	if err != nil {
		panic(err)
	}
	for _, v := range d.Vertices {
		fmt.Println(v.Float)
	}
	fmt.Println("0 in D:", d.ContainsZero, "because", d.ContainsZeroWhy)
	// Output:
	// [0]
	// [2]
	// 0 in D: yes because one choice at the kinks gives 0
}
