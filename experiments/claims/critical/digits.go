package critical

import (
	"context"
	"math"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
	"github.com/tamegrad/tamegrad/sgd/network"
)

// digits trains a relu network on real data and watches what the theory is
// about: loss, kinks met and distance to criticality.
func digits() claim.Claim {
	return claim.Claim{
		Numbers:  []int{27},
		Name:     "digits-sgd",
		Theorem:  claim.Observation,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByBound},
		Sentence: "SGD driven by backpropagation on a relu network approaches critical points: along a run on real data the distance from 0 to the hull of nearby gradients falls, and the run meets no kink exactly.",
		Source:   "Davis, Drusvyatskiy, Kakade, Lee, FoCM 20 (2020); Bolte and Pauwels, NeurIPS 2020, arXiv 2006.02080; Bertoin et al., NeurIPS 2021, arXiv 2106.12915 (no exact kink in float64)",
		Mathematics: `The iterates are

	θ_{k+1} = θ_k − α_kv_k,      v_k ∈ D_J(θ_k; minibatch k),

with v the vector that backpropagation selects from the conservative field of the minibatch's loss, here with ` + "`relu′(0) = 0`" + `; with momentum the step is taken along a decaying sum of such vectors. The loss, affine maps, relu and the logarithm of sums of exponentials, is definable and locally Lipschitz. If ` + "`∑ α_k = ∞`" + `, ` + "`∑ α_k² < ∞`" + ` and the iterates are bounded, accumulation points have ` + "`0 ∈ conv D_J(θ)`" + `, and for almost all starts and scales of the steps even ` + "`0 ∈ ∂J(θ)`" + `. A run of finite length with steps that fall to 0 is an illustration, not a test of the limit.

The distance from 0 to ` + "`∂J(θ)`" + ` jumps at kinks, so what is measured is that to the hull of gradients of the full loss at random points of a ball of radius r around θ. The hull lies in Goldstein's subdifferential ` + "`∂_rJ(θ)`" + `, which contains ` + "`∂J(θ)`" + `, so the norm of its smallest element bounds ` + "`dist(0, ∂_rJ(θ))`" + ` from above.

A pre-activation is 0 on a set of measure 0 in θ. Rounding gives such sets a probability of the order of the spacing of the numbers, about ` + "`10^{−16}`" + ` a relu in float64 (claim avoidance), against some ` + "`10^{5}`" + ` to ` + "`10^{7}`" + ` evaluations of relu in this run: so no kink is met. In float32 Bertoin et al. saw the first after 65 minibatches of their network.`,
		Params: []claim.Param{
			claim.Int("epochs", 15, "epochs of n component gradients").AtFull(100).Between(1, 10000),
			claim.Int("hidden", 48, "width of the hidden layer").AtFull(64).Between(1, 4096),
			claim.Int("batch", 32, "rows of a minibatch").Between(1, 1797),
			claim.Float("rate", 0.1, "first step size, falling to 0 along half a cosine").Between(0, 100),
			claim.Float("momentum", 0.9, "heavy-ball momentum").Between(0, 0.9999),
			claim.Float("held-back", 0.2, "share of the rows of each class kept for testing").Between(0.05, 0.9),
			claim.Float("radius", 1e-3, "radius of the ball in which gradients are sampled, in units of the parameters").Between(1e-12, 10),
			claim.Int("points", 8, "gradients sampled for one distance").AtFull(32).Between(1, 10000),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) {
			set, err := dataset.Digits()
			if err != nil {
				return claim.Inputs{}, err
			}
			return claim.Inputs{Data: map[string]string{"digits": set.SHA256}}, nil
		},
		Run: runDigits,
	}
}

// digitsRun is one training run with its monitors.
type digitsRun struct {
	c           *claim.Context
	trainer     *sgd.Trainer
	objective   *sgd.Objective
	classifier  *network.Classifier
	train, held *dataset.Set

	epoch, loss, accuracy, distance []float64
	kinks                           int
}

func runDigits(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	r := &digitsRun{c: c}
	if err := r.prepare(); err != nil {
		return claim.Outcome{}, err
	}
	if err := r.observe(ctx, 0); err != nil {
		return claim.Outcome{}, err
	}
	for e := 1; e <= c.Int("epochs"); e++ {
		for step, err := range r.trainer.Epochs(ctx, 1) {
			if err != nil {
				return claim.Outcome{}, err
			}
			r.kinks += step.Kinks
		}
		if err := r.observe(ctx, e); err != nil {
			return claim.Outcome{}, err
		}
	}
	return r.outcome()
}

func (r *digitsRun) prepare() error {
	c := r.c
	all, err := dataset.Digits()
	if err != nil {
		return err
	}
	if r.train, r.held, err = all.Split(c.Float("held-back"), c.Source(claim.At("stream", "split"))); err != nil {
		return err
	}
	net := network.Dense(all.D, c.Int("hidden"), all.Classes)
	if r.classifier, err = network.NewClassifier(net); err != nil {
		return err
	}
	data := sgd.Data{Rows: r.train.N, Columns: map[string][]float64{network.Inputs: r.train.X, network.Targets: r.train.OneHot()}}
	if r.objective, err = sgd.NewObjective(net.Objective, data, ad.AtKink(0)); err != nil {
		return err
	}
	initial, err := net.Init(c.Source(claim.At("stream", "initial")))
	if err != nil {
		return err
	}
	batch := min(c.Int("batch"), r.train.N)
	sampler, err := sgd.NewSampler(sgd.Sampling{Rows: r.train.N, Batch: batch}, c.Source(claim.At("stream", "rows")))
	if err != nil {
		return err
	}
	r.trainer, err = sgd.NewTrainer(sgd.Config{
		Model: net.Objective, Data: data, Wiring: ad.AtKink(0),
		Method:   sgd.SGD{Momentum: c.Float("momentum")},
		Schedule: sgd.Cosine{Max: c.Float("rate"), Over: c.Int("epochs") * sampler.PassSteps()},
		Sampler:  sampler, Initial: initial, CountKinks: true,
	})
	return err
}

// observe measures at the end of an epoch.
func (r *digitsRun) observe(ctx context.Context, epoch int) error {
	if err := r.objective.Set(r.trainer.Params()); err != nil {
		return err
	}
	loss, err := r.objective.Evaluate(ctx)
	if err != nil {
		return err
	}
	accuracy, err := r.classifier.Accuracy(r.trainer.Params(), r.held.X, r.held.Labels)
	if err != nil {
		return err
	}
	ball := sgd.Neighbourhood{Radius: r.c.Float("radius"), Points: r.c.Int("points")}
	nearest, err := r.objective.Criticality(ctx, ball, r.c.Source(claim.At("stream", "criticality"), claim.At("epoch", epoch)))
	if err != nil {
		return err
	}
	r.epoch, r.loss = append(r.epoch, float64(epoch)), append(r.loss, loss)
	r.accuracy, r.distance = append(r.accuracy, accuracy), append(r.distance, nearest.Norm)
	return r.c.Trace(jsonnum.Object{
		"epoch": epoch, "loss": loss, "held_back_accuracy": accuracy, "distance": nearest.Norm, "active_kinks_so_far": r.kinks,
	})
}

// minimumAccuracy is what a small relu network is known to reach on these data;
// the fall asked of the distance is our own choice of what counts as a fall.
const (
	minimumAccuracy = 0.95
	fallTo          = 0.5
)

func (r *digitsRun) outcome() (claim.Outcome, error) {
	last := len(r.epoch) - 1
	if err := r.figures(); err != nil {
		return claim.Outcome{}, err
	}
	fall := r.distance[last] / r.distance[0]
	if math.IsNaN(fall) { // 0/0: critical from the start
		fall = 0
	}
	return claim.Outcome{
		Checks: []claim.Check{
			{Label: "accuracy", Predicted: claim.AtLeast(minimumAccuracy), Measured: claim.Measured(r.accuracy[last])},
			{Label: "distance", Predicted: claim.AtMost(fallTo), Measured: claim.Measured(fall)},
			{Label: "kinks", Predicted: claim.Exact(0), Measured: claim.Measured(float64(r.kinks))},
		},
		Result: jsonnum.Object{
			"epoch": r.epoch, "loss": r.loss, "held_back_accuracy": r.accuracy, "distance": r.distance,
			"active_kinks": r.kinks, "train_rows": r.train.N, "held_back_rows": r.held.N,
		},
	}, nil
}

func (r *digitsRun) figures() error {
	epochs := figure.Axis{Label: "epochs", Unit: "1"}
	err := r.c.Figure("criticality", figure.Figure{
		Title: "Loss and distance to criticality",
		X:     epochs, Y: figure.Axis{Label: "loss, distance", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "mean loss on the training rows", Style: figure.Curve, X: r.epoch, Y: r.loss},
			{Name: "distance from 0 to nearby gradients", Style: figure.Measured, X: r.epoch, Y: r.distance},
		},
	})
	if err != nil {
		return err
	}
	return r.c.Figure("accuracy", figure.Figure{
		Title: "Accuracy on held-back rows",
		X:     epochs, Y: figure.Axis{Label: "share of rows classified correctly", Unit: "1"},
		Series: []figure.Series{{Name: "held-back rows", Style: figure.Measured, X: r.epoch, Y: r.accuracy}},
	})
}
