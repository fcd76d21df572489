package growth

import (
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// The network that is trained, with squares as its loss.
const (
	trainingInputs = 16
	trainingHidden = 32
)

func trainingLaws() []Law {
	of := Law{Axis: "batch b", Quick: doublings(1, 1<<10, 2), Full: doublings(1, 1<<13, 2), Prepare: training}
	return []Law{
		of.law(
			"step-batch-time", Time, "A step of SGD takes a fixed time and one in proportion to its batch.",
			linear, "b", "rows are computed by products of matrices with b rows; instructions, the draw of the batch and the update do not depend on it", from(1<<6, steady, "from here on a row, some thousand operations, outweighs a 64th of what is fixed, as the split into fixed cost and rate shows"),
		),
		of.law(
			"step-batch-operations", Operations, "Loss and gradient of a network take operations in proportion to the batch.",
			linear, "b", "the gradient of weights sums over rows, and what does not depend on rows is a few constants", from(1<<2, counting, "at b = 1 sums over rows are free"),
		),
	}
}

func training(batch int) (Work, error) {
	net := network.Dense(trainingInputs, trainingHidden, 1)
	net.Loss = network.HalfSquares
	work, err := gradientOf(net, batch)
	if err != nil {
		return Work{}, err
	}
	rng, rows := generator(batch), 4*batch
	x, y := make([]float64, rows*trainingInputs), make([]float64, rows)
	random.Normals(x, 1, rng)
	random.Normals(y, 1, rng)
	initial, err := net.Init(rand.NewPCG(seed, 1))
	if err != nil {
		return Work{}, err
	}
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: rows, Batch: batch, Order: sgd.Incremental}, nil)
	if err != nil {
		return Work{}, err
	}
	t, err := sgd.NewTrainer(sgd.Config{
		Model: net.Objective, Data: sgd.Data{Rows: rows, Columns: map[string][]float64{"x": x, "y": y}}, Wiring: ad.AtKink(0),
		Method: sgd.SGD{}, Schedule: sgd.Constant(1e-6), Sampler: sampler, Initial: initial, Workers: 1,
	})
	work.Run = func() error {
		_, err := t.Next()
		return err
	}
	return work, err
}

// gradientOf counts one step of a network.
func gradientOf(net network.Network, batch int) (Work, error) {
	f, err := selection(net.Objective(batch))
	return program(f, err, alone)
}
