package stochastic

import (
	"context"
	"fmt"
	"math/big"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// unbiased enumerates all minibatches of a small sum in rationals and draws those of a larger one.
func unbiased() claim.Claim {
	return claim.Claim{
		Numbers:  []int{2},
		Name:     "unbiased-gradients",
		Theorem:  claim.Probability,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByCoverage},
		Sentence: "The gradient of a random minibatch of b rows has mean ∇J, and its variance is σ²/b when rows are drawn with replacement and σ²/b·(n − b)/(n − 1) when they are drawn without.",
		Source:   "Pauwels, CIMI lecture 2021 (stochastic gradient); Cochran, Sampling Techniques (1977)",
		Mathematics: "Let `J = (J_1 + … + J_n)/n`, let `g_i = ∇J_i(θ)`, so that `∇J(θ) = (g_1 + … + g_n)/n` since differentiation is linear, and let `σ^2 = (1/n) ∑_i ‖g_i − ∇J(θ)‖^2`. A minibatch of `b` rows returns `G = (1/b) ∑_{j ≤ b} g_{I_j}`. Every `I_j` is uniform on the rows, with or without replacement, hence `E[G] = ∇J(θ)`.\n\n" +
			"Put `d_i = g_i − ∇J(θ)`, which sum to 0. With replacement the draws are independent and `E‖G − ∇J‖^2 = σ^2/b`. Without replacement two different draws are correlated: from `‖∑_i d_i‖^2 = 0`\n\n" +
			"  E⟨d_{I_1}, d_{I_2}⟩ = (1/(n (n − 1))) ∑_{i ≠ k} ⟨d_i, d_k⟩ = −σ^2/(n − 1)\n" +
			"  E‖G − ∇J‖^2 = (1/b^2) (b σ^2 − b (b − 1) σ^2/(n − 1)) = (σ^2/b) (n − b)/(n − 1)\n\n" +
			"For the small sum all `n^b` sequences and all subsets of `b` rows are enumerated in rationals, at a random rational point of the nonconvex losses `J_i(θ) = (1/2) ((⟨u_i, θ⟩)^2 − y_i)^2`, and the equations hold exactly. For logistic regression on the digits (`n = 1797`), minibatches are drawn by the sampler of the training loop. The rows of the ledger show `E‖G − ∇J‖^2` in units of `σ^2/b`.",
		Params: []claim.Param{
			claim.Int("rows", 5, "rows n of the small sum").AtFull(6).Between(2, 6),
			claim.Int("dim", 2, "numbers of θ in the small sum").Between(1, 4),
			claim.Ints("batches", []int{8, 64, 512}, "minibatch sizes b of logistic regression on the digits").Between(4, 1796),
			claim.Int("trials", 1500, "minibatches drawn for each size and design").AtFull(20000).Between(1000, 1e6),
		},
		Inputs: digitsInputs,
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runUnbiased(ctx, c, designs())
		},
	}
}

// design says how the rows of a minibatch are drawn.
type design struct {
	name  string
	order sgd.Order
	// factor is E‖G − ∇J‖² in units of σ²/b.
	factor func(n, b int) *big.Rat
	// minibatches enumerates the equally probable minibatches.
	minibatches func(n, b int, visit func(rows []int) error) error
}

func designs() []design {
	return []design{
		{"with", sgd.WithReplacement, func(int, int) *big.Rat { return big.NewRat(1, 1) }, sequences},
		{"without", sgd.Reshuffled, func(n, b int) *big.Rat { return big.NewRat(int64(n-b), int64(n-1)) }, subsets},
	}
}

func runUnbiased(ctx context.Context, c *claim.Context, designs []design) (claim.Outcome, error) {
	var out claim.Outcome
	for _, d := range designs {
		checks, err := enumerateDesign(ctx, c, d)
		if err != nil {
			return claim.Outcome{}, err
		}
		out.Checks = append(out.Checks, checks...)
	}
	drawn, err := drawMinibatches(ctx, c, designs)
	if err != nil {
		return claim.Outcome{}, err
	}
	out.Checks = append(out.Checks, drawn.checks()...)
	out.Result = jsonnum.Object{"trials": c.Int("trials"), "digits": drawn.rows}
	return out, c.Figure("variance", drawn.figure())
}

// smallSum draws losses of degree 4 with rational data and a point, until not all gradients are equal:
// they are 0 together for one point in hundreds.
func smallSum(c *claim.Context) (gradients, error) {
	const draws = 64
	rng := c.Rand(claim.At("stream", "small"))
	n, dim := c.Int("rows"), c.Int("dim")
	for range draws {
		p := problem{
			text: "mean((dot(u, theta)^2 - y)^2) / 2", dim: dim, rows: n,
			columns: []column{{"u", dim, eighths(n*dim, 1, rng)}, {"y", 0, eighths(n, 1, rng)}},
		}
		_, g, err := p.exactGradients(rational(eighths(dim, 1, rng)))
		if err != nil || g.sigma.Sign() > 0 {
			return g, err
		}
	}
	return gradients{}, fmt.Errorf("all gradients of the small sum are equal in %d draws: take more rows", draws)
}

// enumerateDesign checks a design for each size of minibatches, in rationals.
func enumerateDesign(ctx context.Context, c *claim.Context, d design) ([]claim.Check, error) {
	g, err := smallSum(c)
	if err != nil {
		return nil, err
	}
	wrong := 0
	for b := 1; b <= len(g.parts); b++ {
		mean, spread, err := moments(ctx, g.parts, g.whole, b, d)
		if err != nil {
			return nil, err
		}
		spread.Quo(spread.Mul(spread, integer(b)), g.sigma)
		if squaredDistance(mean, g.whole).Sign() != 0 {
			wrong++
		}
		if spread.Cmp(d.factor(len(g.parts), b)) != 0 {
			wrong++
		}
	}
	return []claim.Check{{
		Label:    "enumerated-" + d.name,
		Sentence: "Over all minibatches of each size, mean and variance are the predicted rationals (failures counted).",
		Measured: claim.Measured(float64(wrong)), Predicted: claim.Exact(0),
	}}, nil
}

// moments returns E[G] and E‖G − whole‖² over all minibatches of b rows.
func moments(ctx context.Context, parts [][]*big.Rat, whole []*big.Rat, b int, d design) ([]*big.Rat, *big.Rat, error) {
	total, spread, count := origin(len(whole)), new(big.Rat), 0
	err := d.minibatches(len(parts), b, func(rows []int) error {
		g := meanOf(parts, rows)
		for i, v := range g {
			total[i].Add(total[i], v)
		}
		spread.Add(spread, squaredDistance(g, whole))
		count++
		return ctx.Err()
	})
	for _, v := range total {
		v.Quo(v, integer(max(count, 1)))
	}
	return total, spread.Quo(spread, integer(max(count, 1))), err
}

// meanOf returns the mean of the vectors at the given rows.
func meanOf(vectors [][]*big.Rat, rows []int) []*big.Rat {
	out := origin(len(vectors[0]))
	for _, r := range rows {
		for i, v := range vectors[r] {
			out[i].Add(out[i], v)
		}
	}
	for _, v := range out {
		v.Quo(v, integer(len(rows)))
	}
	return out
}

// sequences visits all nᵇ sequences of b rows.
func sequences(n, b int, visit func([]int) error) error {
	rows := make([]int, b)
	for {
		if err := visit(rows); err != nil {
			return err
		}
		i := 0
		for ; i < b && rows[i] == n-1; i++ {
			rows[i] = 0
		}
		if i == b {
			return nil
		}
		rows[i]++
	}
}

// subsets visits all subsets of b rows, in increasing order.
func subsets(n, b int, visit func([]int) error) error {
	rows := make([]int, b)
	for i := range rows {
		rows[i] = i
	}
	for {
		if err := visit(rows); err != nil {
			return err
		}
		i := b - 1
		for ; i >= 0 && rows[i] == n-b+i; i-- {
		}
		if i < 0 {
			return nil
		}
		rows[i]++
		for j := i + 1; j < b; j++ {
			rows[j] = rows[j-1] + 1
		}
	}
}

// figure shows the variances in units of σ²/b.
func (d *drawn) figure() figure.Figure {
	f := figure.Figure{
		Title:   "Variance of minibatch gradients, logistic regression on the digits",
		Caption: "With replacement the variance is σ²/b for all b. Without, it is smaller by (n − b)/(n − 1) and vanishes as b nears n. Bars are simultaneous confidence intervals.",
		X:       figure.Axis{Label: "rows b of a minibatch", Unit: "1", Log: true},
		Y:       figure.Axis{Label: "E‖G − ∇J‖²", Unit: "σ²/b"},
	}
	for i, design := range designs() {
		measured := figure.Series{Name: design.name + " replacement, measured", Style: figure.Measured, Color: 1 + i}
		line := figure.Series{Name: design.name + " replacement, predicted", Style: figure.Predicted, Color: 1 + i}
		for _, p := range d.points {
			if p.design.name != design.name {
				continue
			}
			b := float64(p.batch)
			measured.X, measured.Y = append(measured.X, b), append(measured.Y, p.variance.Value)
			measured.Lower, measured.Upper = append(measured.Lower, p.variance.Lower), append(measured.Upper, p.variance.Upper)
		}
		for b := 1; b < d.rows; b += 1 + b/16 {
			line.X, line.Y = append(line.X, float64(b)), append(line.Y, float(design.factor(d.rows, b)))
		}
		f.Series = append(f.Series, measured, line)
	}
	return f
}
