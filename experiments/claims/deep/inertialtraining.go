package deep

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// inertialTraining compares INNA with other methods by the protocol of its authors.
func inertialTraining() claim.Claim {
	return claim.Claim{
		Numbers:  []int{54},
		Name:     "inertial-training",
		Theorem:  claim.Observation,
		Decides:  []claim.Decision{claim.ByBound},
		Sentence: "Trained by the protocol of its authors, in small, INNA classifies images as well as Adagrad and Adam do: in half of all runs or more its accuracy on images held back is at most one point of a hundred below theirs; and steps of the order k^{−1/4} train it faster than those of the order k^{−1/2}.",
		Source:   "Castera, Bolte, Févotte and Pauwels, JMLR 22 (134), 2021, arXiv 1905.12278 (abstract: \"competitive results with respect to state of the art (stochastic gradient descent, ADAGRAD, ADAM)\"; protocol); code of the authors (α = 0.5, β = 0.1, steps γ/(k + 1)^{1/2}; powers 1/4 or 1/8 \"can speed the training phase\")",
		Mathematics: "Protocol: minibatches of 32; INNA with α = 0.5 and β = 0.1 and the steps `γ/√(k + 1)`, k counting minibatches; Adagrad and Adam with constant ones. For each method γ is that of a grid, the same for all, with the least training loss after a short search from four starts; then several networks are trained with it. The grid has two values in each power of ten from 10^−3 to 10.\n\n" +
			"The paper trains a network in network of a million weights on 50,000 images of MNIST, CIFAR-10 and CIFAR-100 for 200 epochs, 312,500 minibatches. Here there are some 85 minibatches of digits of 8×8 pixels, of which a half is held back (at first 450, and a fifth: the claim is to take seconds). The network is that of the example in the authors' code, in small: two convolutions, each with max-pooling, and two dense layers.\n\n" +
			"The abstract says \"competitive\", which is no number. One point of accuracy is our reading of it, and no consequence of a theorem: it was fixed before anything was trained. Runs are paired, each start and order of minibatches being the same for all methods, and INNA is to be as good, or at most one point below, in half of them. It is not, so that these rows are findings: what is true instead was seen, not foretold. The mean of accuracies, which was measured at first, says little where single networks die; of the search from one start, which was too, some rates were taken at which many do. Training losses with both powers are compared by the mean of the logarithm of their ratio in the last epoch.\n\n" +
			"Other settings were tried before, and INNA was behind in all: in a network in network without normalisation (`network=nin`), whose loss starts on a plateau, it had 30 %, as SGD had, and Adagrad and Adam 93 %; a smaller network of this kind had 91 % with INNA and 98 % with the others; with 15 epochs of search and 30 of training, and with pixels that are standardised, some networks died at the rates that the search took, so that means said little. The network, the statistic and the sizes were chosen after these runs, so that they are no independent evidence. A comparison with SGD was dropped: its noise was too large here to tell one point; that SGD is INNA with αβ = 1 is another claim, exactly.",
		Findings: []claim.Finding{{
			Key:    "few-minibatches",
			Reason: "With hundreds of minibatches in the place of 312,500 steps of the order k^{−1/2} have become small before the training is done, while those of Adagrad and Adam adapt.",
		}},
		Params: []claim.Param{
			claim.Text("network", "lenet", "lenet, or nin for a network in network").Among("lenet", "nin"),
			claim.Int("channels", 8, "channels of the first layers").AtFull(12).Between(1, 192),
			claim.Int("search", 1, "epochs of the search for γ").AtFull(5).Between(1, 1000),
			claim.Int("epochs", 3, "epochs of each training").AtFull(10).Between(1, 10000),
			claim.Int("runs", 20, "trainings of each method").AtFull(80).Between(20, 10000),
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
	all := []contender{{"inna", m, 0.5}, {"inna-1/4", m, 0.25}, {"adagrad", sgd.DefaultAdagrad(), 0}, {"adam", sgd.DefaultAdam(), 0}}
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
		accuracies, asGood := make([]float64, len(trained[i])), 0
		for j, t := range trained[i] {
			accuracies[j] = t.accuracy
			if trained[0][j].accuracy >= t.accuracy-worse {
				asGood++
			}
		}
		result[of.name] = jsonnum.Object{"rate": rates[i], "accuracy": meanOf(accuracies), "loss": meanOf(trained.losses(i, c.Int("epochs")-1))}
		curves = append(curves, trained.curve(i, of.name, c.Int("epochs")))
		if i > 1 {
			checks = append(checks, claim.Check{
				Label: of.name, Sentence: fmt.Sprintf("The share of runs in which INNA's accuracy on images held back is at most a point below that of %s.", of.name),
				Predicted: claim.AtLeast(0.5), Measured: claim.Proportion(asGood, len(trained[i]), claim.Alpha/float64(len(all)-1)),
				Finding: "few-minibatches", Instead: claim.AtMost(0.5),
			})
		}
	}
	faster := make([]float64, c.Int("runs"))
	for j, loss := range trained.losses(1, c.Int("epochs")-1) {
		faster[j] = kernel.Log(loss / trained[0][j].losses[c.Int("epochs")-1])
	}
	checks = append(checks, claim.Check{
		Label: "powers", Sentence: "The mean of log(loss with power 1/4 / loss with power 1/2), training losses of the last epoch.",
		Predicted: claim.AtMost(0), Measured: claim.Mean(faster, claim.Alpha/float64(len(all)-1)),
	})
	return claim.Outcome{Checks: checks, Result: result}, c.Figure("loss", figure.Figure{
		Title:  "Training loss of a small image network on digits",
		X:      figure.Axis{Label: "epoch", Unit: "1"},
		Y:      figure.Axis{Label: "mean loss of minibatches", Unit: "nat", Log: true},
		Series: curves,
	})
}

// split holds a half of the digits back.
func split(c *claim.Context) (train, held *dataset.Set, err error) {
	all, err := dataset.Digits()
	if err != nil {
		return nil, nil, err
	}
	return all.Split(0.5, c.Source(claim.At("stream", "split")))
}
