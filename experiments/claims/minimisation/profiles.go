package minimisation

import (
	"context"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/experiments/profile"
	"github.com/tamegrad/tamegrad/expr"
)

// profiles runs all methods on the published problems.
func profiles() claim.Claim {
	return claim.Claim{
		Numbers:  []int{49},
		Name:     "minimisation-profiles",
		Theorem:  claim.Observation,
		Decides:  []claim.Decision{claim.ByBound},
		Sentence: "From the standard start and without knowing the minimum, one method (auto: BFGS, from beside its answer once more, gradient sampling) reaches |f − f*| ≤ 10⁻⁶(1 + |f*|) on every published problem of nonsmooth minimisation with at most 50 variables.",
		Source: "Lukšan and Vlček, report V-798 (2000); Haarala, Miettinen and Mäkelä, OMS 19 (2004) (problems); Lewis and Overton, Math. Programming 141 (2013); Burke, Lewis and Overton, SIOPT 15 (2005) (methods); " +
			"Dolan and Moré, Math. Programming 91 (2002); Moré and Wild, SIOPT 20 (2009) (profiles)",
		Mathematics: profilesMathematics,
		Params: []claim.Param{
			claim.Text("problems", everything, "the problem, or all of them").Among(problemNames()...),
			claim.Int("variables", 20, "the most variables of a problem, if all are run").AtFull(50).Between(2, 50),
			claim.Text("methods", everything, "the method that is compared with auto, or all").Among(entrantNames()...),
			claim.Int("calls", 5000, "budget of a run, calls of the oracle").AtFull(100_000).Between(10, 1e7),
			claim.Bool("scipy", false, "BFGS and Nelder–Mead of scipy take part if python3 has it, and methods is all").AtFull(true),
			claim.Float("tolerance", 1e-6, "ε of the test |f − f*| ≤ ε(1 + |f*|)").Between(1e-15, 1),
			claim.Float("reduction", 1e-3, "τ of the test f ≤ f_L + τ(f(x₀) − f_L)").Between(0, 1),
		},
		Findings: []claim.Finding{{
			Key: saddleKey,
			Reason: "The answer is (0, −1), the other stationary point of this function: 0 lies in the hull of the four gradients nearby, and f falls along (1, 2). " +
				"Auto looks for a way down from one point beside its answer, and not from every such point a descent leads past.",
		}},
		Inputs: func(v claim.Values) (claim.Inputs, error) {
			var in claim.Inputs
			if v["scipy"].(bool) {
				in.Data = map[string]string{"scipy": scipyVersion()}
			}
			for _, p := range selectProblems(v["problems"].(string), v["variables"].(int)) {
				f, err := p.Func()
				if err != nil {
					return in, err
				}
				in.Programs = append(in.Programs, expr.Format(f))
			}
			return in, nil
		},
		Run: func(ctx context.Context, c *claim.Context) (claim.Outcome, error) {
			var guest *profile.SciPy
			if c.Bool("scipy") {
				guest, _ = profile.FindSciPy(ctx) // the result names who took part
			}
			return runProfiles(ctx, c, selectProblems(c.Text("problems"), c.Int("variables")), selectEntrants(c.Text("methods"), guest))
		},
	}
}

const profilesMathematics = "A method is told a value f(x) and a gradient at each point that it asks about: one call. At kinks the gradient is that of one piece. Let `t_{p,s}` be the first call at which solver s was told a value that passes a test on problem p, `+∞` if that did not happen within the budget. There are two tests,\n\n" +
	"\t|f(x) − f^*| ≤ ε(1 + |f^*|)\n\tf(x) ≤ f_L + τ(f(x_0) − f_L)\n\n" +
	"the first because the minima of these problems are known, from closed forms or to 15 digits from optimality conditions; the second, of Moré and Wild, with the smallest value `f_L` that any of the solvers found. The performance profile of Dolan and Moré and the data profile of Moré and Wild are the shares of the set P of problems\n\n" +
	"\tρ_s(τ) = |{p ∈ P : t_{p,s} ≤ τ·min_r t_{p,r}}|/|P|\n\td_s(α) = |{p ∈ P : t_{p,s} ≤ α(n_p + 1)}|/|P|\n\n" +
	"`ρ_s(1)` is the share on which s is the fastest, ties included, and both end at the share that s solves. `ρ_s` depends on who takes part, so it says who is best and how far others are from that, and not which of two others is better. `n + 1` calls are what a difference quotient of all partial derivatives would cost. A problem that stands in two collections with the same formula and start counts once.\n\n" +
	"What is predicted. Gradient sampling on a locally Lipschitz function, differentiable on an open set of full measure, has with probability 1 only Clarke stationary cluster points, or `f → −∞` (Burke, Lewis and Overton 2005; Kiwiel 2007). For BFGS there is no such theorem but a conjecture, that its function values converge to stationary ones R-linearly (Lewis and Overton 2013). " +
	"Where f is convex a stationary point is a minimiser, so that a run which ends with a gradient of length almost 0 in the hull of those nearby has a value near `f^*`. Elsewhere stationary points may be saddles (the second function of Nesterov has `(3^{n−1} + 1)/2` stationary points and 1 minimiser), and the claim is an acceptance test that could fail. It is about the value at the answer, computed anew, not about the best value seen on the way; and about the whole budget, since auto does not end at the first test passed.\n\n" +
	"Such a saddle is (0, −1) for the second function of Nesterov in two variables, `f = |x − 1|/4 + |y − 2|x| + 1|`. With `s = ±1` for the sign of the last term the gradients nearby are\n\n" +
	"\t(−1/4 − 2s, s) where x > 0\n\t(−1/4 + 2s, s) where x < 0\n\n" +
	"so that 9/32 of each of the two with first entry 7/4 and 7/32 of each of the two with −9/4 add up to 0: the point is Clarke stationary, of value 1/4. Since `f(t, 2t − 1) = (1 − t)/4` it is no local minimum. A seed that leads auto there makes a finding of that row.\n\n" +
	"Two checks are theorems. No solver can be told a value below the least one, up to rounding. And for convex f the subgradient method with steps `t_k = a/√(k+1)` along `−g_k/‖g_k‖` obeys\n\n" +
	"\t‖x_{k+1} − x^*‖^2 = ‖x_k − x^*‖^2 − 2·t_k·v_k + t_k^2\n\tv_k = ⟨g_k, x_k − x^*⟩/‖g_k‖ ≥ (f(x_k) − f^*)/‖g_k‖\n\n" +
	"whose sum over k < K gives, if no gradient of the run is longer than G and `R = ‖x_0 − x^*‖`,\n\n" +
	"\tmin_{k < K} f(x_k) − f^* ≤ G·(R^2 + Σt_k^2)/(2Σt_k) = O(log K/√K)\n\n" +
	"(Shor 1985; Nesterov 2004, section 3.2). The row takes the largest quotient of the two sides. Nothing is predicted of the baselines, BFGS and Nelder–Mead of the library gonum with its defaults, and with `scipy=true` those of scipy where it is installed: the theory of the first is about smooth functions, and the second can fail even on those (McKinnon 1998)."

// scipyVersion is "absent" where there is no scipy: to install it makes another run.
func scipyVersion() string {
	p, err := profile.FindSciPy(context.Background())
	if err != nil {
		return "absent"
	}
	return p.Version
}

// problemNames lists what the parameter may be.
func problemNames() []string {
	names := []string{everything}
	for _, p := range problem.All() {
		if p.N <= mostVariables {
			names = append(names, p.Name)
		}
	}
	return names
}

// mostVariables is the bound of the claim.
const mostVariables = 50

// selectProblems returns the problem of the name, or all up to so many variables.
func selectProblems(name string, variables int) []problem.Problem {
	var out []problem.Problem
	for _, p := range problem.All() {
		if p.Name == name || name == everything && p.N <= variables {
			out = append(out, p)
		}
	}
	return out
}
