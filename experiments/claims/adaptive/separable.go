package adaptive

import (
	"context"
	"fmt"
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/sgd"
)

// separable is the example on which adaptive methods learn nothing.
func separable() claim.Claim {
	return claim.Claim{
		Numbers:  []int{41},
		Name:     "adaptive-generalisation",
		Theorem:  claim.Example,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "There is a separable least-squares problem on which gradient descent finds a solution that classifies all new points right, and Adagrad, RMSprop and Adam one that puts all of them into the larger class.",
		Source:   "Wilson, Roelofs, Stern, Srebro, Recht, NeurIPS 2017, arXiv 1705.08292, section 3.3 and lemma 3.1",
		Mathematics: "Row i has a label `y_i = ±1`, most of them 1, and the features `x_{i1} = y_i`, `x_{i2} = x_{i3} = 1`, then for `y_i = 1` one feature that no other row has and for `y_i = −1` five of them, all 1; the rest is 0. Only the first feature tells the label of a new row, whose own features are unseen.\n\n" +
			"Let u = sign(X^T y) = (1, 1, 1, y_i …). Then Xu = 4y: for `y_i = 1` the sum is 1 + 1 + 1 + 1, for `y_i = −1` it is −1 + 1 + 1 − 5. By lemma 3.1 a method from 0 with steps divided, entry by entry, by norms of past gradients stays on the line of u, since there `∇J` is a multiple of X^T y, and ends at u/4. A new row gets `(y + 1 + 1)/4 > 0`: always the larger class.\n\n" +
			"Gradient descent ends at the minimum-norm solution `w = X^T a` with `XX^T a = y`. By symmetry `a_i` is p for the `n_+` rows with label 1 and −q for the `n_−` others, with\n\n" +
			"  (3 n_+ + 1) p − n_− q = 1\n" +
			"  n_+ p − (3 n_− + 5) q = −1\n\n" +
			"so that a new row gets `y (n_+ p + n_− q) + 2 (n_+ p − n_− q)`, of the sign of y if `n_− > n_+/3`.",
		Params: []claim.Param{
			claim.Int("larger", 12, "rows with label 1").Between(2, 200),
			claim.Int("smaller", 8, "rows with label −1, over a third of the others and fewer than they").Between(1, 200),
			claim.Int("steps", 20000, "steps of each run").AtFull(200000).Between(100, 1e7),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runSeparable(ctx, c, followers(), sgd.SGD{})
		},
	}
}

// followers are the methods that stay on the line of signs; their rates vanish in the end or
// are small.
func followers() []named {
	return []named{
		{"adagrad", sgd.Adagrad{}, 0.05},
		{"rmsprop", sgd.RMSprop{Beta: 0.99}, 1e-4},
		{"adam", sgd.Adam{Beta1: 0.9, Beta2: 0.999}, 1e-4},
	}
}

// sparseRows returns X row by row, and y.
func sparseRows(larger, smaller int) (x, y []float64, d int) {
	n := larger + smaller
	d = 3 + 5*n
	x, y = make([]float64, n*d), make([]float64, n)
	for i := range y {
		row := x[i*d : (i+1)*d]
		own := 1
		if y[i] = 1; i >= larger {
			y[i], own = -1, 5
		}
		row[0], row[1], row[2] = y[i], 1, 1
		for j := range own {
			row[3+5*i+j] = 1
		}
	}
	return x, y, d
}

// score is the answer to a new row of label y, whose own features are unseen.
func score(w []float64, y float64) float64 { return float64(y*w[0]) + w[1] + w[2] }

// minimumNorm solves the two equations of the symmetric solution.
func minimumNorm(larger, smaller float64) (p, q float64) {
	a, b, c, d := float64(3*larger)+1, -smaller, larger, -float64(3*smaller)-5
	det := float64(a*d) - float64(b*c)
	return (d + b) / det, (-a - c) / det
}

func runSeparable(ctx context.Context, c *claim.Context, followers []named, plain sgd.Method) (claim.Outcome, error) {
	larger, smaller, steps := c.Int("larger"), c.Int("smaller"), c.Int("steps")
	if smaller >= larger || 3*smaller <= larger {
		return claim.Outcome{}, fmt.Errorf("smaller: %d rows beside %d; give more than a third of them and fewer than all", smaller, larger)
	}
	x, y, d := sparseRows(larger, smaller)
	n := len(y)
	f, err := newDescent("dot(dot(x, theta) - y, dot(x, theta) - y) / 2", 0, d, datum{"x", []int{n, d}, x}, datum{"y", []int{n}, y})
	if err != nil {
		return claim.Outcome{}, err
	}
	last := func(m sgd.Method, rate float64) (w []float64, err error) {
		err = f.run(ctx, m, rate, make([]float64, d), steps, func(_ int, theta []float64) bool {
			w = append(w[:0], theta...)
			return true
		})
		return w, err
	}
	up, down := float64(larger), float64(smaller)
	p, q := minimumNorm(up, down)
	own, both := float64(up*p)+float64(down*q), 2*(float64(up*p)-float64(down*q))
	share := up / (up + down)
	// ‖X‖² is at most the largest sum of a row of |XXᵀ|.
	gd, err := last(plain, 1/(float64(3*(up+down))+5))
	if err != nil {
		return claim.Outcome{}, err
	}
	checks := []claim.Check{
		{Label: "gradient-descent-accuracy", Predicted: claim.Exact(1), Measured: claim.Measured(accuracy(gd, up, down))},
		{Label: "gradient-descent-larger", Sentence: "The score of a new row of the larger class.", Predicted: claim.NearRelative(own+both, 1e-6), Measured: claim.Measured(score(gd, 1))},
		{Label: "gradient-descent-smaller", Sentence: "The score of a new row of the smaller class.", Predicted: claim.NearRelative(both-own, 1e-6), Measured: claim.Measured(score(gd, -1))},
	}
	scores := figure.Series{Name: "gradient descent", Style: figure.Measured, X: []float64{-1, 1}, Y: []float64{score(gd, -1), score(gd, 1)}}
	series := []figure.Series{scores}
	for _, m := range followers {
		w, err := last(m.method, m.rate)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks,
			claim.Check{Label: m.name + "-accuracy", Sentence: "All new rows are put into the larger class.", Predicted: claim.Exact(share), Measured: claim.Measured(accuracy(w, up, down))},
			claim.Check{Label: m.name + "-signs", Sentence: "The solution is a multiple of sign(Xᵀy): its entries have one size.", Predicted: claim.Near(0, 1e-9), Measured: claim.Measured(spread(w))},
			claim.Check{Label: m.name + "-size", Sentence: "The entries have the size 1/4.", Predicted: claim.Near(0.25, 1e-3), Measured: claim.Measured(math.Abs(w[0]))},
		)
		series = append(series, figure.Series{Name: m.name, Style: figure.Measured, X: []float64{-1, 1}, Y: []float64{score(w, -1), score(w, 1)}})
	}
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{"rows": n, "features": d}}, c.Figure("scores", figure.Figure{
		Title:   "What new rows get",
		Caption: "Below 0 a row is put into the smaller class. Adaptive methods put all rows into the larger one.",
		X:       figure.Axis{Label: "label", Unit: "1"}, Y: figure.Axis{Label: "score", Unit: "1"}, Series: series,
	})
}

// accuracy is the share of new rows, as many of each class as there are old ones, that are
// classified right.
func accuracy(w []float64, larger, smaller float64) float64 {
	right := 0.0
	if score(w, 1) > 0 {
		right += larger
	}
	if score(w, -1) < 0 {
		right += smaller
	}
	return right / (larger + smaller)
}

// spread is the relative difference between the sizes of entries that are not 0.
func spread(w []float64) float64 {
	lo, hi := math.Inf(1), 0.0
	for _, v := range w {
		if v != 0 {
			lo, hi = min(lo, math.Abs(v)), max(hi, math.Abs(v))
		}
	}
	return (hi - lo) / hi
}
