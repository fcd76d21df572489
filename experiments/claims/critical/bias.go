package critical

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
	"github.com/tamegrad/tamegrad/expr/parse"
	"github.com/tamegrad/tamegrad/expr/vm/exact"
)

// biases looks at when automatic differentiation returns a Clarke subgradient
// everywhere.
func biases() claim.Claim {
	return claim.Claim{
		Numbers:  []int{27},
		Name:     "bias-parameters",
		Theorem:  claim.Inequality,
		Decides:  []claim.Decision{claim.ByEquality, claim.ByTolerance},
		Sentence: "Backpropagation may return a wrong number where a function is smooth, but for a relu network with a bias of its own in every unit and a minibatch of one it returns a Clarke subgradient at every parameter and for every choice of relu′(0) ∈ [0, 1]; without biases, with shared ones, or with a minibatch of two it may not.",
		Source:   "Lee, Yu, Rival, Yang, NeurIPS 2020, arXiv 2006.06903 (intensional derivatives); Lee, Park, Aiken, ICML 2023, arXiv 2301.13370; Park, Chun, Lee, ICLR 2024 (minibatches and shared biases)",
		Mathematics: `A program with branches differentiates the piece that it runs: its intensional derivative. That is the derivative almost everywhere and anything on pieces of measure 0: ` + "`f(x) = x^2`" + `, written as "1 if x = 1, else ` + "`x^2`" + `", gets f′(1) = 0, while ` + "`f′(1) = 2`" + `.

In a relu network in which unit i has the pre-activation ` + "`z_i = ⟨w_i, h⟩ + b_i`" + ` with a parameter ` + "`b_i`" + ` of its own, ` + "`∇z_i`" + ` has the entry 1 at ` + "`b_i`" + `, where the pre-activations of earlier and parallel units have 0. So for a minibatch of one the ` + "`∇z_i`" + ` are linearly independent whatever the choices at other kinks: every combination of branches occurs in an open cone of directions, each gives a limiting gradient, and as the returned vector is multi-affine in the choices,

	∂f(θ) = conv D(θ) ∋ what backpropagation returns.

Some kink is active at few parameters only: if each of m numbers is possible for every parameter, then for given other parameters at most one of m values of ` + "`b_i`" + ` makes ` + "`z_i = 0`" + `, a share of at most (number of units)/m in all (Lee, Park, Aiken). For two units ` + "`z_i = w_i + b_i`" + ` and numbers symmetric around 0 it is

	1 − (1 − 1/m)².

The hypotheses matter. Without biases ` + "`relu(x) − relu(−x)`" + ` has ∂ = {1} and gets 0. With a bias shared by two units, ` + "`(relu(−u) + u) − relu(u)`" + ` with u = x + b is the function 0 and gets the gradient (1, 1). For a minibatch of two, ` + "`f(b) = clamp(b, 0, 6) + clamp(b + 6, 0, 6)`" + ` near b = 0 sums the rows 0 and 6 of one clamped unit. It is ` + "`b + 6`" + ` there, with derivative 1: one row enters its linear piece as the other leaves it. A derivative of clamp that is 1 at both kinks (PyTorch) gives 2, one that is 0 at both (JAX) gives 0.

A minibatch alone does no harm to units with a single kink, if all rows use the same ` + "`relu′(0) = s`" + `: moving ` + "`b_i`" + ` switches all rows of unit i on or off together, and s mixes these two.`,
		Params: []claim.Param{
			claim.Int("numbers", 5, "how many values every parameter of the two-unit network takes; odd").AtFull(9).Between(3, 11),
			claim.Int("trials", 3, "random networks for each subset of active units").AtFull(40).Between(1, 1000),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runBiases(ctx, c, twoUnits, deep)
		},
	}
}

// twoUnits has four parameters and the datum x = 1.
const twoUnits = "relu(w1 + b1) - relu(w2 + b2)"

func runBiases(ctx context.Context, c *claim.Context, text string, network func() (*expr.Func, error)) (claim.Outcome, error) {
	if c.Int("numbers")%2 == 0 {
		return claim.Outcome{}, fmt.Errorf("numbers: give an odd one such as %d, so that they lie symmetrically around 0", c.Int("numbers")+1)
	}
	checks, err := intensional(c)
	if err != nil {
		return claim.Outcome{}, err
	}
	all, err := allParameters(ctx, c, text)
	if err != nil {
		return claim.Outcome{}, err
	}
	random, err := deepNetworks(ctx, c, network)
	if err != nil {
		return claim.Outcome{}, err
	}
	against, err := counterexamples(ctx)
	if err != nil {
		return claim.Outcome{}, err
	}
	if err := drawBatch(c); err != nil {
		return claim.Outcome{}, err
	}
	return claim.Outcome{
		Checks: slices.Concat(checks, all, random, against),
		Result: jsonnum.Object{"numbers": c.Int("numbers"), "network": text},
	}, nil
}

// branchText is x² with a piece of measure 0.
const branchText = "x == 1 ? 1 : x^2"

// intensional compares the derivative of the branch with that of the function.
func intensional(c *claim.Context) ([]claim.Check, error) {
	one := big.NewRat(1, 1)
	at1, err := derivativeAt(branchText, one, ad.AtKink(0))
	if err != nil {
		return nil, err
	}
	f, err := parse.Parse(branchText)
	if err != nil {
		return nil, err
	}
	p, err := exact.Compile(f)
	if err != nil {
		return nil, err
	}
	h := big.NewRat(1, 1<<20)
	var sides [2]*big.Rat
	for i, x := range []*big.Rat{new(big.Rat).Sub(one, h), new(big.Rat).Add(one, h)} {
		out, err := p.Run([]*big.Rat{x})
		if err != nil {
			return nil, err
		}
		sides[i] = out[0][0]
	}
	slope := new(big.Rat).Sub(sides[1], sides[0])
	slope.Quo(slope, new(big.Rat).Add(h, h))
	quotient, _ := slope.Float64()
	rng := c.Rand(claim.At("stream", "branch"))
	right := 0
	const points = 50
	for range points {
		x := big.NewRat(2*rng.Int64N(500)-501, 128)
		v, err := derivativeAt(branchText, x, ad.AtKink(0))
		if err != nil {
			return nil, err
		}
		if want, _ := new(big.Rat).Add(x, x).Float64(); v == want {
			right++
		}
	}
	return []claim.Check{
		{Label: "branch", Predicted: claim.Exact(0), Measured: claim.Measured(at1), Sentence: "x², written as 1 if x = 1 and x² else, gets the derivative 0 at 1."},
		{Label: "branch-quotient", Predicted: claim.Exact(2), Measured: claim.Measured(quotient), Sentence: "Its central difference quotient at 1 is 2."},
		{Label: "branch-elsewhere", Predicted: claim.Exact(1), Measured: claim.Measured(float64(right) / points), Sentence: "At other points it gets the derivative 2x."},
	}, nil
}

// allParameters tries every parameter vector of the two-unit network.
func allParameters(ctx context.Context, c *claim.Context, text string) ([]claim.Check, error) {
	f, err := parse.Parse(text)
	if err != nil {
		return nil, err
	}
	a, err := newAuditor(f)
	if err != nil {
		return nil, err
	}
	m := c.Int("numbers")
	points, kinks, inside, tried := 1, 0, 0, 0
	for range f.In() {
		points *= m
	}
	for index := range points {
		x, rest := make([][]*big.Rat, len(f.In())), index
		for i := range x {
			x[i] = []*big.Rat{big.NewRat(int64(rest%m-m/2), 4)}
			rest /= m
		}
		set, in, err := a.at(ctx, x)
		if err != nil {
			return nil, err
		}
		if len(set.Vertices) > 1 {
			kinks++
		}
		inside, tried = inside+in, tried+len(a.gradients)
	}
	off := 1 - 1/float64(m)
	return []claim.Check{
		{Label: "kinks", Predicted: claim.Near(1-float64(off*off), 1e-12), Measured: claim.Measured(float64(kinks) / float64(points)), At: map[string]any{"parameters": points}, Sentence: "A share 1 − (1 − 1/m)² of all parameters of two units has an active kink."},
		{Label: "all-parameters", Predicted: claim.Exact(1), Measured: claim.Measured(float64(inside) / float64(tried)), At: map[string]any{"parameters": points}, Sentence: "At all parameters of the two-unit network, all frameworks and constants return a Clarke subgradient, exactly."},
	}, nil
}
