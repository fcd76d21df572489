package deep

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// sample is data for networks with one output: inputs of norm 1 and normal targets.
type sample struct {
	n, d int
	x, y []float64
}

func newSample(n, d int, rng *rand.Rand) *sample {
	s := &sample{n: n, d: d, x: make([]float64, n*d), y: make([]float64, n)}
	for i := range n {
		random.Sphere(s.x[i*d:(i+1)*d], 1, rng)
	}
	random.Normals(s.y, 1, rng)
	return s
}

// kind says what units and outputs are.
type kind struct {
	activation network.Activation
	readout    network.Scaling
	// doubled networks have a twin of the opposite sign for each unit, so that f = 0; of others
	// f is subtracted.
	doubled bool
}

// twoLayers is a network with m units, both layers of which are trained, whose output is
// multiplied by α and its loss ½‖αf − y‖² divided by α².
func (s *sample) twoLayers(m int, alpha float64, k kind) network.Network {
	loss := func(outputs, targets expr.Node) expr.Node {
		return expr.Scale(1/float64(alpha*alpha), halfSum(expr.Scale(alpha, outputs), targets))
	}
	return network.Network{
		Input: []int{s.d},
		Body: network.Sequence{
			network.Linear{Out: m, NoBias: true, Weights: network.Scaling{Init: standardNormal}},
			k.activation,
			network.Linear{Out: 1, NoBias: true, Weights: k.readout},
		},
		Loss: loss,
	}
}

// twoLayerRun is one network in training.
type twoLayerRun struct {
	o       *sgd.Objective
	tangent *tangent
	net     network.Network
	doubled bool
	targets []float64
	first   [][]float64 // the parameters before training
}

func (s *sample) newRun(m int, alpha float64, k kind) (r *twoLayerRun, err error) {
	r = &twoLayerRun{net: s.twoLayers(m, alpha, k), doubled: k.doubled, targets: append([]float64{}, s.y...)}
	data := sgd.Data{Rows: s.n, Columns: map[string][]float64{network.Inputs: s.x, network.Targets: r.targets}}
	if r.o, err = sgd.NewObjective(r.net.Objective, data, ad.AtKink(0)); err != nil {
		return nil, err
	}
	r.tangent, err = newTangent(r.net, s.n, s.x, r.o)
	return r, err
}

// draw takes new weights. Doubled, the units of the second half are those of the first with the
// opposite sign.
func (r *twoLayerRun) draw(src rand.Source) error {
	initial, err := r.net.Init(src)
	if err != nil {
		return err
	}
	start(r.o, initial)
	w, a := r.o.Params()[0].Value, r.o.Params()[1].Value
	m := len(a)
	if r.doubled && m%2 == 1 {
		return fmt.Errorf("width %d: take an even one, so that each unit can have a twin", m)
	}
	for i := m / 2; r.doubled && i < m; i++ {
		a[i] = -a[i-m/2]
		for j := i; j < len(w); j += m {
			w[j] = w[j-m/2]
		}
	}
	r.first = nil
	for _, p := range r.o.Params() {
		r.first = append(r.first, append([]float64{}, p.Value...))
	}
	return nil
}

// train makes steps of gradient descent.
func (r *twoLayerRun) train(ctx context.Context, rate float64, steps int) error {
	return descend(ctx, r.o, sgd.SGD{}, rate, steps, func(int, float64) bool { return true })
}

// moved is ‖W − W₀‖ of a layer.
func (r *twoLayerRun) moved(layer int) float64 {
	return distance(r.o.Params()[layer].Value, r.first[layer])
}

// slopeOver is the exponent of positive numbers of runs, rows of which belong to sizes: that of
// their means, with the range of those of three groups of runs.
func slopeOver(sizes []float64, runs [][]float64) claim.Measurement {
	const groups = 3
	slope := func(from, step int) float64 {
		means := make([]float64, len(sizes))
		for i := range sizes {
			for j := from; j < len(runs[i]); j += step {
				means[i] += runs[i][j]
			}
			means[i] /= float64((len(runs[i]) - from + step - 1) / step)
		}
		return powerOf(sizes, means)
	}
	value := slope(0, 1)
	lo, hi := value, value
	for g := range groups {
		s := slope(g, groups)
		lo, hi = min(lo, s), max(hi, s)
	}
	return claim.MeasuredIn(value, lo, hi)
}

// slopesOf has the exponent of each run.
func slopesOf(sizes []float64, runs [][]float64) (slopes []float64) {
	for j := range runs[0] {
		y := make([]float64, len(sizes))
		for i := range sizes {
			y[i] = runs[i][j]
		}
		slopes = append(slopes, powerOf(sizes, y))
	}
	return slopes
}

// powerOf is the slope of log y against log x, with the same bits on every machine.
func powerOf(x, y []float64) float64 {
	n, sx, sy := float64(len(x)), 0., 0.
	for i := range x {
		sx, sy = sx+kernel.Log(x[i]), sy+kernel.Log(y[i])
	}
	above, below := 0., 0.
	for i := range x {
		d := kernel.Log(x[i]) - sx/n
		above += float64(d * (kernel.Log(y[i]) - sy/n))
		below += float64(d * d)
	}
	return above / below
}

func meanOf(x []float64) (mean float64) {
	for _, v := range x {
		mean += float64(v / float64(len(x)))
	}
	return mean
}
