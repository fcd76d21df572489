package deep

import (
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/expr/vm/exact"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// regression is a linear regression with a point w, in rationals.
type regression struct {
	rows, columns int
	x, y, w       []*big.Rat
	plain         *big.Rat   // ‖y − Xw‖²
	weights       []*big.Rat // ‖Xⱼ‖²
}

func newRegression(rows, columns int, rng *rand.Rand) *regression {
	q := &regression{
		rows: rows, columns: columns, plain: new(big.Rat), weights: zeros(columns),
		x: eighths(rows*columns, rng), y: eighths(rows, rng), w: eighths(columns, rng),
	}
	for i := range rows {
		rest := new(big.Rat).Set(q.y[i])
		for j := range columns {
			v := q.x[i*columns+j]
			rest.Sub(rest, new(big.Rat).Mul(v, q.w[j]))
			q.weights[j].Add(q.weights[j], new(big.Rat).Mul(v, v))
		}
		q.plain.Add(q.plain, rest.Mul(rest, rest))
	}
	return q
}

// penaltyOf is how much a loss exceeds that without dropout, in units of Σⱼ wⱼ²‖Xⱼ‖².
func (q *regression) penaltyOf(loss *big.Rat) *big.Rat {
	unit := new(big.Rat)
	for j, w := range q.w {
		unit.Add(unit, new(big.Rat).Mul(q.weights[j], new(big.Rat).Mul(w, w)))
	}
	out := new(big.Rat).Sub(loss, q.plain)
	return out.Quo(out, unit)
}

// dropoutPrograms are values and gradients with respect to w, in rationals.
type dropoutPrograms struct {
	masked    *exact.Program // w, mask, x, y
	penalised *exact.Program // w, odds, weights, x, y
	layer     *exact.Program // w, and x, y, mask of one row
}

// squares is ‖y − Xw‖² for a text of w.
func squares(w string) string { return "dot(y - dot(x, " + w + "), y - dot(x, " + w + "))" }

// penalised is the right side of the formula.
func penalised() string { return squares("w") + " + odds * dot(w*w, weights)" }

func newDropoutPrograms(rows, columns int) (p *dropoutPrograms, err error) {
	w, x, y := parameter("w", columns), given("x", rows, columns), given("y", rows)
	masked, err := parsed(squares("(mask*w)"), w, given("mask", columns), x, y)
	if err != nil {
		return nil, err
	}
	right, err := parsed(penalised(), w, given("odds"), given("weights", columns), x, y)
	if err != nil {
		return nil, err
	}
	layer, err := dropoutNetwork(columns, 0.5).Objective(1) // the mask is an input
	if err != nil {
		return nil, err
	}
	p = &dropoutPrograms{}
	if p.masked, err = exactGradient(masked); err != nil {
		return nil, err
	}
	if p.penalised, err = exactGradient(right); err != nil {
		return nil, err
	}
	p.layer, err = exactGradient(layer)
	return p, err
}

// dropoutNetwork is linear regression with dropout, whose loss is ½(y − ⟨mask∘x, w⟩)².
func dropoutNetwork(columns int, keep float64) network.Network {
	return network.Network{
		Input: []int{columns},
		Body:  network.Sequence{network.Dropout{Keep: keep}, network.Linear{Out: 1, NoBias: true}},
		Loss:  network.HalfSquares,
	}
}

// lossAndGradient is a mean over masks.
type lossAndGradient struct {
	loss     *big.Rat
	gradient []*big.Rat
}

// eachMask visits all masks with their probabilities; kept entries are scale.
func eachMask(columns int, p, scale *big.Rat, visit func(probability *big.Rat, mask []*big.Rat) error) error {
	drop := new(big.Rat).Sub(big.NewRat(1, 1), p)
	for bits := range 1 << columns {
		probability, mask := big.NewRat(1, 1), zeros(columns)
		for j := range mask {
			if bits>>j&1 == 1 {
				mask[j] = scale
				probability.Mul(probability, p)
			} else {
				probability.Mul(probability, drop)
			}
		}
		if err := visit(probability, mask); err != nil {
			return err
		}
	}
	return nil
}

// meanOverMasks is for one mask that all rows share.
func (d *dropoutPrograms) meanOverMasks(q *regression, p, scale *big.Rat) (lossAndGradient, error) {
	mean := lossAndGradient{new(big.Rat), zeros(q.columns)}
	err := eachMask(q.columns, p, scale, func(probability *big.Rat, mask []*big.Rat) error {
		out, err := d.masked.Run(q.w, mask, q.x, q.y)
		if err != nil {
			return err
		}
		addScaled([]*big.Rat{mean.loss}, probability, out[0])
		addScaled(mean.gradient, probability, out[1])
		return nil
	})
	return mean, err
}

// meanOfLayer is for a mask of each row, by the network's program, twice the sum over rows.
func (d *dropoutPrograms) meanOfLayer(q *regression, p, scale *big.Rat) (lossAndGradient, error) {
	mean := lossAndGradient{new(big.Rat), zeros(q.columns)}
	err := eachMask(q.columns, p, scale, func(probability *big.Rat, mask []*big.Rat) error {
		for i := range q.rows {
			out, err := d.layer.Run(q.w, q.x[i*q.columns:(i+1)*q.columns], q.y[i:i+1], mask)
			if err != nil {
				return err
			}
			twice := new(big.Rat).Add(probability, probability)
			addScaled([]*big.Rat{mean.loss}, twice, out[0])
			addScaled(mean.gradient, twice, out[1])
		}
		return nil
	})
	return mean, err
}

// enumerated compares the means over masks with the formula.
type enumerated struct {
	wrong   [3]int // numbers that differ: loss, gradient, both for the layer
	penalty *big.Rat
}

func (d *dropoutPrograms) enumerate(q *regression, p, scale *big.Rat) (e enumerated, err error) {
	odds := new(big.Rat).Sub(new(big.Rat).Inv(p), big.NewRat(1, 1))
	want, err := d.penalised.Run(q.w, []*big.Rat{odds}, q.weights, q.x, q.y)
	if err != nil {
		return e, err
	}
	shared, err := d.meanOverMasks(q, p, scale)
	if err != nil {
		return e, err
	}
	layer, err := d.meanOfLayer(q, p, scale)
	if err != nil {
		return e, err
	}
	e.penalty = q.penaltyOf(shared.loss)
	e.wrong[0] = differing(want[0], []*big.Rat{shared.loss})
	e.wrong[1] = differing(want[1], shared.gradient)
	e.wrong[2] = differing(want[0], []*big.Rat{layer.loss}) + differing(want[1], layer.gradient)
	return e, nil
}
