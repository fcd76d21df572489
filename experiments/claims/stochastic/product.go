package stochastic

import (
	"context"
	"fmt"
	"math/big"

	"gonum.org/v1/gonum/mat"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// product looks at the smallest nonconvex network, two weights in a row.
func product() claim.Claim {
	return claim.Claim{
		Numbers:  []int{8},
		Name:     "product-nonconvex",
		Theorem:  claim.Example,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound, claim.ByAbsence},
		Sentence: "A product of two weights makes the square loss nonconvex: J(a, b) = ½(ab − 1)² has a strict saddle at 0, lies above a chord of its graph, and gradient descent from random starts ends at the saddle with probability 0, although it does on a line.",
		Source:   "Pauwels, CIMI lecture 2021 (nonconvexity); Lee, Simchowitz, Jordan and Recht, Gradient descent only converges to minimizers, COLT 2016",
		Mathematics: "The gradient of `J(a, b) = (1/2) (a b − 1)^2` is `(a b − 1) (b, a)`, so the critical points are 0 and the hyperbola `a b = 1` of global minimisers, where `J = 0`. At 0 the Hessian has the entries `b^2 = 0`, `a^2 = 0` and `2 a b − 1 = −1`:\n\n" +
			"  ∇^2 J(0) = [[0, −1], [−1, 0]]\n  trace = 0, det = −1, eigenvalues −1 and 1\n\n" +
			"so 0 is a strict saddle: `J` falls along `(1, 1)` and grows along `(1, −1)`. The segment from the minimiser `(1, 1)` to the minimiser `(−1, −1)` has 0 as its midpoint, where `J = 1/2` exceeds the mean 0 of the ends: `J` is not convex.\n\n" +
			"Gradient descent from `(t, −t)` stays on that line, for the gradient there is `(t^2 + 1) (t, −t)`: one step multiplies `t` by `1 − α (1 + t^2)`, hence the iterates tend to the saddle at rate `1 − α` if `α (1 + t_0^2) < 1`. The starts attracted to a strict saddle have measure 0. Lee et al. prove this for steps below `1/L`, and here `∇J` is Lipschitz on bounded sets only, but the argument remains: near 0 a run that tends to 0 lies on the stable curve of the step, and preimages of sets of measure 0 under the step, a polynomial map whose Jacobian determinant is not identically 0, have measure 0. So random starts lead there with probability 0; here they reach the hyperbola.",
		Params: []claim.Param{
			claim.Int("starts", 500, "random starts of gradient descent").AtFull(20000).Between(500, 1e7),
			claim.Float("radius", 1, "starts lie in the disc of this radius").Between(1e-3, 2),
			claim.Float("rate", 0.1, "step size α, with α(3·radius² + 1) < 1").Between(1e-3, 0.3),
			claim.Int("steps", 1000, "most steps of a run, at least 50/rate").Between(100, 1e6),
		},
		Inputs: func(claim.Values) (claim.Inputs, error) { return claim.Inputs{Programs: []string{productText}}, nil },
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runProduct(ctx, c, productText)
		},
	}
}

const productText = "(theta[0] * theta[1] - 1)^2 / 2"

func runProduct(ctx context.Context, c *claim.Context, text string) (claim.Outcome, error) {
	if r := c.Float("radius"); c.Float("rate")*(1+float64(3*r*r)) >= 1 {
		return claim.Outcome{}, fmt.Errorf("rate: α(3·radius² + 1) = %.3g must be below 1; lower the rate or the radius", c.Float("rate")*(1+float64(3*r*r)))
	}
	if float64(c.Int("steps"))*c.Float("rate") < 50 {
		return claim.Outcome{}, fmt.Errorf("steps: the saddle is left and approached at rate 1 ± α; take at least 50/rate = %.0f steps", 50/c.Float("rate"))
	}
	p := problem{text: text, dim: 2, rows: 1}
	f, err := p.model(1)
	if err != nil {
		return claim.Outcome{}, err
	}
	checks, err := saddleChecks(f)
	if err != nil {
		return claim.Outcome{}, err
	}
	ends, err := descents(ctx, c, p)
	if err != nil {
		return claim.Outcome{}, err
	}
	section, err := sectionFigure(p)
	if err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{Checks: append(checks, ends...)}, c.Figure("sections", section)
}

// saddleChecks looks at value, gradient and Hessian in rationals.
func saddleChecks(f *expr.Func) ([]claim.Check, error) {
	h, err := ad.Hessian(f, ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	p, err := exact.Compile(h)
	if err != nil {
		return nil, err
	}
	at := func(a, b int64) ([][]*big.Rat, error) { return p.Run([]*big.Rat{big.NewRat(a, 1), big.NewRat(b, 1)}) }
	saddle, err := at(0, 0)
	if err != nil {
		return nil, err
	}
	ends := new(big.Rat)
	for _, t := range []int64{1, -1} {
		out, err := at(t, t)
		if err != nil {
			return nil, err
		}
		ends.Add(ends, out[0][0])
	}
	var eigen mat.EigenSym
	hessian := saddle[2]
	if !eigen.Factorize(mat.NewSymDense(2, []float64{float(hessian[0]), float(hessian[1]), float(hessian[2]), float(hessian[3])}), false) {
		return nil, fmt.Errorf("the eigenvalues of the Hessian were not found")
	}
	values := eigen.Values(nil)
	return []claim.Check{
		{Label: "gradient", Predicted: claim.Exact(0), Measured: claim.Measured(float(squaredDistance(saddle[1], origin(2))))},
		{Label: "eigenvalue-low", Predicted: claim.Near(-1, eigenTolerance), Measured: claim.Measured(values[0])},
		{Label: "eigenvalue-high", Predicted: claim.Near(1, eigenTolerance), Measured: claim.Measured(values[1])},
		{Label: "determinant", Predicted: claim.Exact(-1), Measured: claim.Measured(float(determinant(hessian)))},
		{Label: "ends", Predicted: claim.Exact(0), Measured: claim.Measured(float(ends))},
		{Label: "midpoint", Predicted: claim.Exact(0.5), Measured: claim.Measured(float(saddle[0][0]))},
	}, nil
}

// eigenTolerance is for the float64 eigenvalues of an exact 2 × 2 matrix of entries 0 and ±1.
const eigenTolerance = 1e-14

func determinant(h []*big.Rat) *big.Rat {
	d := new(big.Rat).Mul(h[0], h[3])
	return d.Sub(d, new(big.Rat).Mul(h[1], h[2]))
}
