package critical

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
)

// batchText sums the rows 0 and 6 of one clamped unit with the bias b.
const batchText = "clamp(b, 0, 6) + clamp(b + 6, 0, 6)"

// counterexamples drop one hypothesis each. At the origin all functions are
// smooth, so the Clarke subdifferential is a point.
func counterexamples(ctx context.Context) ([]claim.Check, error) {
	const (
		noBias = identityText
		shared = "relu(-(x + b)) + (x + b) - relu(x + b)"
		batch  = batchText
		plain  = "relu(b + w) - 2*relu(b) + relu(b - w)"
	)
	var checks []claim.Check
	for _, e := range []struct {
		label, text, sentence string
		wiring                ad.Wiring
		want                  float64 // first entry of what is returned
		truth                 float64 // first entry of the gradient
	}{
		{"no-bias", noBias, "Without biases relu(x) − relu(−x), which is x, gets the derivative 0.", ad.AtKink(0), 0, 1},
		{"shared-bias", shared, "With a bias shared by two units, a program of the function 0 gets the partial derivative 1.", ad.AtKink(0), 1, 0},
		{"batch-pytorch", batch, "For a minibatch of two, the sum of two rows of a clamped unit has derivative 1 and gets 2 in PyTorch.", ad.PyTorch.Wiring(), 2, 1},
		{"batch-jax", batch, "In JAX it gets 0.", ad.JAX.Wiring(), 0, 1},
	} {
		returned, truth, inside, err := compareAtOrigin(ctx, e.text, e.wiring)
		if err != nil {
			return nil, err
		}
		if inside {
			return nil, fmt.Errorf("%s: what backpropagation returns is a Clarke subgradient, so this is no counterexample", e.label)
		}
		checks = append(checks,
			claim.Check{Label: e.label, Predicted: claim.Exact(e.want), Measured: claim.Measured(returned), Sentence: e.sentence},
			claim.Check{Label: e.label + "-clarke", Predicted: claim.Exact(e.truth), Measured: claim.Measured(truth), Sentence: "The Clarke subdifferential of the function there is a point with this first entry, exactly."})
	}
	relu, err := parse.Parse(plain)
	if err != nil {
		return nil, err
	}
	a, err := newAuditor(relu)
	if err != nil {
		return nil, err
	}
	_, inside, err := a.at(ctx, origin(relu))
	if err != nil {
		return nil, err
	}
	return append(checks, claim.Check{
		Label: "batch-of-relu", Predicted: claim.Exact(1), Measured: claim.Measured(float64(inside) / float64(len(a.gradients))),
		Sentence: "For a minibatch of three rows of one relu unit with a bias, all at the kink, all frameworks and constants return a Clarke subgradient.",
	}), nil
}

// compareAtOrigin returns the first entries of what backpropagation returns and
// of the first vertex of ∂f at 0, and whether the former is in ∂f.
func compareAtOrigin(ctx context.Context, text string, w ad.Wiring) (returned, truth float64, inside bool, err error) {
	f, err := parse.Parse(text)
	if err != nil {
		return 0, 0, false, err
	}
	a, err := newAuditorFor(f, []ad.Wiring{w})
	if err != nil {
		return 0, 0, false, err
	}
	x := origin(f)
	set, in, err := a.at(ctx, x)
	if err != nil {
		return 0, 0, false, err
	}
	if !set.Exact {
		return 0, 0, false, fmt.Errorf("the Clarke subdifferential of %s is not known exactly: %s", text, set.Why)
	}
	out, err := a.gradients[0].Run(x...)
	if err != nil {
		return 0, 0, false, err
	}
	v := clarke.Rational(out[1])
	return v.Float[0], set.Vertices[0].Float[0], in == 1, nil
}

// drawBatch shows what backpropagation returns for the minibatch of two.
func drawBatch(c *claim.Context) error {
	f := figure.Figure{
		Title:   "A minibatch of two rows of a clamped unit",
		Caption: "Derivative of clamp(b, 0, 6) + clamp(b + 6, 0, 6), which is b + 6 near 0, as backpropagation returns it with two frameworks' values at kinks. At b = 0 both rows are at a kink and both frameworks miss the derivative 1.",
		X:       figure.Axis{Label: "bias b", Unit: "1"}, Y: figure.Axis{Label: "derivative", Unit: "1"},
	}
	truth := figure.Series{Name: "derivative of the function", Style: figure.Predicted}
	for _, preset := range []ad.Preset{ad.PyTorch, ad.JAX} {
		s := figure.Series{Name: preset.Name, Style: figure.Measured}
		for i := int64(-8); i <= 8; i++ {
			b := big.NewRat(i, 4)
			v, err := derivativeAt(batchText, b, preset.Wiring())
			if err != nil {
				return err
			}
			x, _ := b.Float64()
			s.X, s.Y = append(s.X, x), append(s.Y, v)
		}
		f.Series = append(f.Series, s)
		truth.X, truth.Y = s.X, ones(len(s.X))
	}
	f.Series = append(f.Series, truth)
	return c.Figure("minibatch", f)
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}

// origin is 0 for a program of scalars.
func origin(f *expr.Func) [][]*big.Rat {
	x := make([][]*big.Rat, len(f.In()))
	for i := range x {
		x[i] = []*big.Rat{new(big.Rat)}
	}
	return x
}
