package deep

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// inertialTraining compares INNA with other methods by the protocol of its authors.
func inertialTraining() claim.Claim {
	return claim.Claim{
		Numbers:  []int{54},
		Name:     "inertial-training",
		Sentence: "Trained by the protocol of its authors, in small, INNA classifies images as well as SGD, Adagrad and Adam do: its mean accuracy on images held back is at most one point of a hundred below theirs.",
		Source:   "Castera, Bolte, Févotte and Pauwels, JMLR 22 (134), 2021, arXiv 1905.12278 (abstract: \"competitive results with respect to state of the art (stochastic gradient descent, ADAGRAD, ADAM)\"; protocol); code of the authors (α = 0.5, β = 0.1, steps γ/(k + 1)^{1/2})",
		Mathematics: "Protocol: minibatches of 32; INNA with α = 0.5 and β = 0.1, and SGD, with the steps `γ/√(k + 1)`, k counting minibatches; Adagrad and Adam with constant ones. For each method γ is that of a grid, the same for all, with the least training loss after a short search; then several networks are trained with it. The grid has two values in each power of ten from 10^−3 to 10.\n\n" +
			"The paper trains a network in network of a million weights on 50,000 images of MNIST, CIFAR-10 and CIFAR-100 for 200 epochs, 312,500 minibatches. Here there are 450 minibatches of digits of 8×8 pixels, of which a fifth is held back. The network is that of the example in the authors' code, in small: two convolutions, each with max-pooling, and two dense layers.\n\n" +
			"The abstract says \"competitive\", which is no number. One point of accuracy is our reading of it, and no consequence of a theorem: it was fixed before anything was trained. The first network tried was a network in network in small (`network=nin`), without the normalisation that deep ones have: there the claim fails. Its loss starts on a plateau, which no rate of the search left in three epochs with steps that diminish, so that INNA and SGD, alike, came to 30 % where Adagrad and Adam came to 93 %. Runs are paired, each start and order of minibatches being the same for all methods, and the whole confidence interval of the mean difference has to be above −0.01.",
		Params: []claim.Param{
			claim.Text("network", "lenet", "lenet, or nin for a network in network").Among("lenet", "nin"),
			claim.Int("channels", 8, "channels of the first layers").AtFull(16).Between(1, 192),
			claim.Int("search", 3, "epochs of the search for γ").AtFull(15).Between(1, 1000),
			claim.Int("epochs", 10, "epochs of each training").AtFull(100).Between(1, 10000),
			claim.Int("runs", 24, "trainings of each method").AtFull(50).Between(5, 10000),
		},
		Inputs: digitsInputs,
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runInertialTraining(ctx, c, sgd.DefaultINNA())
		},
	}
}

// contender is a method with the exponent of its steps.
type contender struct {
	name   string
	method sgd.Method
	power  float64
}

// worse is how much worse than another method a competitive one may be: see the claim's mathematics.
const worse = 0.01

func runInertialTraining(ctx context.Context, c *claim.Context, m sgd.Method) (claim.Outcome, error) {
	h, err := newHoldout(c)
	if err != nil {
		return claim.Outcome{}, err
	}
	all := []contender{{"inna", m, 0.5}, {"sgd", sgd.SGD{}, 0.5}, {"adagrad", sgd.DefaultAdagrad(), 0}, {"adam", sgd.DefaultAdam(), 0}}
	rates, err := h.search(ctx, c, all)
	if err != nil {
		return claim.Outcome{}, err
	}
	trained, err := h.trainAll(ctx, c, all, rates)
	if err != nil {
		return claim.Outcome{}, err
	}
	var checks []claim.Check
	var curves []figure.Series
	result := jsonnum.Object{}
	for i, of := range all {
		accuracies := make([]float64, len(trained[i]))
		differences := make([]float64, len(trained[i]))
		for j, t := range trained[i] {
			accuracies[j] = t.accuracy
			differences[j] = trained[0][j].accuracy - t.accuracy
		}
		result[of.name] = jsonnum.Object{"rate": rates[i], "accuracy": meanOf(accuracies), "loss": meanOf(trained.losses(i, c.Int("epochs")-1))}
		curves = append(curves, trained.curve(i, of.name, c.Int("epochs")))
		if i > 0 {
			checks = append(checks, claim.Check{
				Label: of.name, Sentence: fmt.Sprintf("The mean accuracy of INNA less that of %s, on images held back.", of.name),
				Predicted: claim.AtLeast(-worse), Measured: claim.Mean(differences, claim.Alpha/float64(len(all)-1)),
			})
		}
	}
	return claim.Outcome{Checks: checks, Result: result}, c.Figure("loss", figure.Figure{
		Title:  "Training loss of a small image network on digits",
		X:      figure.Axis{Label: "epoch", Unit: "1"},
		Y:      figure.Axis{Label: "mean loss of minibatches", Unit: "nat", Log: true},
		Series: curves,
	})
}

// split holds a fifth of the digits back.
func split(c *claim.Context) (train, held *dataset.Set, err error) {
	all, err := dataset.Digits()
	if err != nil {
		return nil, nil, err
	}
	return all.Split(0.2, c.Source(claim.At("stream", "split")))
}
