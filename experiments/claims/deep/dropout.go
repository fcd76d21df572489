package deep

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// dropout enumerates all masks of a linear regression, and draws them in training.
func dropout() claim.Claim {
	return claim.Claim{
		Numbers:  []int{38},
		Name:     "dropout-is-ridge",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByCoverage},
		Sentence: "The mean loss of linear regression with dropout is the loss without it plus a ridge penalty weighted by the columns of the data, exactly, and so is its gradient: the mean iterates are those of gradient descent on the penalised loss.",
		Source:   "Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, JMLR 15, 2014, section 9.1; Wager, Wang, Liang, NeurIPS 2013; Pauwels, CIMI lecture 2021 (dropout)",
		Mathematics: "Let δ have independent entries, 1 with probability p and else 0. Each entry `δ_j/p` has the mean 1 and the variance `(1 − p)/p`, hence\n\n" +
			"  E‖y − X(δ∘w)/p‖^2 = ‖y − Xw‖^2 + ((1 − p)/p) Σ_j w_j^2 ‖X_j‖^2\n\n" +
			"with the columns `X_j`. The mean is the same if each row of the data has a mask of its own, as a layer of dropout has, since a row's loss depends on its mask only. Both sides are polynomials in w, so their gradients agree too.\n\n" +
			"Masks of different steps are independent and the gradient is affine in w, so `E w_k` follows gradient descent on the right side, step by step. The measured number is `⟨w_k, v_k⟩/‖v_k‖^2` with the iterate `v_k` of that descent, whose mean is 1.\n\n" +
			"All `2^d` masks are enumerated in rationals.",
		Params: []claim.Param{
			claim.Int("rows", 8, "rows of X").AtFull(20).Between(1, 200),
			claim.Int("columns", 5, "columns d of X").AtFull(9).Between(1, 14),
			claim.Floats("keep", []float64{0.25, 0.5, 0.875}, "the probabilities p of keeping an entry").Between(0.01, 0.99),
			claim.Int("problems", 3, "random problems that are enumerated for each p").AtFull(10).Between(1, 1000),
			claim.Int("steps", 25, "steps of each training").Between(1, 1000),
			claim.Int("runs", 1500, "trainings with masks drawn, at the last p").AtFull(20000).Between(100, 1e6),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runDropout(ctx, c, kept, func(keep float64) sgd.Distribution { return sgd.Bernoulli{Keep: keep} })
		},
	}
}

// kept is what a kept entry is multiplied by.
func kept(p *big.Rat) *big.Rat { return new(big.Rat).Inv(p) }

func runDropout(ctx context.Context, c *claim.Context, scale func(p *big.Rat) *big.Rat, masks func(keep float64) sgd.Distribution) (claim.Outcome, error) {
	rows, columns := c.Int("rows"), c.Int("columns")
	programs, err := newDropoutPrograms(rows, columns)
	if err != nil {
		return claim.Outcome{}, err
	}
	var checks []claim.Check
	for _, keep := range c.Floats("keep") {
		p := new(big.Rat).SetFloat64(keep)
		wrong, penalty := [3]int{}, new(big.Rat)
		for i := range c.Int("problems") {
			if err := ctx.Err(); err != nil {
				return claim.Outcome{}, err
			}
			q := newRegression(rows, columns, c.Rand(claim.At("stream", "problem"), claim.At("problem", i)))
			e, err := programs.enumerate(q, p, scale(p))
			if err != nil {
				return claim.Outcome{}, err
			}
			for j, n := range e.wrong {
				wrong[j] += n
			}
			penalty = e.penalty
		}
		odds := new(big.Rat).Quo(new(big.Rat).Sub(big.NewRat(1, 1), p), p)
		at := map[string]any{"p": keep}
		checks = append(checks, claim.Check{
			Label: fmt.Sprintf("penalty-%v", keep), At: at, Sentence: "The mean loss over all masks exceeds the loss without dropout by (1 − p)/p in units of Σⱼ wⱼ²‖Xⱼ‖².",
			Predicted: claim.Exact(float(odds)), Measured: claim.Measured(float(penalty)),
		})
		for j, what := range []string{"The mean loss", "The mean gradient", "The mean loss or gradient of the network, with a mask for each row,"} {
			checks = append(checks, claim.Check{
				Label: fmt.Sprintf("%s-%v", [3]string{"loss", "gradient", "layer"}[j], keep), At: at, Sentence: what + " is that of the formula, exactly (wrong numbers counted).",
				Predicted: claim.Exact(0), Measured: claim.Measured(float64(wrong[j])),
			})
		}
	}
	trained, projections, err := meanIterate(ctx, c, masks)
	if err != nil {
		return claim.Outcome{}, err
	}
	shown, err := penaltyFigure(c, programs)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: append(checks, trained), Result: jsonnum.Object{"projections": projections}}, c.Figure("penalty", shown)
}

// penaltyFigure shows the enumerated penalty for many p.
func penaltyFigure(c *claim.Context, programs *dropoutPrograms) (figure.Figure, error) {
	points := figure.Series{Name: "all masks enumerated", Style: figure.Measured}
	line := figure.Series{Name: "(1 − p)/p", Style: figure.Predicted}
	q := newRegression(c.Int("rows"), c.Int("columns"), c.Rand(claim.At("stream", "problem"), claim.At("problem", 0)))
	const parts = 16
	for k := int64(1); k < parts; k++ {
		p := big.NewRat(k, parts)
		mean, err := programs.meanOverMasks(q, p, kept(p))
		if err != nil {
			return figure.Figure{}, err
		}
		x := float(p)
		points.X, points.Y = append(points.X, x), append(points.Y, float(q.penaltyOf(mean.loss)))
		line.X, line.Y = append(line.X, x), append(line.Y, (1-x)/x)
	}
	return figure.Figure{
		Title:  "What dropout adds to the loss of linear regression",
		X:      figure.Axis{Label: "probability p of keeping an entry", Unit: "1"},
		Y:      figure.Axis{Label: "penalty", Unit: "Σⱼ wⱼ²‖Xⱼ‖²", Log: true},
		Series: []figure.Series{points, line},
	}, nil
}
