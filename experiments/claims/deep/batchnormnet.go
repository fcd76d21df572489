package deep

import (
	"context"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// firstWeights is the name of the weights before the normalisation.
const firstWeights = "w0"

// normalised is a network with normalised units, the loss of one minibatch and a point.
type normalised struct {
	net     network.Network
	units   int
	o       *sgd.Objective
	initial map[string][]float64
}

func newNormalised(c *claim.Context, epsilon float64) (*normalised, error) {
	rows, inputs := c.Int("rows"), c.Int("inputs")
	n := &normalised{units: c.Int("units"), net: network.Network{
		Input: []int{inputs},
		Body: network.Sequence{
			network.Linear{Out: c.Int("units"), NoBias: true},
			network.BatchNorm{Epsilon: epsilon},
			network.Activation(expr.ReLU),
			network.Linear{Out: 1},
		},
		Loss: network.HalfSquares,
	}}
	rng := c.Rand(claim.At("stream", "data"))
	x, y := make([]float64, rows*inputs), make([]float64, rows)
	random.Normals(x, 1, rng)
	random.Normals(y, 1, rng)
	var err error
	n.o, err = sgd.NewObjective(n.net.Objective, sgd.Data{Rows: rows, Columns: map[string][]float64{network.Inputs: x, network.Targets: y}}, ad.AtKink(0))
	return n, err
}

// draw takes another point, whose scales and shifts are random too.
func (n *normalised) draw(rng *rand.Rand) (err error) {
	if n.initial, err = n.net.Init(rng); err != nil {
		return err
	}
	for _, p := range n.o.Params() {
		if p.Name != firstWeights {
			random.Normals(n.initial[p.Name], 1, rng)
		}
	}
	return nil
}

// gradient returns the weights before the normalisation, multiplied by a factor, and their
// gradient.
func (n *normalised) gradient(ctx context.Context, factor float64) (w, g []float64, err error) {
	start(n.o, n.initial)
	p := named(n.o, firstWeights)
	for i := range p.Value {
		p.Value[i] *= factor
	}
	_, err = n.o.Evaluate(ctx)
	return append(w, p.Value...), append(g, p.Grad...), err
}

// column returns the weights of unit j.
func (n *normalised) column(w []float64, j int) (out []float64) {
	for i := j; i < len(w); i += n.units {
		out = append(out, w[i])
	}
	return out
}

// growth compares squared norms of the weights with those of the steps.
func (n *normalised) growth(ctx context.Context, c *claim.Context, method sgd.Method) (claim.Check, figure.Figure, error) {
	initial, err := n.net.Init(c.Source(claim.At("stream", "start"))) // every unit is active at some row
	if err != nil {
		return claim.Check{}, figure.Figure{}, err
	}
	start(n.o, initial)
	p, rate := named(n.o, firstWeights), c.Float("rate")
	first := append([]float64{}, p.Value...)
	steps := make([]float64, n.units) // Σ α²‖g‖² of each unit
	norm := figure.Series{Name: "‖W‖²", Style: figure.Measured}
	sum := figure.Series{Name: "‖W₀‖² + α²Σ‖g‖²", Style: figure.Predicted}
	total, shown := 0.0, 1
	err = descend(ctx, n.o, method, rate, c.Int("steps"), func(k int, _ float64) bool {
		if k+1 == shown {
			norm.X, norm.Y = append(norm.X, float64(shown)), append(norm.Y, dot(p.Value, p.Value))
			sum.X, sum.Y = append(sum.X, float64(shown)), append(sum.Y, dot(first, first)+total)
			shown = sgd.Geometric(1.15).After(shown)
		}
		if k == c.Int("steps") {
			return true
		}
		for j := range steps {
			g := n.column(p.Grad, j)
			square := float64(float64(rate*rate) * dot(g, g))
			steps[j] += square
			total += square
		}
		return true
	})
	lo, hi := 2., 0.
	for j := range steps {
		u, v := n.column(p.Value, j), n.column(first, j)
		ratio := (dot(u, u) - dot(v, v)) / steps[j]
		lo, hi = min(lo, ratio), max(hi, ratio)
	}
	longer := claim.Check{
		Label: "longer", Sentence: "The squared norms grow by those of the steps: their ratio, with the range over the units.",
		Predicted: claim.Near(1, 1e-8), Measured: claim.MeasuredIn((dot(p.Value, p.Value)-dot(first, first))/total, lo, hi),
	}
	return longer, figure.Figure{
		Title:   "Weights before batch normalisation",
		Caption: "Every step of plain SGD makes them longer, by Pythagoras.",
		X:       figure.Axis{Label: "iterate", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "squared norm of all weights", Unit: "1"},
		Series:  []figure.Series{norm, sum},
	}, err
}

// pairOutput returns the first output of batch normalisation for the two rows ±t, and its
// derivative with respect to t.
func pairOutput(ctx context.Context, epsilon, t float64) (output, slope float64, err error) {
	net := network.Network{
		Input: []int{1},
		Body:  network.Sequence{network.Linear{Out: 1, NoBias: true}, network.BatchNorm{Epsilon: epsilon}},
		Loss:  func(outputs, targets expr.Node) expr.Node { return expr.Sum(expr.Mul(outputs, targets)) },
	}
	o, err := sgd.NewObjective(net.Objective, sgd.Data{Rows: 2, Columns: map[string][]float64{network.Inputs: {1, -1}, network.Targets: {1, 0}}}, ad.AtKink(0))
	if err != nil {
		return 0, 0, err
	}
	start(o, map[string][]float64{firstWeights: {t}, "scale1": {1}, "shift1": {0}})
	output, err = o.Evaluate(ctx)
	return output, named(o, firstWeights).Grad[0], err
}
