package exact_test

import (
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// In rationals a kink is met or missed, never nearly met: in float64 this is not 0.
func ExampleCompile() {
	f, _ := parse.Parse("relu(x + 0.2 - 0.3)")
	p, err := exact.Compile(f)
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := p.Run([]*big.Rat{big.NewRat(1, 10)})
	fmt.Println(y[0], err)

	f, _ = parse.Parse("exp(x)")
	_, err = exact.Compile(f)
	fmt.Println(err)
	// Output:
	// [0/1] <nil>
	// exact: exp#1 has no rational value; use float64 (eˣ)
}

// What is not rational is left out, with all that depends on it.
func ExamplePartial() {
	f, _ := parse.Parse("[x/3, exp(x), 1/x]")
	g, _ := f.Graph().Func(expr.In(f.In()...), expr.Out(f.Out()[0].Args()...))
	y, err := exact.Partial(g, []*big.Rat{new(big.Rat)})
	fmt.Println(y, err)
	// Output: [[0/1] [] []] <nil>
}
