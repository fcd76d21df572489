package tame

import (
	"context"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// difference is the difference of an order at 0 with a step.
func difference(f *exact.Program, order int, step *big.Rat) (*big.Rat, error) {
	sum := new(big.Rat)
	for k := range order + 1 {
		y, err := f.Run([]*big.Rat{new(big.Rat).Mul(step, big.NewRat(int64(k), 1))})
		if err != nil {
			return nil, err
		}
		term := new(big.Rat).SetInt(new(big.Int).Binomial(int64(order), int64(k)))
		term.Mul(term, y[0][0])
		if (order-k)%2 == 1 {
			term.Neg(term)
		}
		sum.Add(sum, term)
	}
	return sum, nil
}

// small keeps all nodes of a difference within the piece of positive parameters,
// large carries them over to negative ones.
var (
	small = big.NewRat(1, 1<<20)
	large = big.NewRat(1, 1)
)

// lineKind is a family of lines and the degree of the loss along them.
type lineKind struct {
	name   string
	degree func(layers int) int
	draw   func(rng *rand.Rand, net []layer) (change []layer, move []float64)
}

var lineKinds = []lineKind{
	{"joint", func(l int) int { return 2 * l }, func(rng *rand.Rand, net []layer) ([]layer, []float64) {
		return positiveNetwork(rng, len(net)), []float64{0, 0}
	}},
	{"one-layer", func(int) int { return 2 }, func(rng *rand.Rand, net []layer) ([]layer, []float64) {
		one := rng.IntN(len(net))
		return scaled(positiveNetwork(rng, len(net)), 1, func(i int) bool { return i == one }), []float64{0, 0}
	}},
	{"input", func(int) int { return 2 }, func(rng *rand.Rand, net []layer) ([]layer, []float64) {
		return scaled(net, 0, func(int) bool { return false }), positive(rng, 2)
	}},
}

// degreeChecks compares degrees found by differences and by the class analysis.
func degreeChecks(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	layers := slices.Compact(slices.Sorted(slices.Values(c.Ints("layers"))))
	lines := c.Int("lines") * len(layers)
	wrong, certified, kinked, crossings := make([]int, len(lineKinds)), 0, 0, 0
	for _, l := range layers {
		for i := range c.Int("lines") {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			rng := c.Rand(claim.At("layers", l), claim.At("line", i))
			net := positiveNetwork(rng, l)
			for k, kind := range lineKinds {
				change, move := kind.draw(rng, net)
				ok, err := hasDegree(net, change, move, kind.degree(l))
				if err != nil {
					return nil, err
				}
				if !ok {
					wrong[k]++
				}
			}
			f, err := inParameters(net)
			if err != nil {
				return nil, err
			}
			if class := f.Class(); class.Kind.Within(expr.PiecewisePolynomial) && class.Degree == 2*l {
				certified++
			}
			if l > 1 { // one layer has no kink
				crossings++
				seen, err := kinkSeen(net)
				if err != nil {
					return nil, err
				}
				if seen {
					kinked++
				}
			}
		}
	}
	checks := []claim.Check{
		{Label: "degree-certified", Sentence: "The class analysis certifies the degree 2L.", Predicted: claim.Exact(float64(lines)), Measured: claim.Measured(float64(certified))},
	}
	if crossings > 0 {
		checks = append(checks, claim.Check{Label: "degree-across", Sentence: "Across kinks the loss is no polynomial of degree 2L: share of lines on which differences of order 2L + 1 are not 0.", Predicted: claim.Exact(1), Measured: claim.Measured(float64(kinked) / float64(crossings))})
	}
	for k, kind := range lineKinds {
		checks = append(checks, claim.Check{
			Label: "degree-" + kind.name, Sentence: "Lines on which the loss has another degree within its piece than predicted.",
			Predicted: claim.Exact(0), Measured: claim.Measured(float64(wrong[k])),
		})
	}
	return checks, drawPiece(c)
}

// hasDegree reports whether the loss along a line has a degree within its piece.
func hasDegree(net, change []layer, move []float64, degree int) (bool, error) {
	f, err := alongLine(net, change, move)
	if err != nil {
		return false, err
	}
	top, err := difference(f, degree, small)
	if err != nil {
		return false, err
	}
	above, err := difference(f, degree+1, small)
	return err == nil && top.Sign() != 0 && above.Sign() == 0, err
}

// kinkSeen reports whether differences of order 2L + 1 notice the kinks on the line
// to the opposite parameters, θ − 2tθ, of the network times 64. At t = 1, 2, … all hidden
// units are 0, and the loss is ½((1 − 2t)b − 1)² with the last bias b, a polynomial of
// degree 2; so the difference for L ≥ 2 is ±½((F(θ) − 1)² − (b − 1)²). Parameters of the
// larger network are at least 1, hence F(θ) > b ≥ 1, and that is never 0.
func kinkSeen(net []layer) (bool, error) {
	all := func(int) bool { return true }
	f, err := alongLine(scaled(net, 64, all), scaled(net, -128, all), []float64{0, 0})
	if err != nil {
		return false, err
	}
	d, err := difference(f, 2*len(net)+1, large)
	return err == nil && d.Sign() != 0, err
}
