package critical

import (
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/sgd"
)

// pairs are images of the digits 0 and 1, each reduced to two numbers: how dark
// the two middle columns of the four middle rows are, and how dark all of it is,
// both centred. Everything is rational.
type pairs struct {
	n int
	x []*big.Rat // n×2, row-major
	y []*big.Rat // −1 for the digit 0, 1 for the digit 1
}

// newPairs takes the first n/2 images of each digit; n is even.
func newPairs(n int) (*pairs, error) {
	all, err := dataset.Digits()
	if err != nil {
		return nil, err
	}
	p := &pairs{n: n}
	left := [2]int{n / 2, n / 2}
	for i, label := range all.Labels {
		if label > 1 || left[label] == 0 {
			continue
		}
		left[label]--
		middle, whole := darkness(all.Row(i))
		p.x = append(p.x, middle, whole)
		p.y = append(p.y, big.NewRat(int64(2*label-1), 1))
	}
	p.centre()
	return p, nil
}

// darkness returns both numbers of an image of 8×8 levels from 0 to 16, as means
// of levels from 0 to 4.
func darkness(image []float64) (middle, whole *big.Rat) {
	inner, sum := int64(0), int64(0)
	for i, level := range image {
		sum += int64(level)
		if row, column := i/8, i%8; 2 <= row && row < 6 && (column == 3 || column == 4) {
			inner += int64(level)
		}
	}
	return big.NewRat(inner, 8*4), big.NewRat(sum, 64*4)
}

func (p *pairs) centre() {
	for k := range 2 {
		mean := new(big.Rat)
		for i := range p.n {
			mean.Add(mean, p.x[2*i+k])
		}
		mean.Quo(mean, big.NewRat(int64(p.n), 1))
		for i := range p.n {
			p.x[2*i+k] = new(big.Rat).Sub(p.x[2*i+k], mean)
		}
	}
}

// floats are the nearest floats.
func floats(r []*big.Rat) []float64 {
	out := make([]float64, len(r))
	for i, v := range r {
		out[i], _ = v.Float64()
	}
	return out
}

// net is a relu network with one hidden layer on pairs.
type net struct {
	hidden int
	bias   bool // in the hidden layer
}

// model is the mean loss: parameters w, b if there are biases, v and c, data x
// and y.
func (m net) model(batch int) (*expr.Func, error) {
	g := expr.NewGraph()
	w, v, c := g.Param("w", 2, m.hidden), g.Param("v", m.hidden), g.Param("c")
	x, y := g.Data("x", batch, 2), g.Data("y", batch)
	z := expr.MatMul(x, w)
	in := []expr.Node{w, v, c, x, y}
	if m.bias {
		b := g.Param("b", m.hidden)
		z = expr.Add(z, b)
		in = append(in[:1:1], append([]expr.Node{b}, in[1:]...)...)
	}
	out := expr.Add(expr.SumLast(expr.Mul(expr.ReLU(z), v)), c)
	return g.Func(expr.In(in...), expr.Out(expr.Mean(halfSquare(out, y))))
}

// halfSquare is ½(out − y)².
func halfSquare(out, y expr.Node) expr.Node {
	r := expr.Sub(out, y)
	return expr.Scale(0.5, expr.Mul(r, r))
}

// trainer is full-batch gradient descent with relu′(0) = 0.
func (m net) trainer(p *pairs, rates sgd.Schedule, initial map[string][]float64) (*sgd.Trainer, error) {
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: p.n, Batch: p.n, Order: sgd.Incremental}, nil)
	if err != nil {
		return nil, err
	}
	return sgd.NewTrainer(sgd.Config{
		Model: m.model, Data: sgd.Data{Rows: p.n, Columns: map[string][]float64{"x": floats(p.x), "y": floats(p.y)}},
		Wiring: ad.AtKink(0), Method: sgd.SGD{}, Schedule: rates, Sampler: sampler, Initial: initial, CountKinks: true,
	})
}
