package critical

import (
	"context"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/dataset"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// reluAtZero measures how seldom the choice of relu′(0) matters.
func reluAtZero() claim.Claim {
	return claim.Claim{
		Numbers:  []int{55},
		Name:     "relu-at-zero",
		Theorem:  claim.Probability,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "Over the reals the choice of relu′(0) changes the gradient of a network on a set of parameters of measure 0; in floating point a pre-activation is exactly 0, and the gradient changes, with a probability that is proportional to the spacing of the numbers: for a unit and a row about once in 10⁴ with 11 significant bits, in 10⁸ with 24 and in 10¹⁷ with 53.",
		Source:   "Bertoin, Bolte, Gerchinovitz and Pauwels, NeurIPS 2021, arXiv 2106.12915 (bifurcation set, measure 0; networks from random starts on images, in 16, 32 and 64 bits: of 1000 starts with one hidden layer of 256 units 871, 54 and 0 met it in one pass over MNIST)",
		Mathematics: "For a minibatch the parameters at which backpropagation with `relu′(0) = 0` differs from that with `relu′(0) = 1` lie where the pre-activation of a unit vanishes, `⟨w, x⟩ + b = 0` for a row x: in finitely many sets of measure 0, since b moves each by itself. Both choices are elements of the conservative field.\n\n" +
			"In floating point with t significant bits a pre-activation is the rounded sum of the bias b and of the rounded product s, and a sum of two such numbers is 0 if and only if `s = −b`. Let weights and biases be uniform in `[−B, B]` with `B = 1/√n` for n inputs, as PyTorch draws them. A real b is rounded to −s with probability ulp(s)/(2B) if |s| < B, so that for each row\n\n" +
			"\tP(z = 0) = E[ulp(s); |s| < B]/(2B),\n\n" +
			"whatever the distribution of s is. As a sum of many independent terms s is almost normal, with variance `B²‖x‖²/3`: its excess kurtosis is `−1.2 ∑x⁴/(∑x²)²`, about −0.05 here, which changes the density by less than one part in a hundred. With `ulp(s) = 2^{k+1−t}` for `2^k ≤ |s| < 2^{k+1}` the expectation is a sum of values of erf, and proportional to `2^{−t}`.\n\n" +
			"Hardware for 16 bits often sums products and bias in 32 bits and rounds once. Then z is 0 if and only if its absolute value is at most half of the smallest number, `2^{−25}` in float16, which has the probability `2·2^{−25} p_z(0)` with the density `p_z(0) = erf(B/(σ√2))/(2B)` of z at 0, and besides that of a zero in 32 bits: the sum is a multiple of ulp(s), and both ends of the interval count. That is about 9·10⁻⁸ here; in the published runs, of other networks on other images, 1.7·10⁻⁸ to 1.2·10⁻⁷ of all pre-activations are 0 in 16 bits, and up to 5.6·10⁻⁹ in 32 bits, for which 7·10⁻⁹ are predicted here.\n\n" +
			"With 8 and 11 bits (bfloat16 and float16, emulated: the product is computed in float32 and rounded) zeros are counted. Events as rare as with 24 and 53 bits, and those of one rounding, are measured as in the claim avoidance: b is drawn from a window around −s only, outside of which the executor's own sum cannot be 0, and the frequency multiplied by the known probability of the window. A minibatch of 16 rows has at least one zero with probability `1 − exp(−λ)`, λ the mean number of its zeros, as these are rare and almost independent.\n\n" +
			"Gradients are compared bit by bit for a network with two hidden layers, in the executor's float32 and float64: from random starts, where no zero is to be expected, and from the same with one bias set to −s of one row, which is a point of the bifurcation set in floating point. So are the ends of two gradient descents, one for each choice: they agree until a pre-activation is 0, and not from then on. That no descent from a random start would meet one was predicted at first, and is false: of 50 descents of 500 steps in float32 8 did, while starts meet a zero so seldom that it should have been less than one. Descents draw pre-activations to 0, as units slide along their kinks (claim linear-rate-to-zero); how often is not predicted, and stands beside the rows as `depend`. The published training runs are not repeated: their code gives derivatives of a wrong size where `relu′(0) ≠ 0`, and the executor has no arithmetic of 16 bits.",
		Params: []claim.Param{
			claim.Int("starts", 1600, "random layers").AtFull(16000).Between(1000, 1e6),
			claim.Int("networks", 50, "random networks whose gradients are compared").AtFull(1000).Between(2, 1e5),
			claim.Int("descents", 5, "gradient descents").AtFull(50).Between(2, 1000),
			claim.Int("steps", 50, "steps of each").AtFull(500).Between(1, 1e5),
		},
		Inputs: digits().Inputs,
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runReLUAtZero(ctx, c, 1, expr.ReLU)
		},
	}
}

// zeroTolerance allows for the interval of the measured frequency, for a product that is not quite normal, and for zeros
// that are not quite independent.
const zeroTolerance = 0.1

// runReLUAtZero draws biases in `spread` times the interval that is predicted, and networks with that unit.
func runReLUAtZero(ctx context.Context, c *claim.Context, spread float64, unit func(expr.Node) expr.Node) (claim.Outcome, error) {
	set, err := dataset.Digits()
	if err != nil {
		return claim.Outcome{}, err
	}
	checks, result, err := zeroFrequencies(ctx, c, newZeroLayer(set, spread))
	if err != nil {
		return claim.Outcome{}, err
	}
	for _, p := range nativeFormats {
		more, err := comparisons(ctx, c, set, p, unit)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, more...)
	}
	return claim.Outcome{Checks: checks, Result: result}, nil
}

// zeroFrequencies compares measured frequencies of zeros with predicted ones.
func zeroFrequencies(ctx context.Context, c *claim.Context, l *zeroLayer) ([]claim.Check, jsonnum.Object, error) {
	found, err := l.measure(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	var checks []claim.Check
	measured := figure.Series{Name: "measured", Style: figure.Measured, Color: 1}
	theory := figure.Series{Name: "predicted: a mean unit in the last place", Style: figure.Predicted, Color: 1}
	result := jsonnum.Object{}
	for _, k := range zeroKinds {
		p, m := l.probability(k), claim.Mean(found[k], claim.Alpha/float64(len(zeroKinds)))
		checks = append(checks, claim.Check{
			Label: k.name, Sentence: "The frequency of " + k.what + ", relative to that predicted, is 1.",
			Predicted: claim.Near(1, zeroTolerance), Measured: claim.MeasuredIn(m.Value/p, m.Lower/p, m.Upper/p), At: map[string]any{"probability": m.Value},
		})
		result[k.name] = jsonnum.Object{"measured": m.Value, "predicted": p}
		if k.how != onceRounded && k.how != anyOfRows {
			measured.X, measured.Y = append(measured.X, k.spacing()), append(measured.Y, m.Value)
			measured.Lower, measured.Upper = append(measured.Lower, m.Lower), append(measured.Upper, m.Upper)
			theory.X, theory.Y = append(theory.X, k.spacing()), append(theory.Y, p)
		}
	}
	checks = append(checks, claim.Check{
		Label: "slope", Sentence: "The probability of a zero is proportional to the spacing of the numbers.",
		Predicted: claim.Near(1, 0.01), Measured: claim.Measured(claim.Slope(measured.X, measured.Y)),
	})
	return checks, result, c.Figure("zeros", figure.Figure{
		Title:   "How often a pre-activation is exactly 0",
		Caption: fmt.Sprintf("Probability that relu meets its kink, for one row of the digits and one of %d units with random weights and bias, for 53, 24, 11 and 8 significant bits (float64, float32, float16, bfloat16), with intervals at the level of the verdicts. Only there relu′(0) matters.", l.units),
		X:       figure.Axis{Label: "spacing of the numbers in [1, 2)", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "probability of a zero", Unit: "1", Log: true},
		Series:  []figure.Series{measured, theory},
	})
}

// normalWithin is the probability that a normal number of that standard deviation is between −r and r.
func normalWithin(r, sigma float64) float64 { return kernel.Erf(r / (sigma * math.Sqrt2)) }
