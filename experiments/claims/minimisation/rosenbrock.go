package minimisation

import (
	"context"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/expr"
)

// rosenbrock finds all stationary points of Nesterov's second nonsmooth Chebyshev–Rosenbrock function.
func rosenbrock() claim.Claim {
	return claim.Claim{
		Numbers:     []int{51},
		Name:        "rosenbrock-points",
		Theorem:     claim.Example,
		Decides:     []claim.Decision{claim.ByEquality},
		Sentence:    "Nesterov's second nonsmooth Chebyshev–Rosenbrock function of n variables has 2ⁿ⁻¹ Clarke stationary points, none of which but the minimiser is a local minimum; and every run of gradient sampling that ends as stationary has ended at one of its stationary points.",
		Source:      "Gürbüzbalaban and Overton, Nonlinear Analysis 75 (2012)",
		Mathematics: rosenbrockMathematics,
		Params: []claim.Param{
			claim.Ints("variables", []int{2, 3, 4}, "numbers n of variables").AtFull([]int{2, 3, 4, 5}).Between(2, 5),
			claim.Int("starts", 30, "random starts of gradient sampling for each n").AtFull(1000).Between(1, 10_000),
		},
		Findings: []claim.Finding{{
			Key: offCurve,
			Reason: "The 2ⁿ⁻¹ points are those on the curve xᵢ₊₁ = 2|xᵢ| − 1. From n = 3 on there are others off it: at (0, 0, −1) f is a sum of a function of x₁ and one of (x₂, x₃), " +
				"with subdifferentials [−9/4, 7/4] and [−1, 3]×[−1, 1] that contain 0. In all there are (3ⁿ⁻¹ + 1)/2.",
		}},
		Inputs: func(v claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			for _, n := range v["variables"].([]int) {
				f, err := secondOfNesterov(n)
				if err != nil {
					return in, err
				}
				in.Programs = append(in.Programs, expr.Format(f))
			}
			return in, nil
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			return runRosenbrock(ctx, c, secondOfNesterov)
		},
	}
}

// offCurve is the key of the finding.
const offCurve = "off-the-curve"

func secondOfNesterov(n int) (*expr.Func, error) {
	p, err := problem.At("ncr2", n)
	if err != nil {
		return nil, err
	}
	return p.Func()
}

const rosenbrockMathematics = "With `F_i = x_{i+1} − 2|x_i| + 1` the function is\n\n" +
	"\tf(x) = |x_1 − 1|/4 + |F_1| + … + |F_{n−1}|.\n\n" +
	"Its only zero is (1, …, 1). Gürbüzbalaban and Overton report `2^{n−1}` Clarke stationary points, of which only the minimiser is stationary in the sense of Mordukhovich, hence a local minimum. The claim takes the number at its word: it looks at every point.\n\n" +
	"That is a finite task. The kinks are the zeros of `x_1 − 1`, of `x_i` and of `F_i` for i < n; f is affine wherever none of these functions changes its sign, and `∂f(x)` depends on their signs at x alone. So one point for each pattern of signs in {−, 0, +} that occurs will do. A pattern depends on the place of `x_i` among finitely many values, those from which the map `x ↦ 2|x| − 1` leads to 0 in fewer than n − i steps (and 1, for i = 1), and of `x_{i+1}` relative to `2|x_i| − 1`; trying all of these, the values between neighbours and one beyond each end meets every pattern. Where `F_{n−1} ≠ 0` the last partial derivative is ±1 around the point, so that 0 is not in ∂f; at all others ∂f is computed in rationals, cell by cell. All patterns whose set contains 0 turn out to fix their point, which is what the check of dimensions says: there are as many zeros in it as variables.\n\n" +
	"What should come out? Let `w = sign(x_1 − 1)`, `s_i = sign x_i` and `t_i = sign F_i`. The gradient is\n\n" +
	"\tg = (w/4)·e_1 + Σ_{i<n} t_i·(e_{i+1} − 2·s_i·e_i)\n\n" +
	"and as long as two zeros `x_j = x_k = 0` have a break between them, some `F_i ≠ 0` with j ≤ i < k, the functions that vanish are coordinates and all their signs occur near x. (Without a break `x_{j+1} = −1` and then 1, 1, … follow.) So `0 ∈ ∂f(x)` asks for random signs, free where the function is 0 and fixed elsewhere, whose means obey\n\n" +
	"\tE[w]/4 = 2·E[s_1·t_1],      E[t_i] = 2·E[s_{i+1}·t_{i+1}] for i < n − 1,      E[t_{n−1}] = 0.\n\n" +
	"By these `|E[s_i·t_i]| ≤ 1/2`, so that `F_i ≠ 0`, where `|t_i| = 1` is fixed, is possible only if `x_i = 0`. Where `F_i = 0` and `x_i ≠ 0` the mean of `t_i` is half that of `t_{i−1}` up to the sign: from `E[w] ≠ 0`, or from a break, the means halve and do not vanish until some `x_k = 0` with k < n, where `E[t_k]` and `E[s_k·t_k]` are free of each other. If `F_k = 0` there, x goes on with −1, 1, 1, … and all further means are 0. Else there is a break at k, and the same begins anew with `x_{k+1}`. Without any zero x is (1, …, 1).\n\n" +
	"So a stationary point other than (1, …, 1) is made of blocks: p ≥ 1 variables that follow `x_{i+1} = 2|x_i| − 1` to 0, in `2^{p−1}` ways, then either the end −1, 1, 1, … or another block. With T(m) for m variables that are left,\n\n" +
	"\tT(m) = Σ_{1≤p<m} 2^{p−1}·(1 + T(m − p)),      T(1) = 0,      T(m) = 3·T(m − 1) + 1 = (3^{m−1} − 1)/2,\n\n" +
	"there are `(3^{n−1} + 1)/2` stationary points: 2, 5, 14, 41, … Those of one block are on the curve `F_1 = … = F_{n−1} = 0`, and with the minimiser these are `1 + Σ_{1≤k<n} 2^{k−1} = 2^{n−1}`: the number of the sentence. The smallest other one is (0, 0, −1). Near it `f = (1 − x_1)/4 − 2|x_1| + (x_2 + 1 + |x_3 − 2|x_2| + 1|)`, and both parts are stationary.\n\n" +
	"None but (1, …, 1) is a local minimum: let `x_1` grow, with `F_i` kept for all i < k, k the first zero. Then `|x_1 − 1|/4` falls at the rate 1/4, and `F_k` can be kept 0, or is `x_{k+1} + 1 − 2|x_k| > 0` and falls, since `|x_{k+1}| < 1` in the next block. The direction that the toolkit gives is checked in rationals: `f(x + d/2^k) < f(x)` for some k ≤ 60.\n\n" +
	"Which of them do methods find? Gradient sampling promises Clarke stationary points only. From random starts in the cube `[−2, 2]^n` every run that ends as stationary, which is with a convex combination of length `10^{−6}` of gradients within `10^{−6}`, should be near one of the points listed. How often it meets which is not predicted; the figure shows it. At a break f has a ridge `−2|x_k|` without anything that holds an iterate on it, so one expects that points off the curve are not met, and that is perhaps why they were not counted."
