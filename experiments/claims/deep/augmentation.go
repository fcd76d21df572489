package deep

import (
	"context"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// augmentation solves least squares on all images of the data under finite groups.
func augmentation() claim.Claim {
	return claim.Claim{
		Numbers:  []int{40},
		Name:     "augmentation-averages",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByCoverage, claim.ByBound},
		Sentence: "Linear regression on data augmented by a finite group of orthogonal maps has an invariant solution, which is that of regression on features averaged over the group, exactly; gradient descent from 0 makes the same iterates for both, and so does logistic regression.",
		Source:   "Chen, Dobriban, Lee, JMLR 21, 2020, sections 3 and 5; Pauwels, CIMI lecture 2021 (data augmentation)",
		Mathematics: "Let G be finite and act by orthogonal maps, `P = (1/|G|) Σ_g g` its projection on the invariant vectors, and\n\n" +
			"  A(w) = (1/|G|) Σ_g Σ_i ℓ(⟨w, gx_i⟩, y_i)\n\n" +
			"the augmented loss, which is invariant: A(gw) = A(w). If its minimiser is unique it is invariant too. For invariant w all `⟨w, gx⟩` are equal to `⟨w, Px⟩`, so A is there the loss on averaged features, whose solution of least norm is invariant: both are the same vector.\n\n" +
			"At an invariant w also the gradients agree, `P Σ_i ℓ′(⟨w, Px_i⟩, y_i) x_i`. By induction gradient descent from 0 has the same iterates for both, whatever the loss ℓ. With elements of G drawn at random for each row and step, and ℓ the square, the mean iterate is the same again; the measured number is its projection `⟨w_k, v_k⟩/‖v_k‖^2` on that of gradient descent.\n\n" +
			"Signed permutations are rational: the solutions are computed in rationals from the programs' gradients, and compared entry by entry.",
		Params: []claim.Param{
			claim.Int("side", 4, "side of square images").AtFull(6).Between(2, 8),
			claim.Int("rows", 20, "rows of data, at least as many as pixels").AtFull(40).Between(16, 100),
			claim.Int("steps", 300, "steps of gradient descent").AtFull(5000).Between(10, 1e6),
			claim.Int("runs", 1000, "trainings with elements drawn").AtFull(20000).Between(100, 1e6),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runAugmentation(ctx, c, symmetries(c.Int("side")), func(s symmetry) symmetry { return s })
		},
	}
}

// sameIterates is how far iterates that are equal may be apart: rounding of thousands of
// contracting steps.
const sameIterates = 1e-11

func runAugmentation(ctx context.Context, c *claim.Context, groups []symmetry, averaged func(symmetry) symmetry) (claim.Outcome, error) {
	var checks []claim.Check
	result := jsonnum.Object{}
	for _, s := range groups {
		a := newAugmented(c, s, averaged(s))
		exact, err := a.solutions()
		if err != nil {
			return claim.Outcome{}, err
		}
		result[s.name] = floats(exact.augmented)
		at := map[string]any{"elements": len(s.elements), "dimension": s.d}
		check := func(label, sentence string, p claim.Prediction, measured float64) {
			checks = append(checks, claim.Check{Label: s.name + "-" + label, Sentence: sentence, At: at, Predicted: p, Measured: claim.Measured(measured)})
		}
		check("invariant", "The solution of augmented least squares is invariant, exactly (entries that an element changes).", claim.Exact(0), float64(s.changed(exact.augmented)))
		check("averaged", "It is the solution of least norm on averaged features, exactly (entries that differ).", claim.Exact(0), float64(differing(exact.augmented, exact.averaged)))
		check("plain", "Without augmentation the solution is not invariant (entries that an element changes).", claim.AtLeast(1), float64(s.changed(exact.plain)))
		for _, l := range losses() {
			gap, err := a.gap(ctx, c.Int("steps"), l.loss)
			if err != nil {
				return claim.Outcome{}, err
			}
			check(l.name, "Iterates of gradient descent on augmented data and on averaged features are equal up to rounding.", claim.Near(0, sameIterates), gap)
		}
	}
	a := newAugmented(c, groups[0], averaged(groups[0]))
	drawn, err := a.drawn(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	shown, err := a.figure(ctx, c.Int("steps"))
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: append(checks, drawn), Result: result}, c.Figure("distance", shown)
}

// figure shows how far iterates on the plain data are from being invariant.
func (a *augmented) figure(ctx context.Context, steps int) (figure.Figure, error) {
	var series []figure.Series
	for i, l := range losses() {
		iterates, err := a.plain.iterates(ctx, l.loss, a.rate, steps)
		if err != nil {
			return figure.Figure{}, err
		}
		curve := figure.Series{Name: l.name, Style: figure.Curve, Color: 1 + i}
		for k := 1; k <= steps; k = sgd.Geometric(1.1).After(k) {
			w := rational(iterates[k])
			curve.X, curve.Y = append(curve.X, float64(k)), append(curve.Y, distance(iterates[k], floats(a.group.mean(w))))
		}
		series = append(series, curve)
	}
	return figure.Figure{
		Title:   "Square images: how far iterates are from being invariant",
		Caption: "‖w − Pw‖ of gradient descent on the plain data. On augmented data it is rounding, below the axis.",
		X:       figure.Axis{Label: "steps", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "‖w − Pw‖", Unit: "1", Log: true}, Series: series,
	}, nil
}
