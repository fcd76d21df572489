package ad_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// Near 0 the program is x + relu(−relu(x)): two kinks, the second of which is
// moved by what passes the first.
func ExampleNewLinearizer() {
	f, err := parse.Parse("x + relu(-relu(x))")
	if err != nil {
		panic(err)
	}
	l, err := ad.NewLinearizer(f, 0)
	if err != nil {
		panic(err)
	}
	lin, err := l.AtExact(context.Background(), []*big.Rat{new(big.Rat)})
	if err != nil {
		panic(err)
	}
	for i, r := range lin.Switch {
		fmt.Println("switch", i, "row", r.X, "terms", len(r.Terms))
	}
	second := lin.Switch[1].Terms[0]
	fmt.Println("the second switch moves by", second.Coefficient, "times what passes kink", lin.BlockOf(second.Through))
	fmt.Println("output", lin.Output[0].X, lin.Output[0].Terms[0].Coefficient)
	// Output:
	// switch 0 row [1] terms 0
	// switch 1 row [0] terms 1
	// the second switch moves by -1 times what passes kink 0
	// output [1] 1
}
