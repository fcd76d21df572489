package tame

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// layer is a weight matrix, row-major, and a bias.
type layer struct {
	rows, cols int
	w, b       []float64
}

// positiveNetwork has layers of widths 2, 3, …, 3, 1 with positive weights, which are
// multiples of 1/64: all units are active at positive inputs.
func positiveNetwork(rng *rand.Rand, layers int) []layer {
	out := make([]layer, layers)
	for i := range out {
		l := layer{rows: 3, cols: 3}
		if i == 0 {
			l.cols = 2
		}
		if i == layers-1 {
			l.rows = 1
		}
		l.w, l.b = positive(rng, l.rows*l.cols), positive(rng, l.rows)
		out[i] = l
	}
	return out
}

func positive(rng *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(1+rng.IntN(64)) / 64
	}
	return out
}

// scaled is the network with all parameters of layers for which of is true times
// a factor, 0 for the others.
func scaled(net []layer, factor float64, of func(i int) bool) []layer {
	out := make([]layer, len(net))
	for i, l := range net {
		f := 0.0
		if of(i) {
			f = factor
		}
		out[i] = layer{l.rows, l.cols, times(f, l.w), times(f, l.b)}
	}
	return out
}

func times(factor float64, x []float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = factor * v
	}
	return out
}

// squareLoss is ½(F(x) − 1)² for the relu network F whose parameters the callback
// supplies.
func squareLoss(x expr.Node, net []layer, param func(i int, name string, values []float64, dims ...int) expr.Node) expr.Node {
	h := x
	for i, l := range net {
		if i > 0 {
			h = expr.ReLU(h)
		}
		h = expr.Add(expr.MatMul(param(i, "w", l.w, l.rows, l.cols), h), param(i, "b", l.b, l.rows))
	}
	return expr.Scale(0.5, expr.Pow(expr.Shift(expr.Sum(h), -1), 2))
}

var inputPoint = []float64{1, 0.5}

// inParameters is the loss as a function of all parameters.
func inParameters(net []layer) (*expr.Func, error) {
	g := expr.NewGraph()
	var in []expr.Node
	loss := squareLoss(g.Tensor(inputPoint, 2), net, func(i int, name string, _ []float64, dims ...int) expr.Node {
		p := g.Param(fmt.Sprint(name, i), dims...)
		in = append(in, p)
		return p
	})
	return g.Func(expr.In(in...), expr.Out(loss))
}

// alongLine is the loss at parameters net + t·change and input x + t·move, as a
// function of t.
func alongLine(net, change []layer, move []float64) (*exact.Program, error) {
	g := expr.NewGraph()
	t := g.Input("t")
	line := func(at, by []float64, dims ...int) expr.Node {
		return expr.Add(g.Tensor(at, dims...), expr.Mul(t, g.Tensor(by, dims...)))
	}
	loss := squareLoss(line(inputPoint, move, 2), net, func(i int, name string, values []float64, dims ...int) expr.Node {
		if name == "w" {
			return line(values, change[i].w, dims...)
		}
		return line(values, change[i].b, dims...)
	})
	f, err := g.Func(expr.In(t), expr.Out(loss))
	if err != nil {
		return nil, err
	}
	return exact.Compile(f)
}

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
// to the opposite parameters, θ − 2tθ.
func kinkSeen(net []layer) (bool, error) {
	f, err := alongLine(net, scaled(net, -2, func(int) bool { return true }), []float64{0, 0})
	if err != nil {
		return false, err
	}
	d, err := difference(f, 2*len(net)+1, large)
	return err == nil && d.Sign() != 0, err
}

// drawPiece draws the loss of two layers along a line and the polynomial of its
// first piece, by Lagrange's formula through 2L + 1 points of the piece.
func drawPiece(c *claim.Context) error {
	rng := c.Rand(claim.At("figure", "polynomial"))
	net := positiveNetwork(rng, 2)
	change := positiveNetwork(rng, 2)
	for i := range change { // parameters fall at different speeds
		change[i].w, change[i].b = times(-1.5, change[i].w), times(-1.5, change[i].b)
	}
	f, err := alongLine(net, change, []float64{0, 0})
	if err != nil {
		return err
	}
	var t, loss, polynomial []float64
	for i := range int64(41) {
		x := big.NewRat(i, 20)
		y, err := f.Run([]*big.Rat{x})
		if err != nil {
			return err
		}
		p, err := lagrange(f, 5, x)
		if err != nil {
			return err
		}
		t, loss, polynomial = append(t, float(x)), append(loss, float(y[0][0])), append(polynomial, float(p))
	}
	return c.Figure("polynomial", figure.Figure{
		Title:   "A loss and the polynomial of its piece",
		Caption: "Square loss of a relu network with two layers along a line in its parameters, and the polynomial of degree 4 that agrees with it in the piece of t = 0. They part where units switch off.",
		X:       figure.Axis{Label: "position t on the line", Unit: "1"}, Y: figure.Axis{Label: "loss", Unit: "1"},
		Series: []figure.Series{
			{Name: "loss", Style: figure.Measured, X: t, Y: loss, Color: 1},
			{Name: "polynomial of degree 2L = 4", Style: figure.Predicted, X: t, Y: polynomial, Color: 1},
		},
	})
}

// lagrange extrapolates from n points near 0, small apart, to x.
func lagrange(f *exact.Program, n int, x *big.Rat) (*big.Rat, error) {
	sum := new(big.Rat)
	for i := range n {
		at := new(big.Rat).Mul(small, big.NewRat(int64(i), 1))
		y, err := f.Run([]*big.Rat{at})
		if err != nil {
			return nil, err
		}
		term := new(big.Rat).Set(y[0][0])
		for j := range n {
			if j != i {
				other := new(big.Rat).Mul(small, big.NewRat(int64(j), 1))
				term.Mul(term, new(big.Rat).Quo(new(big.Rat).Sub(x, other), new(big.Rat).Sub(at, other)))
			}
		}
		sum.Add(sum, term)
	}
	return sum, nil
}
