package deep

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// table is data for a linear model.
type table struct {
	d    int
	x, y []*big.Rat
}

// add appends a row.
func (t *table) add(x []*big.Rat, y *big.Rat) { t.x, t.y = append(t.x, x...), append(t.y, y) }

// augmented is one set of data in three forms: as it is, under all elements of a group, and
// averaged over it.
type augmented struct {
	group                symmetry
	plain, all, averaged *table
	projection           []*big.Rat // P, row by row
	rate                 float64
}

func newAugmented(c *claim.Context, group, averaged symmetry) *augmented {
	rng := c.Rand(claim.At("stream", "data"), claim.At("group", group.name))
	a := &augmented{group: group, plain: &table{d: group.d}, all: &table{d: group.d}, averaged: &table{d: group.d}}
	square := new(big.Rat)
	for range c.Int("rows") {
		x, y := eighths(group.d, rng), eighths(1, rng)[0]
		a.plain.add(x, y)
		for _, g := range group.elements {
			a.all.add(g.rational(x), y)
		}
		a.averaged.add(averaged.mean(x), y)
		for _, v := range x {
			square.Add(square, new(big.Rat).Mul(v, v))
		}
	}
	a.rate = float64(c.Int("rows")) / float(square) // 1 over a bound of the curvature of mean losses
	for i := range group.d {
		unit := zeros(group.d)
		unit[i].SetInt64(1)
		a.projection = append(a.projection, averaged.mean(unit)...)
	}
	return a
}

// solutions are those of least squares.
type solutions struct{ plain, augmented, averaged []*big.Rat }

func (a *augmented) solutions() (s solutions, err error) {
	if s.plain, err = a.plain.leastSquares(squares("w")); err != nil {
		return s, err
	}
	if s.augmented, err = a.all.leastSquares(squares("w")); err != nil {
		return s, err
	}
	// Invariant and other vectors are orthogonal: the second term is 0 at the solution, which
	// is thus the only invariant one.
	p := given("p", a.group.d, a.group.d)
	s.averaged, err = a.averaged.leastSquares(squares("w")+" + dot(w - dot(p, w), w - dot(p, w))", datum{p, a.projection})
	return s, err
}

// datum is an input of a program with its value.
type datum struct {
	parse.Input
	value []*big.Rat
}

// leastSquares minimises a text in w, x, y and more.
func (t *table) leastSquares(text string, more ...datum) ([]*big.Rat, error) {
	in := []parse.Input{parameter("w", t.d), given("x", len(t.y), t.d), given("y", len(t.y))}
	values := [][]*big.Rat{nil, t.x, t.y}
	for _, m := range more {
		in, values = append(in, m.Input), append(values, m.value)
	}
	f, err := parsed(text, in...)
	if err != nil {
		return nil, err
	}
	g, err := exactGradient(f)
	if err != nil {
		return nil, err
	}
	return minimiser(t.d, func(w []*big.Rat) ([]*big.Rat, error) {
		values[0] = w
		out, err := g.Run(values...)
		if err != nil {
			return nil, err
		}
		return out[1], nil
	})
}

// namedLoss is a loss of a linear model.
type namedLoss struct {
	name string
	loss network.Loss
}

func losses() []namedLoss {
	logistic := func(outputs, targets expr.Node) expr.Node { return network.Logistic(outputs, expr.Sign(targets)) }
	return []namedLoss{{"squares", network.HalfSquares}, {"logistic", logistic}}
}

func linear(d int, loss network.Loss) network.Network {
	return network.Network{Input: []int{d}, Body: network.Linear{Out: 1, NoBias: true}, Loss: loss}
}

func (t *table) data() sgd.Data {
	return sgd.Data{Rows: len(t.y), Columns: map[string][]float64{network.Inputs: floats(t.x), network.Targets: floats(t.y)}}
}

// iterates are those of gradient descent from 0 on the mean loss.
func (t *table) iterates(ctx context.Context, loss network.Loss, rate float64, steps int) (out [][]float64, err error) {
	o, err := sgd.NewObjective(linear(t.d, loss).Objective, t.data(), ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	err = descend(ctx, o, sgd.SGD{}, rate, steps, func(int, float64) bool {
		out = append(out, append([]float64{}, o.Params()[0].Value...))
		return true
	})
	return out, err
}

// gap is the largest distance of iterates on augmented data and on averaged features.
func (a *augmented) gap(ctx context.Context, steps int, loss network.Loss) (worst float64, err error) {
	u, err := a.all.iterates(ctx, loss, a.rate, steps)
	if err != nil {
		return 0, err
	}
	v, err := a.averaged.iterates(ctx, loss, a.rate, steps)
	if err != nil {
		return 0, err
	}
	for k := range u {
		worst = max(worst, distance(u[k], v[k]))
	}
	return worst, nil
}

// drawnSteps is how long trainings with random elements are.
const drawnSteps = 20

// drawn trains with elements of the group drawn for each row and step.
func (a *augmented) drawn(ctx context.Context, c *claim.Context) (claim.Check, error) {
	mean, err := a.averaged.iterates(ctx, network.HalfSquares, a.rate, drawnSteps)
	if err != nil {
		return claim.Check{}, err
	}
	projections := make([]float64, c.Int("runs"))
	err = c.Each(ctx, len(projections), func(ctx context.Context, run int) error {
		w, err := lastIterate(sgd.Config{
			Model: linear(a.group.d, network.HalfSquares).Objective, Data: a.plain.data(), Schedule: sgd.Constant(a.rate),
			Initial: map[string][]float64{firstWeights: make([]float64, a.group.d)},
			Augment: map[string]sgd.Augmentation{network.Inputs: a.group},
		}, drawnSteps, c.Rand(claim.At("stream", "elements"), claim.At("run", run)))
		if err == nil {
			projections[run] = projection(w, mean[drawnSteps])
		}
		return err
	})
	return claim.Check{
		Label: "images-drawn", Sentence: "With elements drawn in training the mean iterate is that of averaged features.",
		Predicted: claim.Covered(1, 0.2), Measured: claim.Mean(projections, claim.Alpha),
	}, err
}
