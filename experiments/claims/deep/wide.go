package deep

import (
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// wide is a network whose first layer is trained, with data.
type wide struct {
	net         network.Network
	width       int
	x, y        []float64
	limit       []float64 // H
	lambda, eta float64
	o           *sgd.Objective
	initial     map[string][]float64
	t           *tangent
}

func newWide(c *claim.Context, larger float64) (*wide, error) {
	w := &wide{width: c.Int("width")}
	if err := w.drawData(c, larger); err != nil {
		return nil, err
	}
	rng := c.Rand(claim.At("stream", "network"))
	signs := make([]float64, w.width)
	for i := range signs {
		signs[i] = float64(2*rng.IntN(2) - 1)
	}
	readout := func(h expr.Node) expr.Node {
		return expr.Scale(1/math.Sqrt(float64(w.width)), expr.MatMul(h, h.Graph().Tensor(signs, w.width, 1)))
	}
	w.net = network.Network{
		Input: []int{c.Int("inputs")},
		Body: network.Sequence{
			network.Linear{Out: w.width, NoBias: true, Weights: network.Scaling{Init: standardNormal}},
			network.Activation(expr.ReLU), network.Activation(readout),
		},
		Loss: halfSum,
	}
	var err error
	if w.initial, err = w.net.Init(rng); err != nil {
		return nil, err
	}
	if w.o, err = sgd.NewObjective(w.net.Objective, w.data(), ad.AtKink(0)); err != nil {
		return nil, err
	}
	w.t, err = newTangent(w.net, len(w.y), w.x, w.o)
	return w, err
}

// halfSum is ½Σ(z − y)² of a minibatch.
func halfSum(outputs, targets expr.Node) expr.Node {
	d := expr.Sub(outputs, targets)
	return expr.Scale(0.5, expr.Sum(expr.Dot(d, d)))
}

func standardNormal(int, int) network.Initialiser { return sgd.Normal{Deviation: 1}.Draw }

func (w *wide) data() sgd.Data {
	return sgd.Data{Rows: len(w.y), Columns: map[string][]float64{network.Inputs: w.x, network.Targets: w.y}}
}

// drawData draws inputs on the sphere, and labels, until the kernel's limit has a least
// eigenvalue that is not small and stands alone.
func (w *wide) drawData(c *claim.Context, larger float64) error {
	const draws, least, apart = 100000, 0.15, 1.8
	rng := c.Rand(claim.At("stream", "data"))
	n, d := c.Int("rows"), c.Int("inputs")
	w.x, w.y = make([]float64, n*d), make([]float64, n)
	for range draws {
		for i := range n {
			random.Sphere(w.x[i*d:(i+1)*d], 1, rng)
		}
		w.limit = arcKernel(w.x, n)
		for i := range w.limit {
			w.limit[i] *= larger
		}
		lambda, err := eigenvalues(n, w.limit)
		if err != nil {
			return err
		}
		if lambda[0] >= least && lambda[1] >= apart*lambda[0] {
			random.Normals(w.y, 1, rng)
			w.lambda, w.eta = lambda[0], lambda[0]/float64(n*n)
			return nil
		}
	}
	return fmt.Errorf("no inputs with a good kernel in %d draws: take fewer rows or more numbers of a row", draws)
}

// arcKernel is the limit of the tangent kernel for n inputs of norm 1.
func arcKernel(x []float64, n int) []float64 {
	d := len(x) / n
	out := make([]float64, n*n)
	for i := range n {
		for j := range n {
			c := dot(x[i*d:(i+1)*d], x[j*d:(j+1)*d])
			out[i*n+j] = 0.5 * c
			if i != j {
				out[i*n+j] = c * (math.Pi - angle(c)) / (2 * math.Pi)
			}
		}
	}
	return out
}

// factor is 1 − ηλ/2.
func (w *wide) factor() float64 { return 1 - float64(w.eta*w.lambda)/2 }

// concentration is the largest distance of the kernel at the start from its limit, in units of
// what Hoeffding's inequality allows all entries at once.
func (w *wide) concentration() (worst float64, err error) {
	start(w.o, w.initial)
	_, j, err := w.t.at(w.o)
	if err != nil {
		return 0, err
	}
	n := len(w.y)
	d := len(w.x) / n
	entries := float64(n * (n + 1) / 2)
	bound := math.Sqrt(kernel.Log(2*entries/claim.Alpha) / float64(2*w.width))
	k := w.t.kernel(j)
	for i := range n {
		for j := range n {
			c := math.Abs(dot(w.x[i*d:(i+1)*d], w.x[j*d:(j+1)*d]))
			worst = max(worst, math.Abs(k[i*n+j]-w.limit[i*n+j])/float64(c*bound))
		}
	}
	return worst, nil
}
