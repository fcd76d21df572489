package deep

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/sgd"
)

// batchNorm looks at the symmetry that batch normalisation gives a loss, and at its price.
func batchNorm() claim.Claim {
	return claim.Claim{
		Numbers:  []int{39},
		Name:     "batch-norm-scale",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "Batch normalisation makes the loss indifferent to the size of the weights before it: each unit's gradient is orthogonal to its weights and inversely proportional to their size, so that every step of SGD makes them longer; where the minibatch does not vary the loss jumps.",
		Source:   "Ioffe, Szegedy, ICML 2015, section 3.3; van Laarhoven, arXiv 1706.05350, 2017; Arora, Li, Lyu, ICLR 2019, lemma 2.4; Pauwels, CIMI lecture 2021 (batch normalisation)",
		Mathematics: "With ε = 0 the normalised output `(z − m)/√v` of a unit z = XW does not change when its weights W are multiplied by c > 0. Hence L(cW) = L(W), and Euler's identities for a function that is positively homogeneous of degree 0 say\n\n" +
			"  ⟨W, ∇L(W)⟩ = 0\n" +
			"  ∇L(cW) = ∇L(W)/c\n\n" +
			"for each unit. By Pythagoras a step of plain SGD gives `‖W_{k+1}‖^2 = ‖W_k‖^2 + α^2 ‖∇L(W_k)‖^2`. For c a power of 2 nothing is rounded by the scaling, and the second identity holds bit by bit.\n\n" +
			"A function of degree 0 that is not constant has no limit at 0: for two rows z = (t, −t) the outputs are ±sign(t), a jump of 2 at t = 0, where the program is 0/0. With ε > 0 the first output is `t/√(t^2 + ε)`, whose slope at 0 is 1/√ε: no Lipschitz constant is uniform in ε.",
		Params: []claim.Param{
			claim.Int("rows", 16, "rows of the minibatch").Between(4, 1000),
			claim.Int("inputs", 6, "numbers of a row").Between(2, 200),
			claim.Int("units", 5, "normalised units").Between(1, 200),
			claim.Int("points", 40, "random points for Euler's identities").AtFull(2000).Between(1, 1e5),
			claim.Int("steps", 400, "steps of training").AtFull(20000).Between(10, 1e6),
			claim.Float("rate", 0.1, "the step size α").Between(1e-4, 0.2),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runBatchNorm(ctx, c, 0, sgd.SGD{})
		},
	}
}

// cancellation bounds relative errors of identities: a gradient is projected by subtractions
// that lose at most five digits of sixteen here.
const cancellation = 1e-10

func runBatchNorm(ctx context.Context, c *claim.Context, epsilon float64, method sgd.Method) (claim.Outcome, error) {
	n, err := newNormalised(c, epsilon)
	if err != nil {
		return claim.Outcome{}, err
	}
	euler, err := n.euler(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	growth, shown, err := n.growth(ctx, c, method)
	if err != nil {
		return claim.Outcome{}, err
	}
	jumps, err := constantBatches(ctx, epsilon)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks := append(euler, growth)
	return claim.Outcome{Checks: append(checks, jumps...)}, c.Figure("weights", shown)
}

// euler checks the identities at random points.
func (n *normalised) euler(ctx context.Context, c *claim.Context) ([]claim.Check, error) {
	angle, scaled, bits := 0.0, 0.0, 0
	for i := range c.Int("points") {
		if err := n.draw(c.Rand(claim.At("stream", "point"), claim.At("point", i))); err != nil {
			return nil, err
		}
		w, g, err := n.gradient(ctx, 1)
		if err != nil {
			return nil, err
		}
		for j := range n.units {
			u, v := n.column(w, j), n.column(g, j)
			if size := math.Sqrt(dot(u, u) * dot(v, v)); size > 0 { // the gradient of a unit that no row activates is 0
				angle = max(angle, math.Abs(dot(u, v))/size)
			}
		}
		for _, factor := range []float64{1. / 8, 2, 1024} {
			_, h, err := n.gradient(ctx, factor)
			if err != nil {
				return nil, err
			}
			for k := range h {
				if h[k]*factor != g[k] {
					bits++
				}
			}
		}
		_, h, err := n.gradient(ctx, 3)
		if err != nil {
			return nil, err
		}
		for k := range h {
			scaled = max(scaled, math.Abs(float64(3*h[k])-g[k])/math.Sqrt(dot(g, g)))
		}
	}
	return []claim.Check{
		{Label: "orthogonal", Sentence: "The largest cosine of the angle between a unit's weights and their gradient.", Predicted: claim.Near(0, cancellation), Measured: claim.Measured(angle)},
		{Label: "powers-of-two", Sentence: "c∇L(cW) = ∇L(W) for c = 1/8, 2 and 1024, bit by bit (entries that differ).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(bits))},
		{Label: "three", Sentence: "3∇L(3W) = ∇L(W) up to rounding.", Predicted: claim.Near(0, cancellation), Measured: claim.Measured(scaled)},
	}, nil
}

// constantBatches looks at a minibatch of two rows ±t as t → 0.
func constantBatches(ctx context.Context, epsilon float64) ([]claim.Check, error) {
	jump, moved := math.Inf(1), 0
	for k := 0; k <= 300; k += 30 {
		t := math.Ldexp(1, -k)
		right, _, err := pairOutput(ctx, epsilon, t)
		if err != nil {
			return nil, err
		}
		left, _, err := pairOutput(ctx, epsilon, -t)
		if err != nil {
			return nil, err
		}
		if jump = min(jump, right-left); right != 1 || left != -1 {
			moved++
		}
	}
	at, _, err := pairOutput(ctx, epsilon, 0)
	if diverged := new(sgd.DivergedError); errors.As(err, &diverged) {
		at = math.NaN()
	} else if err != nil {
		return nil, err
	}
	checks := []claim.Check{
		{Label: "jump", Sentence: "The first of two outputs jumps by 2 where the rows agree, seen from ±2⁻³⁰⁰ as from ±1.", Predicted: claim.Exact(2), Measured: claim.Measured(jump)},
		{Label: "undefined", Sentence: "Where the rows agree the program has no value.", Predicted: claim.Exact(math.NaN()), Measured: claim.Measured(at)},
		{Label: "constant", Sentence: "The outputs are ±1 on both sides, exactly (points where they are not).", Predicted: claim.Exact(0), Measured: claim.Measured(float64(moved))},
	}
	for _, k := range []int{3, 6, 12} {
		_, slope, err := pairOutput(ctx, math.Ldexp(1, -2*k)+epsilon, 0)
		if err != nil {
			return nil, err
		}
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("slope-%d", k), At: map[string]any{"epsilon": math.Ldexp(1, -2*k)}, Sentence: "With ε > 0 the slope where the rows agree is 1/√ε.",
			Predicted: claim.Exact(math.Ldexp(1, k)), Measured: claim.Measured(slope),
		})
	}
	return checks, nil
}
