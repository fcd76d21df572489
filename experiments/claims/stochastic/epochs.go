package stochastic

import (
	"context"
	"fmt"
	"slices"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// epochCounts counts steps and component gradients of the training loop.
func epochCounts() claim.Claim {
	return claim.Claim{
		Numbers:  []int{6},
		Name:     "epoch-counts",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByCoverage},
		Sentence: "An epoch is n component gradients: one step of gradient descent, n steps of SGD and ⌈n/b⌉ steps with minibatches of b rows. Only without replacement does every row occur in every epoch.",
		Source:   "Pauwels, CIMI lecture 2021 (stochastic gradient, epochs)",
		Mathematics: "Computing `∇J_i(θ)` for one row is the unit of work, and an epoch is `n` units, so that methods are compared at equal cost. A step with a minibatch of `b` rows costs `b` units. A pass over the rows is cut into minibatches of `b` rows and a last one of `n − b (⌈n/b⌉ − 1)` rows, hence\n\n" +
			"  steps of an epoch = ⌈n/b⌉\n\n" +
			"which is 1 for gradient descent, `b = n`, and `n` for SGD, `b = 1`.\n\n" +
			"Without replacement a pass is a permutation and visits every row exactly once. With replacement the `n` draws of an epoch miss a given row with probability `(1 − 1/n)^n`, which tends to `1/e ≈ 0.368`: this is also the expected share of the rows that an epoch never sees.",
		Params: []claim.Param{
			claim.Int("rows", 60, "rows n of the data").Between(2, 1e5),
			claim.Ints("batches", []int{1, 7, 16, 60}, "minibatch sizes b, at most n").Between(1, 1e5),
			claim.Int("epochs", 200, "epochs made with each size").AtFull(5000).Between(100, 1e6),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runEpochs(ctx, c, sgd.Sampling{Order: sgd.Reshuffled}, sgd.Sampling{Order: sgd.WithReplacement})
		},
	}
}

// epochCount is what one size of minibatches and one way of drawing did.
type epochCount struct {
	steps, gradients []float64 // of each epoch
	unvisited        []float64 // share of the rows that an epoch missed
	uneven           int       // rows that an epoch did not visit exactly once, over all epochs
}

func runEpochs(ctx context.Context, c *claim.Context, without, with sgd.Sampling) (claim.Outcome, error) {
	n, sizes := c.Int("rows"), slices.Compact(slices.Sorted(slices.Values(c.Ints("batches"))))
	if last := sizes[len(sizes)-1]; last > n {
		return claim.Outcome{}, fmt.Errorf("batches: a minibatch of %d rows does not fit into %d rows; take sizes of at most that", last, n)
	}
	points := make([]float64, n)
	random.Normals(points, 1, c.Rand(claim.At("stream", "points")))
	counts := make([]epochCount, 2*len(sizes))
	err := c.Each(ctx, len(counts), func(ctx context.Context, i int) error {
		s := without
		if i%2 == 1 {
			s = with
		}
		s.Batch = sizes[i/2]
		t, err := centres(1, 1, points).trainer(s, sgd.Constant(0.01), []float64{0},
			c.Source(claim.At("stream", "rows"), claim.At("order", s.Order.String()), claim.At("batch", s.Batch)))
		if err != nil {
			return err
		}
		counts[i], err = countEpochs(ctx, t, n, c.Int("epochs"))
		return err
	})
	if err != nil {
		return claim.Outcome{}, err
	}
	return epochOutcome(c, n, sizes, counts)
}

func countEpochs(ctx context.Context, t *sgd.Trainer, rows, epochs int) (epochCount, error) {
	var out epochCount
	before := 0
	for range epochs {
		visits, steps, gradients := make([]int, rows), 0, 0
		for step, err := range t.Epochs(ctx, 1) {
			if err != nil {
				return out, err
			}
			steps++
			gradients = step.Gradients - before
			for _, r := range step.Rows {
				visits[r]++
			}
		}
		before += gradients
		missed := 0
		for _, v := range visits {
			if v == 0 {
				missed++
			}
			if v != 1 {
				out.uneven++
			}
		}
		out.steps, out.gradients = append(out.steps, float64(steps)), append(out.gradients, float64(gradients))
		out.unvisited = append(out.unvisited, float64(missed)/float64(rows))
	}
	return out, nil
}

// unvisitedWidth is how wide the interval of the share of unvisited rows may be.
const unvisitedWidth = 0.24

func epochOutcome(c *claim.Context, n int, sizes []int, counts []epochCount) (claim.Outcome, error) {
	var checks []claim.Check
	var x, y []float64
	uneven := 0
	for i, b := range sizes {
		without, with := counts[2*i], counts[2*i+1]
		uneven += without.uneven
		steps := span(append(slices.Clone(without.steps), with.steps...))
		at := map[string]any{"batch": b}
		share := kernel.Pow(1-1/float64(n), float64(n))
		checks = append(checks,
			claim.Check{Label: fmt.Sprintf("steps-b%d", b), At: at, Predicted: claim.Exact(float64((n + b - 1) / b)), Measured: steps},
			claim.Check{Label: fmt.Sprintf("gradients-b%d", b), At: at, Predicted: claim.Exact(float64(n)), Measured: span(append(slices.Clone(without.gradients), with.gradients...))},
			claim.Check{Label: fmt.Sprintf("unvisited-b%d", b), At: at, Predicted: claim.Covered(share, unvisitedWidth), Measured: claim.Mean(with.unvisited, claim.Alpha/float64(len(sizes)))},
		)
		x, y = append(x, float64(b)), append(y, steps.Value)
	}
	checks = append(checks, claim.Check{Label: "every-row-once", Predicted: claim.Exact(0), Measured: claim.Measured(float64(uneven))})
	return claim.Outcome{
		Checks: checks,
		Result: jsonnum.Object{"batches": x, "steps_of_an_epoch": y},
	}, c.Figure("steps", stepsFigure(n, x, y))
}

// span is the mean of values with the interval that holds them all.
func span(values []float64) claim.Measurement {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	lo, hi := slices.Min(values), slices.Max(values)
	return claim.MeasuredIn(min(max(sum/float64(len(values)), lo), hi), lo, hi)
}

func stepsFigure(n int, x, y []float64) figure.Figure {
	line := figure.Series{Name: "⌈n/b⌉", Style: figure.Predicted, Color: 1}
	for b := 1; b <= n; b += 1 + b/64 {
		line.X, line.Y = append(line.X, float64(b)), append(line.Y, float64((n+b-1)/b))
	}
	return figure.Figure{
		Title:   fmt.Sprintf("Steps of an epoch of %d component gradients", n),
		Caption: "From SGD on the left, n steps, to gradient descent on the right, 1 step: all at the same cost.",
		X:       figure.Axis{Label: "rows b of a minibatch", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "steps of an epoch", Unit: "1", Log: true},
		Series:  []figure.Series{{Name: "counted, both ways of drawing", Style: figure.Measured, X: x, Y: y, Color: 1}, line},
	}
}
