package ad_test

import (
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/parse"
)

func ExampleClassAt() {
	f, err := parse.Parse("x >= 0 ? sqrt(x) : 0")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range []float64{4, -1, 0} {
		c, err := ad.ClassAt(f, [][]float64{{x}})
		fmt.Println(x, c, c.Certified(), err)
	}
	// Output:
	// 4 semialgebraic true <nil>
	// -1 affine true <nil>
	// 0 semialgebraic false <nil>
}

// In float64, 0.1 + 0.2 − 0.3 is not 0.
func ExampleClassAtExact() {
	f, err := parse.Parse("1/(x + y - 0.3)")
	if err != nil {
		fmt.Println(err)
		return
	}
	rounded, err := ad.ClassAt(f, [][]float64{{0.1}, {0.2}})
	fmt.Println(rounded.Lipschitz, err)
	exactly, err := ad.ClassAtExact(f, [][]*big.Rat{{big.NewRat(1, 10)}, {big.NewRat(2, 10)}})
	fmt.Println(exactly.Lipschitz, err)
	fmt.Println(exactly.Refused())
	// Output:
	// true <nil>
	// false <nil>
	// div#6: the denominator is 0 (here 0); if it is meant to be positive, write x/max(y, c) with a constant c > 0
}
