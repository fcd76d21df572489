package differentiation

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke"
	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/figure"
	"github.com/tamegrad/tamegrad/experiments/jsonnum"
	"github.com/tamegrad/tamegrad/expr"
)

// hard shows by Boolean formulas that a second subgradient is hard to find.
func hard() claim.Claim {
	return claim.Claim{
		Numbers:     []int{3},
		Name:        "two-subgradients-hard",
		Theorem:     claim.Identity,
		Decides:     []claim.Decision{claim.ByEquality, claim.ByBound},
		Sentence:    "Whether the Clarke subdifferential of a relu network with weights −1, 0 and 1 has more than one element is as hard to decide as the satisfiability of a Boolean formula: the cells to be searched double with each variable, whereas one element of the conservative field costs a bounded multiple of the value.",
		Source:      "Bolte, Boustany, Pauwels, Pesquet-Popescu, ICLR 2023, arXiv 2206.01730 (NP-hardness of two distinct subgradients); the reduction is our own",
		Mathematics: hardMathematics,
		Params: []claim.Param{
			claim.Int("clauses", 3, "all formulas of two variables with at most so many different clauses").AtFull(8).Between(1, 8),
			claim.Int("formulas", 12, "random formulas of three variables with clauses of two literals").AtFull(500).Between(1, 10000),
			claim.Int("length", 6, "clauses of a random formula").AtFull(8).Between(1, 10),
			claim.Int("variables", 7, "the largest number n of variables in the count of cells").AtFull(11).Between(4, 13),
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runHard(ctx, c, formula.network)
		},
	}
}

const hardMathematics = "Take a Boolean formula in conjunctive normal form with `n` variables. A literal `l` has the value `l(x) = x_i` or `−x_i` at `x ∈ ℝ^n`, so that signs of `x` are truth values. Let\n\n" +
	"\tF(x) = min_j Σ {relu(l(x)) : l a literal of clause j}\n\n" +
	"`F` is a relu network without biases: the first layer is relu(x_i), relu(`−x_i`), the second one sums up clauses, and `min(m, c) = m − relu(m − c)`. All matrices have entries in {−1, 0, 1}, and numbers that are not negative pass through relu unchanged. The size of the network is polynomial in that of the formula.\n\n" +
	"Claim: `∂F(0) = {0}` if the formula is unsatisfiable, and `∂F(0)` has more than one element otherwise. Proof. `F ≥ 0`, and `F(x) > 0` if and only if every clause has a literal with `l(x) > 0`. Such an `x` gives a satisfying assignment: its signs, with any choice where `x_i = 0`. " +
	"Conversely a satisfying assignment with values ±1 has `F ≥ 1`. So `F` vanishes identically if and only if the formula is unsatisfiable, and then `∂F(0) = {0}`. If `∂F(0)` is a single point `g`, then `F` is strictly differentiable at 0; since `F(tx) = tF(x)` for `t ≥ 0`, `F(x) = ⟨g, x⟩` for all `x`, and `F ≥ 0` at `x` and `−x` leaves `g = 0` and `F ≡ 0`. ∎\n\n" +
	"So a method that finds two different elements of `∂F(0)`, or tells that there is one only, decides satisfiability. One element is cheap: choosing any slots gives an element of the conservative field by one backward pass, at 3 times the value at most, see gradient-cost.\n\n" +
	"Enumeration of cells is exponential here. For `x_1 ∧ ¬x_1 ∧ (x_1 ∨ ⋯ ∨ x_n)` the minimum of the first two sums is 0 on every orthant, so that no later comparison is open, and the cells are exactly the orthants: `2^n` of them, all with the limiting gradient 0. " +
	"The operations for one element are linear in the number of matrix entries, zeros included: the first matrix has `2n^2`, each multiplied and added once forward and once backward, so operations grow as `8n^2`, with second difference 16."

// builder makes the network of a formula.
type builder func(formula) (*expr.Func, error)

func runHard(ctx context.Context, c *claim.Context, build builder) (claim.Outcome, error) {
	small := allFormulas(c.Int("clauses"))
	random := make([]formula, c.Int("formulas"))
	for i := range random {
		random[i] = randomFormula(c.Rand(claim.At("stream", "formulas"), claim.At("formula", i)), 3, c.Int("length"))
	}
	out := claim.Outcome{}
	for _, of := range []struct {
		label string
		list  []formula
	}{{"small", small}, {"random", random}} {
		checks, err := decide(ctx, c, of.label, of.list, build)
		if err != nil {
			return out, err
		}
		out.Checks = append(out.Checks, checks...)
	}
	w, err := measureWork(ctx, c.Int("variables"), build)
	if err != nil {
		return out, err
	}
	out.Checks = append(out.Checks, w.checks()...)
	out.Result = jsonnum.Object{"variables": w.n, "cells": w.cells, "operations": w.operations}
	return out, c.Figure("work", w.figure())
}

// decide compares singletons with unsatisfiable formulas.
func decide(ctx context.Context, c *claim.Context, label string, list []formula, build builder) ([]claim.Check, error) {
	many := make([]bool, len(list))
	err := c.Each(ctx, len(list), func(ctx context.Context, i int) error {
		set, err := subdifferentialOf(ctx, list[i], build)
		if err != nil {
			return err
		}
		many[i] = len(set.Vertices) > 1
		return nil
	})
	if err != nil {
		return nil, err
	}
	var agree, satisfiable, found float64
	for i, f := range list {
		agree += count1(many[i] == f.satisfiable())
		satisfiable += count1(f.satisfiable())
		found += count1(many[i])
	}
	at := map[string]any{"tried": len(list)}
	return []claim.Check{
		{
			Label: label + "-formulas", At: at, Predicted: claim.Exact(float64(len(list))), Measured: claim.Measured(agree),
			Sentence: "The subdifferential at 0 has more than one element if and only if a truth table satisfies the formula.",
		},
		{
			Label: label + "-satisfiable", At: at, Predicted: claim.Exact(satisfiable), Measured: claim.Measured(found),
			Sentence: "So many of the formulas are satisfiable by truth tables, and as many networks have more than one subgradient.",
		},
	}, nil
}

// subdifferentialOf is ∂F(0) in rationals, or an error if it is not known.
func subdifferentialOf(ctx context.Context, f formula, build builder) (*clarke.Subdifferential, error) {
	net, err := build(f)
	if err != nil {
		return nil, err
	}
	zero := make([]*big.Rat, f.variables)
	for i := range zero {
		zero[i] = new(big.Rat)
	}
	set, err := clarke.At(ctx, net, clarke.RationalPoint(zero), clarke.Options{})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !set.Exact || set.Arithmetic != "rational" {
		return nil, fmt.Errorf("formula %v: the subdifferential is not known: %s; take fewer clauses", f.clauses, set.Why)
	}
	return set, nil
}

// work is what an enumeration and one element cost for contradictions.
type work struct{ n, cells, operations, ratio []float64 }

func measureWork(ctx context.Context, upTo int, build builder) (work, error) {
	var w work
	for n := 2; n <= upTo; n++ {
		f := contradiction(n)
		set, err := subdifferentialOf(ctx, f, build)
		if err != nil {
			return w, err
		}
		net, err := build(f)
		if err != nil {
			return w, err
		}
		price, err := ratioOf(net, ad.Gradient)
		if err != nil {
			return w, err
		}
		w.n, w.cells = append(w.n, float64(n)), append(w.cells, float64(set.Cells))
		w.operations, w.ratio = append(w.operations, float64(price.together)), append(w.ratio, price.ratio)
	}
	return w, nil
}

func (w work) checks() []claim.Check {
	last := len(w.n) - 1
	least, most, worst := math.Inf(1), math.Inf(-1), 0.0
	for i := range w.n {
		worst = max(worst, w.ratio[i])
		if i > 1 {
			bend := w.operations[i] - float64(2*w.operations[i-1]) + w.operations[i-2]
			least, most = min(least, bend), max(most, bend)
		}
	}
	return []claim.Check{
		{Label: "cells", At: map[string]any{"n": int(w.n[last])}, Predicted: claim.Exact(math.Exp2(w.n[last])), Measured: claim.Measured(w.cells[last])},
		{Label: "doubling", Predicted: claim.Exact(2), Measured: claim.Measured(w.cells[last] / w.cells[last-1])},
		{
			Label: "element-quadratic", Predicted: claim.Exact(bendOfElement), Measured: claim.MeasuredIn(most, least, most),
			Sentence: "The operations for value and one element of the conservative field grow as the entries of the matrices do: their second differences are constant.",
		},
		{Label: "element-price", Predicted: claim.AtMost(affineBound), Measured: claim.Measured(worst)},
	}
}

// bendOfElement is the second difference of 8n²: the first matrix has 2n·n
// entries, each of which costs a product and a sum, forward and backward.
const bendOfElement = 16

func (w work) figure() figure.Figure {
	orthants := make([]float64, len(w.n))
	for i, n := range w.n {
		orthants[i] = math.Exp2(n)
	}
	return figure.Figure{
		Title:   "One subgradient is cheap, two are hard",
		Caption: "Cells that are searched before it is known that the network has a single subgradient at 0, and the operations of value and one element of its conservative field, for contradictions with n variables. Cells double with each variable, operations grow as its square, as the entries of the matrices do.",
		X:       figure.Axis{Label: "variables n", Unit: "1"}, Y: figure.Axis{Label: "count", Unit: "1", Log: true},
		Series: []figure.Series{
			{Name: "cells of the subdifferential", Style: figure.Measured, X: w.n, Y: w.cells, Color: 2},
			{Name: "2ⁿ", Style: figure.Predicted, X: w.n, Y: orthants, Color: 2},
			{Name: "operations for one element of D", Style: figure.Measured, X: w.n, Y: w.operations, Color: 1},
		},
	}
}
