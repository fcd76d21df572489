package adaptive

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/expr/random"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
	"github.com/tamegrad/tamegrad/sgd"
)

// minimumNorms looks at which of many solutions methods end at.
func minimumNorms() claim.Claim {
	return claim.Claim{
		Numbers:  []int{42},
		Name:     "minimum-norm",
		Theorem:  claim.Limit,
		Decides:  []claim.Decision{claim.ByTolerance},
		Sentence: "Of all solutions of an underdetermined least-squares problem gradient descent ends at the one nearest to where it starts, from 0 that of least norm, and approaches it linearly; Adagrad and Adam end at another one.",
		Source:   "Pauwels, CIMI lecture 2021 (implicit bias); Gunasekar, Lee, Soudry, Srebro, ICML 2018; Wilson et al., NeurIPS 2017, lemma 3.1",
		Mathematics: "Gradients of `‖Aθ − b‖^2` lie in the range of A^T, so that the part of θ orthogonal to it never changes: the limit is\n\n" +
			"  A^+ b + (I − A^+A) θ_0\n\n" +
			"with the pseudoinverse `A^+`. In the range the error is multiplied by `I − 2αA^TA`, whose largest factor there is `ρ = max |1 − 2ασ_i^2|` over the singular values σ_i > 0.\n\n" +
			"For one equation ⟨a, θ⟩ = b with no entry of a equal to 0 all gradients are multiples of a, and methods that divide each entry by the size of its past move along sign(a) from 0: with ε = 0 they end at `b sign(a)/‖a‖_1`, at the distance\n\n" +
			"  |b| √(n/‖a‖_1^2 − 1/‖a‖_2^2)\n\n" +
			"from the solution of least norm `b a/‖a‖_2^2`, which is 0 only if all `|a_i|` are equal (Cauchy and Schwarz).",
		Params: []claim.Param{
			claim.Int("equations", 6, "rows of A, below the number of unknowns").Between(1, 200),
			claim.Int("unknowns", 15, "columns of A").Between(2, 500),
			claim.Int("steps", 4000, "steps of each run").AtFull(40000).Between(1000, 1e6),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runMinimumNorms(ctx, c, sgd.SGD{}, followers())
		},
	}
}

// pseudoinverse returns A⁺ and the singular values, all above 0, of A with full row rank.
func pseudoinverse(a *mat.Dense) (*mat.Dense, []float64) {
	var svd mat.SVD
	svd.Factorize(a, mat.SVDThin)
	sigma := svd.Values(nil)
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	inverse := mat.NewDiagDense(len(sigma), nil)
	for i, s := range sigma {
		inverse.SetDiag(i, 1/s)
	}
	var out mat.Dense
	out.Product(&v, inverse, u.T())
	return &out, sigma
}

func runMinimumNorms(ctx context.Context, c *claim.Context, plain sgd.Method, followers []named) (claim.Outcome, error) {
	m, n, steps := c.Int("equations"), c.Int("unknowns"), c.Int("steps")
	if m >= n {
		return claim.Outcome{}, fmt.Errorf("equations: %d for %d unknowns; take fewer, so that there are many solutions", m, n)
	}
	rng := c.Rand(claim.At("stream", "problem"))
	entries, b, start := make([]float64, m*n), make([]float64, m), make([]float64, n)
	random.Normals(entries, 1, rng)
	random.Normals(b, 1, rng)
	random.Normals(start, 1, rng)
	a := mat.NewDense(m, n, entries)
	inverse, sigma := pseudoinverse(a)
	f, err := newDescent("dot(dot(a, theta) - b, dot(a, theta) - b)", 0, n, datum{"a", []int{m, n}, entries}, datum{"b", []int{m}, b})
	if err != nil {
		return claim.Outcome{}, err
	}
	largest, smallest := float64(sigma[0]*sigma[0]), float64(sigma[m-1]*sigma[m-1])
	rate := 1 / (largest + smallest) // the best constant step
	rho := 0.0
	for _, s := range sigma {
		rho = max(rho, math.Abs(1-float64(2*rate*float64(s*s))))
	}
	var checks []claim.Check
	var curve figure.Series
	for _, from := range []struct {
		label string
		theta []float64
	}{{"from-zero", make([]float64, n)}, {"from-a-point", start}} {
		theta, err := f.iterates(ctx, plain, rate, from.theta, steps)
		if err != nil {
			return claim.Outcome{}, err
		}
		limit := nearestSolution(a, inverse, b, from.theta)
		gaps := make([]float64, len(theta))
		for k := range theta {
			gaps[k] = distance(theta[k], limit)
		}
		checks = append(checks, claim.Check{
			Label: from.label, Sentence: "Gradient descent ends at the solution nearest to its start.",
			Predicted: claim.Near(0, 1e-9), Measured: claim.Measured(gaps[steps]),
		})
		if from.label == "from-zero" {
			checks = append(checks, claim.Check{
				Label: "rate", Sentence: "The error falls by ρ a step.",
				Predicted: claim.NearRelative(rho, 1e-3), Measured: claim.Measured(lateFactor(gaps)),
			})
			curve = gapCurve("gradient descent", gaps)
		}
	}
	more, err := otherSolutions(ctx, followers)
	if err != nil {
		return claim.Outcome{}, err
	}
	line := figure.Series{Name: "ρᵏ", Style: figure.Predicted, X: curve.X}
	for i, k := range curve.X {
		line.Y = append(line.Y, curve.Y[0]*kernel.Pow(rho, k-curve.X[0]))
		if curve.Y[i] < 1e-12 { // rounding
			curve.X, curve.Y, line.X, line.Y = curve.X[:i], curve.Y[:i], line.X[:i], line.Y[:i]
			break
		}
	}
	return claim.Outcome{Checks: append(checks, more...)}, c.Figure("error", figure.Figure{
		Title:  "Distance to the solution of least norm",
		X:      figure.Axis{Label: "steps", Unit: "1", Log: true},
		Y:      figure.Axis{Label: "‖θₖ − A⁺b‖", Unit: "1", Log: true},
		Series: []figure.Series{curve, line},
	})
}

// nearestSolution is A⁺b + (I − A⁺A)θ.
func nearestSolution(a, inverse *mat.Dense, b, theta []float64) []float64 {
	var rest, move mat.VecDense
	rest.MulVec(a, mat.NewVecDense(len(theta), theta))
	rest.SubVec(mat.NewVecDense(len(b), b), &rest)
	move.MulVec(inverse, &rest)
	out := make([]float64, len(theta))
	for i := range out {
		out[i] = theta[i] + move.AtVec(i)
	}
	return out
}

// lateFactor is the mean factor of the error over the second half of the steps in which it is
// above rounding.
func lateFactor(gaps []float64) float64 {
	last := 0
	for last+1 < len(gaps) && gaps[last+1] > 1e-10*gaps[0] {
		last++
	}
	first := last / 2
	return kernel.Pow(gaps[last]/gaps[first], 1/float64(last-first))
}

// otherSolutions lets methods that scale each entry solve one equation.
func otherSolutions(ctx context.Context, followers []named) ([]claim.Check, error) {
	const steps = 20000
	a, b := []float64{1, -2, 0.5, 3}, 2.0
	f, err := newDescent("(dot(a, theta) - b)^2", 0, len(a), datum{"a", []int{len(a)}, a}, datum{"b", nil, []float64{b}})
	if err != nil {
		return nil, err
	}
	sum, square := 0.0, 0.0
	for _, x := range a {
		sum, square = sum+math.Abs(x), square+float64(x*x)
	}
	least := make([]float64, len(a))
	for i, x := range a {
		least[i] = float64(b*x) / square
	}
	want := b * math.Sqrt(float64(float64(len(a))/(sum*sum))-float64(1/square))
	var checks []claim.Check
	for _, m := range followers {
		theta, err := f.iterates(ctx, m.method, m.rate, make([]float64, len(a)), steps)
		if err != nil {
			return nil, err
		}
		checks = append(checks, claim.Check{
			Label: m.name, Sentence: "It ends at a multiple of sign(a), away from the solution of least norm.",
			Predicted: claim.NearRelative(want, 1e-3), Measured: claim.Measured(distance(theta[steps], least)),
		})
	}
	return checks, nil
}
