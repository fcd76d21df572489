package deep

import (
	"context"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// fitted is what trainings show.
type fitted struct {
	checks []claim.Check
	curves []figure.Series
}

// relabellings is how often labels of the other rows are drawn.
const relabellings = 15

// trainRandom trains one network on random labels and on the true ones.
func trainRandom(ctx context.Context, c *claim.Context, set *dataset.Set) (*fitted, error) {
	rng := c.Rand(claim.At("stream", "rows"))
	order := rng.Perm(set.N)
	train, held := set.Pick(order[:c.Int("rows")]), set.Pick(order[c.Int("rows"):])
	train.Standardise(held)
	out := &fitted{}
	labels := drawLabels(train.N, set.Classes, rng)
	said, accuracy, err := out.train(ctx, c, train, labels, held, "random labels")
	if err != nil {
		return nil, err
	}
	hits, trials := 0, 0
	for range relabellings {
		for i, label := range drawLabels(held.N, set.Classes, rng) {
			if trials++; said[i] == label {
				hits++
			}
		}
	}
	out.checks = append(
		out.checks,
		claim.Check{Label: "trained", Sentence: "A trained network fits random labels: the share of training rows that are right.", Predicted: claim.Exact(1), Measured: claim.Measured(accuracy)},
		claim.Check{Label: "chance", Sentence: "On random labels of other rows it is right with probability 1/10.", Predicted: claim.Covered(1/float64(set.Classes), 0.02), Measured: claim.Proportion(hits, trials, claim.Alpha/2)},
	)
	if said, _, err = out.train(ctx, c, train, train.Labels, held, "true labels"); err != nil {
		return nil, err
	}
	hits = 0
	for i, label := range held.Labels {
		if said[i] == label {
			hits++
		}
	}
	out.checks = append(out.checks, claim.Check{
		Label: "true-labels", Sentence: "The same network trained on the true labels is better than chance on other rows.",
		Predicted: claim.AtLeast(1 / float64(set.Classes)), Measured: claim.Proportion(hits, held.N, claim.Alpha/2),
	})
	return out, nil
}

func drawLabels(n, classes int, rng *rand.Rand) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = rng.IntN(classes)
	}
	return out
}

// train returns the classes that the network gives to the other rows, and the share of training
// rows that it has right.
func (f *fitted) train(ctx context.Context, c *claim.Context, rows *dataset.Set, labels []int, held *dataset.Set, name string) ([]int, float64, error) {
	net := network.Dense(rows.D, c.Int("width"), rows.Classes)
	relabelled := *rows
	relabelled.Labels = labels
	initial, err := net.Init(c.Source(claim.At("stream", "initial")))
	if err != nil {
		return nil, 0, err
	}
	o, err := sgd.NewObjective(net.Objective, sgd.Data{Rows: rows.N, Columns: map[string][]float64{network.Inputs: rows.X, network.Targets: relabelled.OneHot()}}, ad.PyTorch.Wiring())
	if err != nil {
		return nil, 0, err
	}
	start(o, initial)
	curve := figure.Series{Name: name, Style: figure.Curve, Color: 1 + len(f.curves)}
	err = descend(ctx, o, sgd.DefaultAdam(), 0.01, c.Int("steps"), func(k int, loss float64) bool {
		if k%5 == 0 {
			curve.X, curve.Y = append(curve.X, float64(k)), append(curve.Y, loss)
		}
		return true
	})
	if err != nil {
		return nil, 0, err
	}
	f.curves = append(f.curves, curve)
	classifier, err := network.NewClassifier(net)
	if err != nil {
		return nil, 0, err
	}
	accuracy, err := classifier.Accuracy(o.Params(), rows.X, labels)
	if err != nil {
		return nil, 0, err
	}
	said := make([]int, held.N)
	return said, accuracy, classifier.Classes(said, o.Params(), held.X)
}
