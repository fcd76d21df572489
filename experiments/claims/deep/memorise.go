package deep

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/figure"
)

// memorise writes down networks that fit any labels, and trains one that fits random ones.
func memorise() claim.Claim {
	return claim.Claim{
		Numbers:  []int{47},
		Name:     "any-labels",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByCoverage, claim.ByBound},
		Sentence: "A relu network with one hidden layer and 2n + d weights fits any labels of n points in ℝᵈ, exactly and by an explicit formula; a network of usual form trained on random labels fits them too, and is no better than chance on others.",
		Source:   "Zhang, Bengio, Hardt, Recht, Vinyals, ICLR 2017, theorem 1 and section 2; Pauwels, CIMI lecture 2021 (overparametrisation)",
		Mathematics: "Take a with different numbers `t_i = ⟨a, x_i⟩`, in ascending order, and interleave `b_1 < t_1 < b_2 < t_2 < …`. The network\n\n" +
			"  f(x) = Σ_j w_j max(⟨a, x⟩ − b_j, 0)\n\n" +
			"has n + n + d weights, and the matrix of entries `max(t_i − b_j, 0)` is triangular with the diagonal `t_i − b_i > 0`: the equations `f(x_i) = y_i` have one solution w for any labels y. All thresholds are away from the data, so that the loss is differentiable there, and its gradient is 0.\n\n" +
			"The construction is carried out in rationals, for digits, whose pixels are integers, and for all signs of a few points.\n\n" +
			"A training on random labels that ends with zero error has learnt nothing about other labels: these agree with what the network says with probability 1/10, independently.",
		Params: []claim.Param{
			claim.Int("points", 60, "digits n that the construction fits").AtFull(250).Between(2, 1000),
			claim.Int("labellings", 3, "random labellings of these").AtFull(10).Between(1, 100),
			claim.Int("signs", 6, "points of which all labellings by signs are fitted").AtFull(9).Between(1, 14),
			claim.Int("rows", 80, "digits to train on").AtFull(500).Between(10, 1000),
			claim.Int("width", 100, "hidden units of the trained network").AtFull(600).Between(4, 4000),
			claim.Int("steps", 300, "steps of training, with all rows").AtFull(600).Between(10, 1e5),
		},
		Inputs: digitsInputs,
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runMemorise(ctx, c, interpolate)
		},
	}
}

func digitsInputs(claim.Values) (claim.Inputs, error) {
	set, err := dataset.Digits()
	if err != nil {
		return claim.Inputs{}, err
	}
	return claim.Inputs{Data: map[string]string{"digits": set.SHA256}}, nil
}

// interpolation finds w for points in ascending order.
type interpolation func(t, b, y []*big.Rat) []*big.Rat

func runMemorise(ctx context.Context, c *claim.Context, solve interpolation) (claim.Outcome, error) {
	set, err := dataset.Digits()
	if err != nil {
		return claim.Outcome{}, err
	}
	rng := c.Rand(claim.At("stream", "construction"))
	digits := drawDigits(set, c.Int("points"), rng)
	m, err := newMemory(digits, set.D, rng, solve)
	if err != nil {
		return claim.Outcome{}, err
	}
	wrong, slopes := 0, 0
	for range c.Int("labellings") {
		if err := ctx.Err(); err != nil {
			return claim.Outcome{}, err
		}
		labels := make([]*big.Rat, len(digits))
		for i := range labels {
			labels[i] = big.NewRat(int64(rng.IntN(set.Classes)), 1)
		}
		e, s, err := m.fit(labels)
		if err != nil {
			return claim.Outcome{}, err
		}
		wrong, slopes = wrong+e, slopes+s
	}
	few, err := allSigns(ctx, c.Int("signs"), rng, solve)
	if err != nil {
		return claim.Outcome{}, err
	}
	at := map[string]any{"n": len(digits), "d": set.D}
	checks := []claim.Check{
		{Label: "weights", At: at, Sentence: "The network has 2n + d weights.", Predicted: claim.Exact(float64(2*len(digits) + set.D)), Measured: claim.Measured(float64(m.weights()))},
		{Label: "digits", At: at, Sentence: "It fits random labels of digits exactly (labels that differ).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(wrong))},
		{Label: "gradient", At: at, Sentence: "The gradient of the loss is 0 there, exactly, and no unit is at its kink (entries and units that are).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(slopes))},
		{Label: "signs", Sentence: "It fits all labellings of a few points by signs, exactly (labels that differ).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(few))},
	}
	trained, err := trainRandom(ctx, c, set)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: append(checks, trained.checks...)}, c.Figure("training", figure.Figure{
		Title:  "Training on random and on true labels of digits",
		X:      figure.Axis{Label: "steps", Unit: "1"},
		Y:      figure.Axis{Label: "mean loss of the training rows", Unit: "nat", Log: true},
		Series: trained.curves,
	})
}

// drawDigits returns different rows of the digits, whose pixels are integers.
func drawDigits(set *dataset.Set, n int, rng *rand.Rand) (out [][]*big.Rat) {
	for _, i := range rng.Perm(set.N)[:n] {
		out = append(out, rational(set.Row(i)))
	}
	return out
}

// allSigns fits each labelling of n random points by ±1 and counts wrong labels.
func allSigns(ctx context.Context, n int, rng *rand.Rand, solve interpolation) (wrong int, err error) {
	const d = 3
	var points [][]*big.Rat
	for range n {
		points = append(points, eighths(d, rng))
	}
	m, err := newMemory(points, d, rng, solve)
	if err != nil {
		return 0, fmt.Errorf("points in %d dimensions: %w", d, err)
	}
	for bits := range 1 << n {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		labels := make([]*big.Rat, n)
		for i := range labels {
			labels[i] = big.NewRat(int64(2*(bits>>i&1)-1), 1)
		}
		e, _, err := m.fit(labels)
		if err != nil {
			return 0, err
		}
		wrong += e
	}
	return wrong, nil
}
