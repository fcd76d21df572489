package subgradient

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// samplingExpectation compares the subdifferential of a mean with the mean of
// subdifferentials.
func samplingExpectation() claim.Claim {
	return claim.Claim{
		Numbers:  []int{25},
		Name:     "sampling-expectation",
		Theorem:  claim.Probability,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByCoverage},
		Sentence: "A subgradient of a random component need not be in expectation a subgradient of the mean: for F(x) = E[s·|x|] with s = ±1 equally likely, ∂F(0) = {0} while E[∂f(·, s)(0)] = [−1, 1]; what SGD does at 0 depends on the convention at the kink, from staying for ever to a random walk.",
		Source:   "Clarke, Optimization and Nonsmooth Analysis (1983), Theorem 2.7.2; Bianchi, Hachem and Schechtman, Set-Valued Var. Anal. (2022), arXiv 2005.08513; Pauwels, CIMI lecture 2021",
		Mathematics: "Let `f(x, s) = s·|x|` with P(s = 1) = p and F = E[f(·, s)] = (2p − 1)·|x|. The inclusion ∂F(x) ⊂ E[∂f(·, s)(x)] always holds, with the expectation of sets by Aumann: all E[v(s)] with v(s) ∈ ∂f(·, s)(x). For finitely many s it is a weighted Minkowski sum. Here ∂f(·, s)(0) = [−1, 1] for both signs, and\n\n" +
			"\t∂F(0) = |2p − 1|·[−1, 1],  E[∂f(·, s)(0)] = p·[−1, 1] + (1 − p)·[−1, 1] = [−1, 1].\n\n" +
			"For p = 1/2 the truth is {0}, and every number in [−1, 1] is the expectation of some choice of subgradients. That mean of sets is what backpropagation may return for the mean of n samples, each with its own occurrence of the kink: the claim compares all three sets exactly, for k positive among n samples.\n\n" +
			"A framework has one convention abs′(0) = c for all samples, and SGD from `x_0 = 0` with step α moves by `−α·s_k·c`. With c = 0 it stays at 0 for ever. With c = 1 each step is ±α with equal probabilities whatever the past was, on either side of 0 as well as at 0. So `x_k` is a simple random walk,\n\n" +
			"\tE[x_k^2] = α^2·k,\n\n" +
			"although the mean F is constant. Both conventions are selections of conservative fields of the samples, and `∂F(0) = {0}` does not tell them apart.",
		Params: []claim.Param{
			claim.Int("samples", 8, "samples n of the mean").AtFull(10).Between(1, 12),
			claim.Int("runs", 2000, "independent runs of SGD").AtFull(20000).Between(1500, 1e6),
			claim.Ints("steps", []int{4, 16, 64, 256}, "numbers k of steps after which runs are looked at").AtFull([]int{4, 16, 64, 256, 1024, 4096}).Between(1, 1e5),
			claim.Int("halvings", 6, "the step size is 2 to the minus this, so that iterates have no rounding").Between(0, 20),
		},
		Inputs: func(v claim.Values) (claim.Inputs, error) {
			f, err := meanOf(v["samples"].(int), 0)
			if err != nil {
				return claim.Inputs{}, err
			}
			return claim.Inputs{Programs: []string{expr.Format(f)}}, nil
		},
		Run: runSampling,
	}
}

func runSampling(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
	sets, err := setsOfMeans(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	walks, err := walkChecks(ctx, c)
	return claim.Outcome{Checks: append(sets, walks...), Result: jsonnum.Object{"samples": c.Int("samples")}}, err
}

// meanOf is the mean of sᵢ|x| over n samples, of which k have s = 1 and the others
// −1. Each sample has its own occurrence of the kink: an entry of abs.
func meanOf(n, k int) (*expr.Func, error) {
	signs := make([]float64, n)
	for i := range signs {
		signs[i] = 1
		if i >= k {
			signs[i] = -1
		}
	}
	g := expr.NewGraph()
	x := g.Input("x")
	losses := expr.Mul(g.Tensor(signs, n), expr.Abs(expr.BroadcastTo(x, n)))
	return g.Func(expr.In(x), expr.Out(expr.Scale(1/float64(n), expr.Sum(losses))))
}

// setsOfMeans compares ∂F(0), the mean of the sets and the field of the program
// for all numbers of positive samples.
func setsOfMeans(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	n := c.Int("samples")
	var shares, truths, means, predicted []float64
	truthOff, meanOff, fieldOff := 0.0, 0.0, 0.0
	for k := range n + 1 {
		share := float64(k) / float64(n)
		truth, field, err := radiiOfMean(ctx, n, k)
		if err != nil {
			return nil, err
		}
		mean, err := radiusOfSets(ctx, n, k)
		if err != nil {
			return nil, err
		}
		want := float64(max(2*k-n, n-2*k)) / float64(n)
		truthOff = max(truthOff, truth-want, want-truth)
		meanOff, fieldOff = max(meanOff, mean-1, 1-mean), max(fieldOff, field-1, 1-field)
		shares, truths, means, predicted = append(shares, share), append(truths, truth), append(means, mean), append(predicted, want)
	}
	err := c.Figure("sets", figure.Figure{
		Title:   "Subdifferential of a mean and mean of subdifferentials",
		Caption: "Half the width of both sets at 0 for the mean of n samples of s·|x|, as a function of the share of samples with s = 1. They agree only if all signs are equal; at one half the truth is {0}.",
		X:       figure.Axis{Label: "share p of samples with s = 1", Unit: "1"},
		Y:       figure.Axis{Label: "half the width of the set", Unit: "1"},
		Series: []figure.Series{
			{Name: "∂F(0)", Style: figure.Measured, X: shares, Y: truths, Color: 1},
			{Name: "|2p − 1|", Style: figure.Predicted, X: shares, Y: predicted, Color: 1},
			{Name: "E[∂f(·, s)(0)]", Style: figure.Measured, X: shares, Y: means, Color: 2},
			{Name: "1", Style: figure.Predicted, X: []float64{0, 1}, Y: []float64{1, 1}, Color: 2},
		},
	})
	return []claim.Check{
		{Label: "clarke-of-mean", Predicted: claim.Near(0, shareRounding), Measured: claim.Measured(truthOff)},
		{Label: "mean-of-clarke", Predicted: claim.Near(0, shareRounding), Measured: claim.Measured(meanOff)},
		{Label: "field-of-program", Predicted: claim.Near(0, shareRounding), Measured: claim.Measured(fieldOff)},
	}, err
}

// shareRounding is that of a share 1/n that is no dyadic number, which is rounded
// once where the program is written.
const shareRounding = 1e-15

// radiiOfMean are half the widths of ∂F(0) and of the hull of the field.
func radiiOfMean(ctx context.Context, n, k int) (truth, field float64, err error) {
	f, err := meanOf(n, k)
	if err != nil {
		return 0, 0, err
	}
	p := place{text: expr.Format(f), f: f, x: origin(1)}
	s, err := p.clarke(ctx)
	if err != nil {
		return 0, 0, err
	}
	d, err := vertexField(ctx, p)
	if err != nil {
		return 0, 0, err
	}
	return widest(s.Vertices), widest(d), nil
}

// radiusOfSets is half the width of the weighted Minkowski sum of the sets of
// |x| and −|x|.
func radiusOfSets(ctx context.Context, n, k int) (float64, error) {
	sum := []clarke.Vector{clarke.Rational(origin(1))}
	for _, part := range []struct {
		text   string
		weight *big.Rat
	}{{"abs(x)", big.NewRat(int64(k), int64(n))}, {"-abs(x)", big.NewRat(int64(n-k), int64(n))}} {
		p, err := at(part.text, "0")
		if err != nil {
			return 0, err
		}
		s, err := p.clarke(ctx)
		if err != nil {
			return 0, err
		}
		scaled := make([]clarke.Vector, len(s.Vertices))
		for i, v := range s.Vertices {
			scaled[i] = clarke.Rational(moved(origin(1), part.weight, v.Exact))
		}
		sum = pairwise(sum, scaled)
	}
	extreme, _, err := clarke.ExtremePoints(sum)
	if err != nil {
		return 0, fmt.Errorf("mean of sets: %w", err)
	}
	return widest(extreme), nil
}
