package minimisation

import (
	"context"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/expr"
)

// complexity counts what Goldstein's methods pay for a (δ, ε)-stationary point.
func complexity() claim.Claim {
	return claim.Claim{
		Numbers:     []int{50},
		Name:        "goldstein-complexity",
		Theorem:     claim.Inequality,
		Decides:     []claim.Decision{claim.ByEquality, claim.ByTolerance, claim.ByBound},
		Sentence:    "Interpolated normalised gradient descent finds a (δ, ε)-stationary point of a Lipschitz function, with a certificate, in ⌈4Δ/(δε)⌉ steps and Õ(ΔL²/(δε³)) calls, in any dimension; the exponents of δ, and of ε at one point, are attained.",
		Source:      "Zhang, Lin, Jegelka, Sra and Jadbabaie, ICML 2020 (goldstein); Davis, Drusvyatskiy, Lee, Padmanabhan and Ye, NeurIPS 2022 (ingd); Goldstein, Math. Programming 13 (1977)",
		Mathematics: complexityMathematics,
		Params: []claim.Param{
			claim.Floats("radii", []float64{0.05, 0.02, 0.01, 0.005}, "radii δ, in the units of x").AtFull([]float64{0.05, 0.02, 0.01, 0.005, 0.002}).Between(1e-4, 0.4),
			claim.Floats("tolerances", []float64{0.2, 0.1, 0.05, 0.02, 0.01}, "tolerances ε").AtFull([]float64{0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002}).Between(1e-4, 0.5),
			claim.Ints("corners", []int{9, 20, 45, 100}, "gradients ⌈1/ε²⌉ that the corner takes").AtFull([]int{9, 20, 45, 100, 200}).Between(1, 400),
			claim.Float("power", 0.25, "p of the tail").Between(0.05, 2),
			claim.Text("problem", several, "the published problem, or several").Among(walkedNames()...),
			claim.Int("runs", 1, "runs for each function, radius and tolerance").AtFull(4).Between(1, 1000),
			claim.Int("calls", 10_000_000, "budget of a run, calls of the oracle").Between(1, 1e9),
		},
		Inputs: func(v claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, p := range selectWalked(v["problem"].(string)) {
				f, err := p.Func()
				if err != nil {
					return in, err
				}
				in.Programs = append(in.Programs, expr.Format(f))
			}
			return in, nil
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runComplexity(ctx, c, walkers())
		},
	}
}

const complexityMathematics = "For a locally Lipschitz f Goldstein's set is the hull of all limiting gradients nearby,\n\n" +
	"\t∂_δf(x) = conv ∪ {∂f(y) : ‖y − x‖ ≤ δ}\n\n" +
	"and x is (δ, ε)-stationary if the set has an element no longer than ε. Both methods keep a short element g of the set. If the step to `x − δg/‖g‖` makes f fall by `δ‖g‖/4`, it is made. If not, the mean of `⟨∇f(y), g⟩` over the segment is below `‖g‖^2/4`, so that a gradient from a random y on it, put into the hull, makes g shorter in the mean. goldstein asks for `g′ ∈ ∂f(y)` with `⟨g′, d⟩ = f′(y; d)` along the segment; ingd asks for gradients of points beside it, which exist with probability 1.\n\n" +
	"Every step has the length δ and decreases f by `δε/4` at least. With `Δ = f(x_0) − inf f` and a Lipschitz constant L the theorems say: there are at most\n\n" +
	"\tT = ⌈4Δ/(δε)⌉ steps, and in each of T + 1 rounds ⌈64L^2/ε^2⌉·⌈2·log(4Δ/(γδε))⌉ gradients\n\n" +
	"the latter with probability 1 − γ for all rounds (Davis et al.; without the random offset of ingd the mean falls faster, so that the number holds for goldstein too). Hence `Õ(ΔL^2/(δε^3))` calls, each gradient with one value, whatever the dimension is. The exponents, −1 of δ and −1 of ε in the steps, −1 and −3 in the calls, are tested as fitted slopes that may not be smaller than these (by 0.2 they may, since in a short range a way of `D/δ − c` steps is no power of δ); the bounds themselves, with γ shared out among all runs, are tested too, and they are the theorem. To count rounds, steps + 1, instead of steps keeps logarithms finite.\n\n" +
	"Upper bounds can be far off, so three functions show what is attained. On the cone `‖x‖`, from distance 1, all gradients within δ of x make an angle of at most `arcsin(δ/‖x‖)` with x, so that x is no (δ, ε)-stationary point before `‖x‖ ≤ δ/√(1 − ε^2)`. That is a way of at least\n\n" +
	"\t1/δ − 1/√(1 − ε^2) steps\n\n" +
	"and the exponent of δ is −1. On the tail `|x_2| + (4/p)·max(x_1, 1/2)^{−p}`, from (1, 0), all gradients within δ have a first entry below `−4·(x_1 + δ)^{−p−1}`, so that the run must go to `x_1 + δ ≥ (4/ε)^{1/(p+1)}`. That makes\n\n" +
	"\t((4/ε)^{1/(p+1)} − 1)/δ rounds\n\n" +
	"whose exponent in ε tends to −1/(p + 1), near the bound −1 for small p; the row compares slopes over the same ε. At the corner `max(x_1, …, x_n, −1)`, from 0, gradients are unit vectors `e_i`. A convex combination of m of them has the length `1/√m` at least. As long as i is one of the m, the step along −g makes `x_i` fall and leaves `max x_j = 0`, so none is made, and the next gradient is a new `e_j`. Exactly `⌈1/ε^2⌉` gradients are drawn: the exponent −2 of one round is attained, in a dimension that is larger than `1/ε^2`. Whether −3 can be attained is not shown here.\n\n" +
	"A certificate is a list of points, weights and, for goldstein, directions. It is tested against the definition: distances at most δ, weights that are not negative and add up to 1, gradients that another oracle of the program computes anew at these points, and a combination no longer than ε, up to `10^{−9}` for rounding."

// several stands for the problems of severalNames.
const several = "several"

// severalNames are published problems that are not alike: curved kinks, a convex one with a branch, a maximum in
// four variables, a crooked valley. mostWalked bounds the variables of a problem that can be chosen.
var severalNames = []string{"crescent", "wolfe", "rosen-suzuki", "ncr1"}

const mostWalked = 10

// walked are the problems whose least value, and so Δ, is proved. At the start of the second function of Nesterov the
// gradients nearby have 0.112 as their shortest combination, so that there is no way to go for ε above, a
// long one below, and no exponent of ε.
func walked() []problem.Problem {
	var out []problem.Problem
	for _, p := range problem.All() {
		if p.Global && p.N <= mostWalked && p.Name != saddleProblem {
			out = append(out, p)
		}
	}
	return out
}

func walkedNames() []string {
	names := []string{several}
	for _, p := range walked() {
		names = append(names, p.Name)
	}
	return names
}

func selectWalked(name string) []problem.Problem {
	names := []string{name}
	if name == several {
		names = severalNames
	}
	var out []problem.Problem
	for _, p := range walked() {
		for _, n := range names {
			if p.Name == n {
				out = append(out, p)
			}
		}
	}
	return out
}
