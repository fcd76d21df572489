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
	// 0 in D: yes because 0 is in conv D and D is convex: no choice at a kink multiplies another
}

// T44 of the known answers: 0 is in the hull of the field but not in the field, as
// no choice at the two kinks gives it.
func ExampleField_Contains() {
	f, err := parse.Parse("abs(x - 1)/4 + abs(y - 2*abs(x) + 1)")
	if err != nil {
		panic(err)
	}
	zero, one := []*big.Rat{new(big.Rat)}, []*big.Rat{big.NewRat(-1, 1)}
	d, err := conservative.At(context.Background(), f, clarke.RationalPoint(zero, one), conservative.Options{})
	if err != nil {
		panic(err)
	}
	m, err := d.Contains(context.Background(), clarke.Rational([]*big.Rat{new(big.Rat), new(big.Rat)}))
	if err != nil {
		panic(err)
	}
	fmt.Println(d.HullContainsZero, m.Verdict, m.Why)
	fmt.Println("certificate:", m.Certificate.Check())
	// Output:
	// yes no no choice at the kinks gives 0, whatever the signs of the adjoints that arrive there
	// certificate: <nil>
}

// The support function of [−1, 1]² and of a disc of radius 1, in one pass.
func ExampleField_Support() {
	f, err := parse.Parse("norm1([x, y]) + norm2([x, y])")
	if err != nil {
		panic(err)
	}
	zero := []*big.Rat{new(big.Rat)}
	d, err := conservative.At(context.Background(), f, clarke.RationalPoint(zero, zero), conservative.Options{})
	if err != nil {
		panic(err)
	}
	h, err := d.Support(context.Background(), clarke.Rational([]*big.Rat{big.NewRat(3, 1), big.NewRat(4, 1)}), 0)
	if err != nil {
		panic(err)
	}
	fmt.Println(h.Closed, h.Upper.Float[0], h.Element.Float)
	// Output:
	// true 12 [1.6 1.8]
}

func ExampleBounds() {
	f, err := parse.Parse("abs(x - abs(y))")
	if err != nil {
		panic(err)
	}
	zero := []*big.Rat{new(big.Rat)}
	b, err := conservative.Bounds(context.Background(), f, clarke.RationalPoint(zero, zero), clarke.Options{}, conservative.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(b.Exact, b.IsHull, b.Gap)
	// Output:
	// true true 0
}

// PyTorch says that relu has derivative 0 at 0, and so 0 for a program that
// computes x.
func ExampleAudit() {
	f, err := parse.Parse("relu(x) - relu(-x)")
	if err != nil {
		panic(err)
	}
	r, err := conservative.Audit(context.Background(), f, clarke.FloatPoint([]float64{0}), ad.PyTorch.Wiring(), conservative.AuditOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Selection.Float, r.Verdict())
	r, err = conservative.Audit(context.Background(), f, clarke.RationalPoint([]*big.Rat{new(big.Rat)}), ad.PyTorch.Wiring(), conservative.AuditOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Print(r)
	// Output:
	// [0] unknown
	// value [0], selection [0]: conservative (in the Clarke subdifferential: no, in D: yes, in conv D: yes)
	// blame relu#1: another choice moves the selection by 1 towards the subdifferential
	// blame relu#3: another choice moves the selection by 1 towards the subdifferential
	// repair relu#1: [1] instead of [0]
	// repaired selection [1]
}
