package deep

import (
	"context"
	"errors"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// holdout trains networks on some digits and asks them about others.
type holdout struct {
	train, held *dataset.Set
	net         network.Network
}

func newHoldout(c *claim.Context) (h *holdout, err error) {
	h = &holdout{}
	if h.train, h.held, err = split(c); err != nil {
		return nil, err
	}
	h.net = convolutional(c.Int("channels"), h.train.Classes)
	if c.Text("network") == "nin" {
		h.net = networkInNetwork(c.Int("channels"), h.train.Classes)
	}
	return h, nil
}

// convolutional is the LeNet of the example in the code of INNA's authors in small, for images of 8×8 pixels.
func convolutional(channels, classes int) network.Network {
	relu, half := network.Activation(expr.ReLU), network.MaxPool(expr.Square(2, 2, 0))
	return network.Network{Input: []int{1, 8, 8}, Body: network.Sequence{
		network.Convolution{Out: channels, Window: expr.Square(3, 1, 1)},
		relu, half,
		network.Convolution{Out: 2 * channels, Window: expr.Square(3, 1, 1)},
		relu, half,
		network.Flatten{},
		network.Linear{Out: 4 * channels},
		relu,
		network.Linear{Out: classes},
	}}
}

// outcome is one training: the mean loss of minibatches in each epoch, and the accuracy in the end.
type outcome struct {
	losses   []float64
	accuracy float64
}

// trained has outcomes by method and run.
type trained [][]outcome

func (t trained) losses(method, epoch int) (all []float64) {
	for _, o := range t[method] {
		all = append(all, o.losses[epoch])
	}
	return all
}

func (t trained) curve(method int, name string, epochs int) figure.Series {
	s := figure.Series{Name: name, Style: figure.Curve, Color: 1 + method}
	for e := range epochs {
		s.X, s.Y = append(s.X, float64(e+1)), append(s.Y, meanOf(t.losses(method, e)))
	}
	return s
}

// grid has two rates in each power of ten.
func grid() (rates []float64) {
	for e := -6; e <= 2; e++ {
		rates = append(rates, kernel.Pow(10, float64(e)/2))
	}
	return rates
}

// starts is how many starts a rate is tried from.
const starts = 4

// search returns, for each method, the rate of the grid with the least mean loss in the last epoch.
func (h *holdout) search(ctx context.Context, c *claim.Context, all []contender) ([]float64, error) {
	rates := grid()
	losses := make([]float64, len(all)*len(rates)*starts)
	err := c.Each(ctx, len(losses), func(ctx context.Context, at int) error {
		i, j, k := at/(len(rates)*starts), at/starts%len(rates), at%starts
		o, err := h.run(ctx, c, all[i], rates[j], "search", k, c.Int("search"))
		if err == nil {
			losses[at] = o.losses[len(o.losses)-1]
		}
		return err
	})
	best := make([]float64, len(all))
	for i := range best {
		least := math.Inf(1)
		for j, rate := range rates {
			from := (i*len(rates) + j) * starts
			if l := meanOf(losses[from : from+starts]); l < least {
				least, best[i] = l, rate
			}
		}
	}
	return best, err
}

func (h *holdout) trainAll(ctx context.Context, c *claim.Context, all []contender, rates []float64) (trained, error) {
	runs := c.Int("runs")
	t := make(trained, len(all))
	for i := range t {
		t[i] = make([]outcome, runs)
	}
	err := c.Each(ctx, len(all)*runs, func(ctx context.Context, at int) (err error) {
		i, j := at%len(all), at/len(all)
		t[i][j], err = h.run(ctx, c, all[i], rates[i], "training", j, c.Int("epochs"))
		return err
	})
	return t, err
}

// run trains once; start and minibatches are the same for all methods. What diverges has the loss
// of guessing, and guesses.
func (h *holdout) run(ctx context.Context, c *claim.Context, of contender, rate float64, use string, run, epochs int) (outcome, error) {
	o := outcome{losses: make([]float64, epochs)}
	initial, err := h.net.Init(c.Source(claim.At("stream", "initial"), claim.At("use", use), claim.At("run", run)))
	if err != nil {
		return o, err
	}
	const batch = 32
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: h.train.N, Batch: batch}, c.Source(claim.At("stream", "order"), claim.At("use", use), claim.At("run", run)))
	if err != nil {
		return o, err
	}
	trainer, err := sgd.NewTrainer(sgd.Config{
		Model: h.net.Objective, Data: sgd.Data{Rows: h.train.N, Columns: map[string][]float64{network.Inputs: h.train.X, network.Targets: h.train.OneHot()}},
		Wiring: ad.PyTorch.Wiring(), Method: of.method, Schedule: sgd.Power{C: rate, P: of.power},
		Sampler: sampler, Initial: initial, Workers: 1,
	})
	if err != nil {
		return o, err
	}
	guess := kernel.Log(float64(h.train.Classes))
	for e := range o.losses {
		rows, sum := 0, 0.0
		for step, err := range trainer.Epochs(ctx, 1) {
			if failed := new(sgd.StepError); errors.As(err, &failed) {
				return h.guessed(o, e, guess), nil
			}
			if err != nil {
				return o, err
			}
			rows, sum = rows+len(step.Rows), sum+float64(step.Loss*float64(len(step.Rows)))
		}
		o.losses[e] = sum / float64(rows)
	}
	classifier, err := network.NewClassifier(h.net)
	if err != nil {
		return o, err
	}
	o.accuracy, err = classifier.Accuracy(trainer.Params(), h.held.X, h.held.Labels)
	return o, err
}

// guessed fills in a training that failed in an epoch.
func (h *holdout) guessed(o outcome, epoch int, loss float64) outcome {
	for ; epoch < len(o.losses); epoch++ {
		o.losses[epoch] = loss
	}
	o.accuracy = 1 / float64(h.train.Classes)
	return o
}
