package minimisation

import (
	"math"

	"github.com/tamegrad/tamegrad/experiments/claim"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/expr/vm/kernel"
)

// rounding bounds the errors of values and of the known minima, relative to 1 + |f*|.
const rounding = 1e-12

// checks are a row for each problem, and the two theorems.
func (r *contest) checks() []claim.Check {
	var checks []claim.Check
	below, rate := math.Inf(-1), math.Inf(-1)
	for p, q := range r.problems {
		if q.Global {
			below = max(below, -relative(r.smallest(p), q))
		}
		for s, e := range r.runs[p] {
			switch r.entrants[s].name {
			case autoName:
				checks = append(checks, r.accepted(q, e))
			case subgradientName:
				rate = max(rate, ratio(q, e))
			}
		}
	}
	return append(checks, r.theorems(below, rate)...)
}

// accepted is the row of a problem.
func (r *contest) accepted(q problem.Problem, e entry) claim.Check {
	tolerance := r.c.Float("tolerance")
	check := claim.Check{
		Label: q.Name, At: map[string]any{"n": q.N},
		Predicted: claim.AtMost(tolerance), Measured: claim.Measured(math.Abs(e.off)),
	}
	if q.Name == saddleProblem {
		check.Finding, check.Instead = saddleKey, claim.Near(saddleValue, tolerance)
	}
	return check
}

// The second function of Nesterov has a second stationary point, (0, −1), of this value.
const (
	saddleKey     = "saddle"
	saddleProblem = "ncr2"
	saddleValue   = 0.25
)

// theorems has the rows of what applies to some problem at least; −Inf says that it does not.
func (r *contest) theorems(below, rate float64) []claim.Check {
	var checks []claim.Check
	if !math.IsInf(below, -1) {
		checks = append(checks, claim.Check{
			Label: "no-value-below", Sentence: "No method is told a value below the minimum, where that is proved to be the least value.",
			Predicted: claim.AtMost(rounding), Measured: claim.Measured(below),
		})
	}
	if !math.IsInf(rate, -1) {
		checks = append(checks, claim.Check{
			Label: "subgradient-rate", Sentence: "On convex problems the subgradient method is as near to the minimum as its theorem says, or nearer: gap over bound.",
			Source:    "Shor, Minimization Methods for Non-Differentiable Functions (1985); Nesterov, Introductory Lectures on Convex Optimization (2004), section 3.2",
			Predicted: claim.AtMost(1), Measured: claim.Measured(rate),
		})
	}
	return checks
}

// ratio is the gap of a run of the subgradient method over its bound, −Inf where that does not apply.
func ratio(q problem.Problem, e entry) float64 {
	if !q.Convex || e.Iterations == 0 {
		return math.Inf(-1)
	}
	gap := e.off * (1 + math.Abs(q.Minimum))
	return gap / subgradientBound(distance(q.Start, q.Minimizer), e.Longest(), e.Iterations)
}

// subgradientBound is G(R² + Σt²)/(2Σt) for K steps t_k = 1/√(k + 1), the defaults of descent.Subgradient.
func subgradientBound(distance, longest float64, steps int) float64 {
	sum, squares := 0.0, 0.0
	for k := range steps {
		sum += 1 / math.Sqrt(float64(k+1))
		squares += 1 / float64(k+1)
	}
	return longest * (float64(distance*distance) + squares) / (2 * sum)
}

func distance(x, y []float64) float64 {
	d := make([]float64, len(x))
	for i := range x {
		d[i] = x[i] - y[i]
	}
	return kernel.Norm(d)
}
