package subgradient

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm"
)

// kinkCells counts limiting gradients, and holds piecewise linearisations against their programs.
func kinkCells() claim.Claim {
	return claim.Claim{
		Numbers:  []int{15},
		Name:     "kink-cells",
		Theorem:  claim.Identity,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "Where s kinks of linear functions of n variables in general position meet, 2 Σ_{k<n} C(s − 1, k) of the 2ˢ sign patterns occur, each with a limiting gradient that is a vertex of the Clarke subdifferential: all of them if and only if s ≤ n. The piecewise linearisation at any point has an error of second order, and none for piecewise affine programs.",
		Source:   "Griewank, Optimization Methods and Software 28, 2013 (abs-normal form, second order); Schläfli, Theorie der vielfachen Kontinuität, 1901, and Cover, IEEE Trans. Electronic Computers 14, 1965, theorem 1 (cells); Kubota, 2018 (enumeration of limiting gradients)",
		Mathematics: "For `f(x) = Σ_i |⟨a_i, x⟩|` the gradient off kinks is `Σ_i σ_i a_i` with the signs σ of the cell. At 0 limiting gradients are those of the cells of the arrangement of hyperplanes `⟨a_i, x⟩ = 0`. If every n of the a are linearly independent, the number of cells obeys\n\n" +
			"\tr(n, s) = r(n, s − 1) + r(n − 1, s − 1)\n\n" +
			"since a further hyperplane cuts as many cells as the others make on it, and has the solution `2 Σ_{k<n} C(s − 1, k)`. This is 2^s for s ≤ n, where the kinks are independent and Clarke's set is that of all choices, and of order `s^{n−1}` for large s. In its own cell a gradient is the one vertex that is extreme in the directions of this cell, so that all are vertices.\n\n" +
			"The rows are `a_i = (1, t_i, t_i^2, …)` with different whole numbers t, any n of which are independent (Vandermonde).\n\n" +
			"The piecewise linearisation replaces smooth operations by their tangents and keeps |·|. Errors of tangents are of second order and |·| does not enlarge them, so the error at x + td is `O(t^2)`, also if x is at a kink; if all smooth operations are affine there is none.",
		Params: []claim.Param{
			claim.Int("dimensions", 4, "the largest number of variables n").AtFull(5).Between(2, 6),
			claim.Int("kinks", 7, "the largest number of kinks s").AtFull(10).Between(2, 12),
			claim.Int("directions", 20, "random directions d of each program").AtFull(1000).Between(1, 1e6),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runKinkCells(ctx, c, vandermonde)
		},
	}
}

// coefficients draws the rows of s linear functions of n variables.
type coefficients func(n, s int, rng *rand.Rand) [][]int

// vandermonde has rows in general position.
func vandermonde(n, s int, rng *rand.Rand) [][]int {
	rows := make([][]int, s)
	for i, t := range rng.Perm(2*s + 1)[:s] {
		power := 1
		for range n {
			rows[i] = append(rows[i], power)
			power *= t - s
		}
	}
	return rows
}

// cellsInGeneralPosition is 2 Σ_{k<n} C(s − 1, k).
func cellsInGeneralPosition(n, s int) int {
	sum, ways := 0, 1
	for k := range n {
		sum += ways
		ways = ways * (s - 1 - k) / (k + 1)
	}
	return 2 * sum
}

// sumOfKinks is the text of Σ|⟨a, x⟩|.
func sumOfKinks(rows [][]int) string {
	var terms []string
	for _, a := range rows {
		var parts []string
		for j, v := range a {
			parts = append(parts, fmt.Sprintf("(%d)*x%d", v, j))
		}
		terms = append(terms, "abs("+strings.Join(parts, " + ")+")")
	}
	return strings.Join(terms, " + ")
}

func runKinkCells(ctx context.Context, c *claim.Context, rows coefficients) (claim.Outcome, error) {
	var checks []claim.Check
	var series []figure.Series
	for n := 2; n <= c.Int("dimensions"); n++ {
		measured := figure.Series{Name: fmt.Sprintf("n = %d", n), Style: figure.Measured, Color: n}
		predicted := figure.Series{Name: fmt.Sprintf("n = %d, predicted", n), Style: figure.Predicted, Color: n}
		for s := 2; s <= c.Int("kinks"); s++ {
			name := fmt.Sprintf("n=%d,s=%d", n, s)
			p, err := at(sumOfKinks(rows(n, s, c.Rand(claim.At("stream", name)))), strings.Split(strings.Repeat("0 ", n-1)+"0", " ")...)
			if err != nil {
				return claim.Outcome{}, err
			}
			set, err := p.clarke(ctx)
			if err != nil {
				return claim.Outcome{}, err
			}
			want := float64(cellsInGeneralPosition(n, s))
			checks = append(
				checks,
				claim.Check{Label: "cells/" + name, Sentence: "The number of cells.", Predicted: claim.Exact(want), Measured: claim.Measured(float64(set.Cells))},
				claim.Check{Label: "vertices/" + name, Sentence: "The number of vertices of Clarke's set.", Predicted: claim.Exact(want), Measured: claim.Measured(float64(len(set.Vertices)))},
			)
			measured.X, measured.Y = append(measured.X, float64(s)), append(measured.Y, float64(set.Cells))
			predicted.X, predicted.Y = append(predicted.X, float64(s)), append(predicted.Y, want)
		}
		series = append(series, measured, predicted)
	}
	all := figure.Series{Name: "sign patterns, 2ˢ", Style: figure.Curve, Color: 1}
	for s := 2; s <= c.Int("kinks"); s++ {
		all.X, all.Y = append(all.X, float64(s)), append(all.Y, math.Ldexp(1, s))
	}
	for _, l := range linearised {
		check, err := l.check(c)
		if err != nil {
			return claim.Outcome{}, err
		}
		checks = append(checks, check)
	}
	return claim.Outcome{Checks: checks, Result: jsonnum.Object{"checks": len(checks)}}, c.Figure("cells", figure.Figure{
		Title:  "Limiting gradients where s kinks of n variables meet",
		X:      figure.Axis{Label: "kinks s", Unit: "1"},
		Y:      figure.Axis{Label: "limiting gradients", Unit: "1", Log: true},
		Series: append(series, all),
	})
}

// linearisation is a program of x and y with the order of the error of its piecewise linearisation
// at a kink, 0 if there is none.
type linearisation struct {
	name, text string
	x, y       float64
	order      float64
}

var linearised = []linearisation{
	{"smooth-inside", "abs(x^2 - y) + max(exp(x), 1 + y)", 0, 0, 2},
	{"smooth-outside", "exp(abs(x - y))*relu(x + 2*y) + abs(x)^2", 1, 1, 2},
	{"nested", "abs(abs(x*y) - y^2) + relu(sin(x) - relu(y))", 1, 1, 2},
	{"affine", "abs(abs(x - y) - 2*y) + relu(x - relu(y)) - max(x, 3*y - 1)", 0, 0, 0},
}

// affineError allows for rounding of values of size 1.
const affineError = 1e-14

// check measures the largest error over directions for steps that are halved.
func (l linearisation) check(c *claim.Context) (claim.Check, error) {
	f, err := parse.Parse(l.text)
	if err != nil {
		return claim.Check{}, err
	}
	form, err := ad.AbsNormal(f)
	if err != nil {
		return claim.Check{}, err
	}
	m, err := form.At([]float64{l.x}, []float64{l.y})
	if err != nil {
		return claim.Check{}, err
	}
	code, err := vm.Compile(f, vm.Options{})
	if err != nil {
		return claim.Check{}, err
	}
	truth := code.NewWorkspace()
	rng := c.Rand(claim.At("stream", l.name))
	var steps, errors []float64
	for t := 1.0 / 64; len(steps) < 8; t /= 2 {
		steps, errors = append(steps, t), append(errors, 0)
	}
	for range c.Int("directions") {
		d := make([]float64, 2)
		random.Sphere(d, 1, rng)
		for i, t := range steps {
			x, y := l.x+float64(t*d[0]), l.y+float64(t*d[1])
			truth.In(0)[0], truth.In(1)[0] = x, y
			if err := truth.Run(); err != nil {
				return claim.Check{}, err
			}
			_, model := m.Eval([]float64{x, y})
			errors[i] = max(errors[i], math.Abs(truth.Out(0)[0]-model[0]))
		}
	}
	check := claim.Check{Label: "linearisation/" + l.name, At: map[string]any{"program": l.text}}
	if l.order == 0 {
		check.Sentence = "The piecewise linearisation of a piecewise affine program is the program."
		check.Predicted, check.Measured = claim.Near(0, affineError), claim.Measured(errors[0])
		return check, nil
	}
	check.Sentence = "The order of the error of the piecewise linearisation at a kink."
	check.Predicted, check.Measured = claim.Near(l.order, slopeTolerance), claim.Measured(claim.Slope(steps, errors))
	return check, nil
}
