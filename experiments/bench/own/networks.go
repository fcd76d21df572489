package own

import (
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/bench/peer"
	"github.com/tamegrad/tamegrad/experiments/bench/workload"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

func networks() map[string]peer.Prepare {
	all := both(workload.W2, dense[float32], dense[float64])
	for name, prepare := range both(workload.W5, images[float32], images[float64]) {
		all[name] = prepare
	}
	all[workload.W3] = func() (peer.Task, error) {
		x, y, p := workload.MeanSquareInputs()
		return lanes(workload.MeanSquare(), p, workload.MeanSquareSizes, true, x, y)
	}
	all[workload.W3b] = func() (peer.Task, error) {
		a, b, x := workload.LargestInputs()
		return lanes(workload.Largest(), x, []int{50}, false, a, b)
	}
	return all
}

func dense[T kernel.Real]() (peer.Task, error) {
	p, x, y := workload.DenseInputs()
	return objective[T](network.Dense(workload.DenseSizes...), workload.DenseRows, p, x, y)
}

func images[T kernel.Real]() (peer.Task, error) {
	same, relu := expr.Square(3, 1, 1), network.Activation(expr.ReLU)
	net := network.Network{Input: []int{1, 28, 28}, Body: network.Sequence{
		network.Convolution{Out: 8, Window: same},
		relu,
		network.Convolution{Out: 16, Window: same},
		relu,
		network.MaxPool(expr.Square(2, 2, 0)),
		network.Flatten{},
		network.Linear{Out: 10},
	}}
	p, x, y := workload.ImageInputs()
	return objective[T](net, workload.ImageRows, p, x, y)
}

// objective is the gradient of a network's loss; the parameters are in the order in which the layers make them.
func objective[T kernel.Real](net network.Network, rows int, p []workload.Parameter, x, y []float64) (peer.Task, error) {
	f, err := gradientOf(net.Objective(rows))
	if err != nil {
		return peer.Task{}, err
	}
	var in [][]float64
	for _, v := range p {
		in = append(in, v.Values)
	}
	return run[T](f, 1, append(in, x, y)...)
}

// lanes is the gradient of a program at many points at once, whose first inputs they share. The checksum begins anew for
// each point, or goes through all entries.
func lanes(f *expr.Func, points [][]float64, sizes []int, anew bool, common ...[]float64) (peer.Task, error) {
	d, err := gradientOf(f, nil)
	if err != nil {
		return peer.Task{}, err
	}
	in := slices.Clone(common)
	at := 0
	for _, size := range sizes {
		var all []float64
		for _, p := range points {
			all = append(all, p[at:at+size]...)
		}
		in, at = append(in, all), at+size
	}
	w, err := workspace[float64](d, vm.Options{Lanes: len(points), Shared: d.In()[:len(common)]}, in)
	return peer.Task{Run: w.Run, Numbers: func() (peer.Checksum, error) {
		var c peer.Checksum
		for k := range points {
			for i, size := range sizes {
				peer.Add(&c, w.Out(i + 1)[k*size:(k+1)*size])
			}
			if anew {
				c.Next()
			}
		}
		return c, nil
	}}, err
}

func steps() map[string]peer.Prepare {
	return map[string]peer.Prepare{workload.W4: func() (peer.Task, error) {
		t, err := newTrainer()
		return peer.Task{Run: func() error { return epoch(t) }, Numbers: stepNumbers}, err
	}}
}

// newTrainer trains W4's network from its first parameters. Its loss has half the squared error, and so twice the rate.
func newTrainer() (*sgd.Trainer, error) {
	net := network.Dense(2, 16, 16, 1)
	net.Loss = network.HalfSquares
	x, y, p := workload.StepInputs()
	initial := map[string][]float64{}
	for k, name := range []string{"w0", "b0", "w1", "b1", "w2", "b2"} {
		v := p[:workload.StepSizes[k]]
		p = p[len(v):]
		if k%2 == 0 {
			v = transposed(v, stepInputs[k/2])
		}
		initial[name] = v
	}
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: workload.StepRows, Batch: 1, Order: sgd.Incremental}, nil)
	if err != nil {
		return nil, err
	}
	return sgd.NewTrainer(sgd.Config{
		Model: net.Objective, Data: sgd.Data{Rows: workload.StepRows, Columns: map[string][]float64{"x": x, "y": y}},
		Wiring: ad.PyTorch.Wiring(), Method: sgd.SGD{}, Schedule: sgd.Constant(2 * workload.StepRate), Sampler: sampler, Initial: initial,
	})
}

// stepInputs are the inputs of the layers of W4's network.
var stepInputs = []int{2, 16, 16}

func epoch(t *sgd.Trainer) error {
	for range workload.StepRows {
		if _, err := t.Next(); err != nil {
			return err
		}
	}
	return nil
}

// stepNumbers are the parameters after one run, weights as out×in.
func stepNumbers() (c peer.Checksum, err error) {
	t, err := newTrainer()
	if err != nil {
		return c, err
	}
	if err := epoch(t); err != nil {
		return c, err
	}
	for k, p := range t.Params() {
		v := p.Value
		if k%2 == 0 {
			v = transposed(v, len(v)/stepInputs[k/2])
		}
		peer.Add(&c, v)
	}
	return c, nil
}

// transposed is the transpose of a matrix with so many columns.
func transposed(x []float64, columns int) []float64 {
	rows := len(x) / columns
	out := make([]float64, len(x))
	for i := range rows {
		for j := range columns {
			out[j*rows+i] = x[i*columns+j]
		}
	}
	return out
}
