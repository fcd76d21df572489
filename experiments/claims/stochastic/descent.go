package stochastic

import (
	"context"
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
)

// descentLemma averages one step of SGD over all rows, exactly.
func descentLemma() claim.Claim {
	return claim.Claim{
		Numbers:  []int{9},
		Name:     "descent-lemma",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByBound},
		Sentence: "If J is L-smooth and α ≤ 1/L, then E[J(θ − α∇J_I(θ))] ≤ J(θ) − (α/2)‖∇J(θ)‖² + (Lα²/2)σ²(θ) for every θ. For isotropic quadratics the slack is (α/2)(1 − Lα)‖∇J‖², so that the bound is an equality at α = 1/L and false beyond.",
		Source:   "Pauwels, CIMI lecture 2021 (descent lemma); Bottou, Curtis and Nocedal, SIAM Review 60 (2018)",
		Mathematics: "`J = (J_1 + … + J_n)/n` is `L`-smooth if `∇J` is `L`-Lipschitz; the `J_i` need not be. Then `J(θ + h) ≤ J(θ) + ⟨∇J(θ), h⟩ + (L/2) ‖h‖^2`. Put `h = −α ∇J_I(θ)` with `I` uniform, and `σ^2 = E‖∇J_I − ∇J‖^2`, so that `E‖∇J_I‖^2 = ‖∇J‖^2 + σ^2`:\n\n" +
			"  E[J(θ − α ∇J_I(θ))] ≤ J(θ) − α (1 − L α/2) ‖∇J‖^2 + (L α^2/2) σ^2\n" +
			"  ≤ J(θ) − (α/2) ‖∇J‖^2 + (L α^2/2) σ^2 if α ≤ 1/L\n\n" +
			"For `J_i(θ) = (L/2) ‖θ − a_i‖^2` the expansion of `J` is exact, hence the first line is an equality for every `α`. The second line then has the slack\n\n" +
			"  (α/2) ‖∇J‖^2 − (L α^2/2) ‖∇J‖^2 = (α/2) (1 − L α) ‖∇J‖^2\n\n" +
			"which is 0 at `α = 1/L` and negative for larger `α` unless `∇J = 0`: the condition cannot be weakened. The expectation is a finite sum over `n` rows and is computed in full: in rationals for the quadratics, in float64 for least squares with unequal Hessians (`L` is the largest eigenvalue `λ_max` of the mean of `x_i x_i^⊤`), logistic regression (`L = λ_max/4`, since the second derivative of softplus is at most `1/4`) and the nonconvex losses `1 − cos⟨x_i, θ⟩` (`L = λ_max`).",
		Params: []claim.Param{
			claim.Int("trials", 40, "random problems of each kind").AtFull(2000).Between(1, 1e6),
			claim.Int("rows", 6, "rows n of each problem").Between(2, 50),
			claim.Int("dim", 3, "numbers of θ").Between(1, 20),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runDescent(ctx, c, smoothFamilies())
		},
	}
}

func runDescent(ctx context.Context, c *claim.Context, families []family) (claim.Outcome, error) {
	q, err := quadraticSteps(ctx, c)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks := []claim.Check{
		{Label: "quadratic-equality", Predicted: claim.Exact(0), Measured: claim.Measured(float64(q.unequal))},
		{Label: "quadratic-slack", Predicted: claim.Exact(0), Measured: claim.Measured(float64(q.slack))},
		{Label: "quadratic-bound", Predicted: claim.Exact(0), Measured: claim.Measured(float64(q.above))},
		{Label: "quadratic-beyond", Sentence: "At α = 3/(2L) the bound is false for every isotropic quadratic with ∇J ≠ 0.", Predicted: claim.Exact(1), Measured: claim.Measured(float64(q.beyond) / float64(max(q.beyondOf, 1)))},
	}
	for _, f := range families {
		excess, err := f.excess(ctx, c)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, claim.Check{Label: f.name, Predicted: claim.AtMost(roundingOfBound), Measured: claim.Measured(excess)})
	}
	one, err := oneStepFigure(c)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: checks,
		Result: jsonnum.Object{"quadratic_steps": q.steps, "steps_beyond": q.beyondOf},
	}, c.Figure("one-step", one)
}

// quadraticCount counts what the rational steps did; the first three are failures.
type quadraticCount struct {
	unequal, slack, above   int
	beyond, beyondOf, steps int
}

// relativeSteps are the step sizes in units of 1/L.
func relativeSteps() []*big.Rat {
	return []*big.Rat{big.NewRat(1, 4), big.NewRat(1, 2), big.NewRat(9, 10), big.NewRat(1, 1), big.NewRat(3, 2)}
}

// quadraticSteps enumerates steps on random isotropic quadratics in rationals.
func quadraticSteps(ctx context.Context, c *claim.Context) (quadraticCount, error) {
	var count quadraticCount
	for trial := range c.Int("trials") {
		rng := c.Rand(claim.At("stream", "quadratic"), claim.At("trial", trial))
		l := float64(1+rng.Int64N(32)) / 8
		s, err := newExactStep(centres(c.Int("dim"), l, eighths(c.Int("rows")*c.Int("dim"), 4, rng)), rational(eighths(c.Int("dim"), 4, rng)))
		if err != nil {
			return count, err
		}
		for _, u := range relativeSteps() {
			if err := ctx.Err(); err != nil {
				return count, err
			}
			if err := count.add(s, rational([]float64{l})[0], u); err != nil {
				return count, err
			}
		}
	}
	return count, nil
}

// add makes a step of size α = u/l.
func (q *quadraticCount) add(s *exactStep, l, u *big.Rat) error {
	alpha := new(big.Rat).Quo(u, l)
	mean, err := s.mean(alpha)
	if err != nil {
		return err
	}
	q.steps++
	if mean.Cmp(s.second(alpha, l)) != 0 {
		q.unequal++
	}
	gap := new(big.Rat).Sub(s.bound(alpha, l), mean) // = (α/2)(1 − u)‖∇J‖²
	slack := product3(big.NewRat(1, 2), alpha, new(big.Rat).Mul(new(big.Rat).Sub(integer(1), u), s.norm))
	if gap.Cmp(slack) != 0 {
		q.slack++
	}
	switch {
	case u.Cmp(integer(1)) <= 0 && gap.Sign() < 0:
		q.above++
	case u.Cmp(integer(1)) > 0 && s.norm.Sign() > 0:
		q.beyondOf++
		if gap.Sign() < 0 {
			q.beyond++
		}
	}
	return nil
}
