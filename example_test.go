package tamegrad_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// A researcher's first ten lines: what PyTorch returns for a spelling of the
// identity, the conservative field that this comes from, and an element of
// Clarke's subdifferential, which has no other.
func Example() {
	f, _ := parse.Parse("relu(x) - relu(-x)")
	gradient, _ := ad.Gradient(f)
	pytorch, _ := ad.Wire(gradient, ad.PyTorch.Wiring())
	program, _ := vm.Compile(pytorch, vm.Options{})
	value, selection := make([]float64, 1), make([]float64, 1)
	_ = program.Run([][]float64{value, selection}, []float64{0})

	zero := clarke.RationalPoint([]*big.Rat{new(big.Rat)})
	field, _ := conservative.At(context.Background(), f, zero, conservative.Options{})
	limits, _ := clarke.At(context.Background(), f, zero, clarke.Options{})
	fmt.Println("selection", selection[0])
	fmt.Println("D from", field.Vertices[0].Float[0], "to", field.Vertices[1].Float[0])
	fmt.Println("limiting gradient", limits.Vertices[0].Float[0])
	// Output:
	// selection 0
	// D from 0 to 2
	// limiting gradient 1
}
