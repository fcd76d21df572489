package conservative_test

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/conservative"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// Two Go libraries give every entry that ties for a maximum the whole gradient.
// Where the entries stay tied, that predicts twice the slope; random curves, which
// leave the tie at once, do not see it.
func ExampleCheckCurves() {
	f, err := parse.Parse("max([x, y])")
	if err != nil {
		panic(err)
	}
	zero := clarke.RationalPoint([]*big.Rat{new(big.Rat)}, []*big.Rat{new(big.Rat)})
	check := func(rule conservative.Rule, families ...conservative.CurveFamily) {
		r, err := conservative.CheckCurves(context.Background(), f, zero, rule, conservative.CurveOptions{Families: families})
		if err != nil {
			panic(err)
		}
		fmt.Println(r)
	}
	all := conservative.Rule{}
	gomlx := conservative.Rule{Wiring: ad.GoMLX.Wiring()}
	check(all)
	check(gomlx, conservative.Segments, conservative.Arcs)
	check(gomlx)
	// Output:
	// conservative on the curves tested: the chain rule holds with every choice tried at 231 points of 96 curves
	// conservative on the curves tested: the chain rule holds with every choice tried at 32 points of 16 curves; none of them runs inside a kink
	// rejected: at x = -1, y = -1 along (1, 1), inside amax#3.w, the slope is 1; the rule predicts 2; to blame: amax#3 (+1)
}

// The code published with a paper on the derivative of relu at 0 returns alpha there
// without multiplying by the incoming cotangent. The error is a multiple of the
// switch's gradient, so no curve shows it; but the vector is none that
// backpropagation can return.
func ExampleCheckMembership() {
	f, err := parse.Parse("-2*relu(x)")
	if err != nil {
		panic(err)
	}
	relu, _ := expr.Lookup("relu")
	published := ad.Derivative{VJP: func(r *expr.Rule, ct expr.Node) []expr.Node {
		passed := expr.Where(r.In(0), expr.Greater, ct, r.Const(0))
		return []expr.Node{expr.Where(r.In(0), expr.Equal, r.Const(1), passed)} // alpha = 1
	}}
	rule := conservative.Rule{Rules: ad.WithRule(relu, published)}
	zero := clarke.RationalPoint([]*big.Rat{new(big.Rat)})

	r, err := conservative.CheckCurves(context.Background(), f, zero, rule, conservative.CurveOptions{})
	if err != nil {
		panic(err)
	}
	m, err := conservative.CheckMembership(context.Background(), f, zero, rule, conservative.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Verdict)
	fmt.Println("in D:", m.Verdict, "since", m.Why)
	for _, v := range m.Field.Vertices {
		fmt.Println("D reaches to", v.Float)
	}
	// Output:
	// conservative on the curves tested
	// in D: no since it is not in conv D
	// D reaches to [-2]
	// D reaches to [0]
}

// Which node is to blame is found among all that are active.
func ExampleCurveWitness() {
	f, err := parse.Parse("relu(x - y) + 3*median([x, y, 2*x - y])")
	if err != nil {
		panic(err)
	}
	median, _ := expr.Lookup("median")
	everyEqual := ad.Derivative{VJP: func(r *expr.Rule, ct expr.Node) []expr.Node {
		n := r.In(0).Shape().Dim(-1)
		same := expr.Where(expr.Sub(r.In(0), expr.Expand(r.Out(), n)), expr.Equal, r.Const(1), r.Const(0))
		return []expr.Node{expr.Mul(same, expr.Expand(ct, n))}
	}}
	rule := conservative.Rule{Rules: ad.WithRule(median, everyEqual), Wiring: ad.AtKink(0)}
	one := []*big.Rat{big.NewRat(1, 1)}
	r, err := conservative.CheckCurves(context.Background(), f, clarke.RationalPoint(one, one), rule, conservative.CurveOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Witness)
	// Output:
	// at x = 0, y = 0 along (1, 1), inside relu#3.s, median#9.w, the slope is 3; the rule predicts 9; to blame: median#9 (+6)
}
