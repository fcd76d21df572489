// Package profile compares methods of minimisation by what they pay: the calls of an oracle. It records
// the history of a run, whatever the method, asks the history when a value was reached, and draws
// two summaries of many runs.
//
// Let t be the cost at which solver s solved problem p, +Inf if it did not. The performance profile (E. Dolan and
// J. Moré, "Benchmarking optimization software with performance profiles", Math. Programming 91, 2002)
// is the share of problems that s solves within a factor τ of the best solver,
//
//	ρ_s(τ) = |{p : t_{p,s} ≤ τ·min_r t_{p,r}}| / |P|,   τ ≥ 1.
//
// The data profile (J. Moré and S. Wild, "Benchmarking derivative-free optimization algorithms", SIAM J.
// Optim. 20, 2009) is the share that it solves within α(n + 1) calls, n being the number of
// variables of p,
//
//	d_s(α) = |{p : t_{p,s} ≤ α(n_p + 1)}| / |P|,   α ≥ 0.
//
// Both are distribution functions with mass missing at infinity, a [Distribution]. The first depends on which other
// solvers take part, so that two of them cannot be ranked by it but against the best one; the second
// does not, as long as the targets stay.
package profile

import (
	"fmt"
	"math"
	"slices"
)

// Performance returns the performance profile of each solver for costs[p][s] > 0 of solver s on problem
// p, +Inf for a failure. A solver as cheap as the best one has the ratio 1, so that ties are won by all of
// them; on a problem that nobody solves all ratios are infinite. The error is an *InputError.
func Performance(costs [][]float64) ([]Distribution, error) {
	if err := check(costs); err != nil {
		return nil, err
	}
	return distributions(costs, func(p, s int) float64 {
		if math.IsInf(costs[p][s], 1) {
			return costs[p][s]
		}
		return costs[p][s] / slices.Min(costs[p])
	}), nil
}

// Data returns the data profile of each solver for calls[p][s] > 0 of solver s on problem p, +Inf for a
// failure, and the numbers of variables of the problems. The error is an *InputError.
func Data(calls [][]float64, variables []int) ([]Distribution, error) {
	if err := check(calls); err != nil {
		return nil, err
	}
	if len(variables) != len(calls) {
		return nil, &InputError{"variables", fmt.Sprintf("there are %d for %d problems", len(variables), len(calls))}
	}
	for p, n := range variables {
		if n < 1 {
			return nil, &InputError{fmt.Sprintf("variables of problem %d", p), fmt.Sprintf("there are %d; a problem has one or more", n)}
		}
	}
	return distributions(calls, func(p, s int) float64 { return calls[p][s] / float64(variables[p]+1) }), nil
}

// distributions collects a number of every problem for each solver.
func distributions(costs [][]float64, number func(p, s int) float64) []Distribution {
	out := make([]Distribution, len(costs[0]))
	for s := range out {
		numbers := make([]float64, len(costs))
		for p := range costs {
			numbers[p] = number(p, s)
		}
		out[s] = newDistribution(numbers)
	}
	return out
}

func check(costs [][]float64) error {
	if len(costs) == 0 || len(costs[0]) == 0 {
		return &InputError{"costs", "a profile needs a problem and a solver"}
	}
	for p, row := range costs {
		if len(row) != len(costs[0]) {
			return &InputError{fmt.Sprintf("problem %d", p), fmt.Sprintf("it has %d costs for %d solvers", len(row), len(costs[0]))}
		}
		for s, cost := range row {
			if !(cost > 0) {
				return &InputError{fmt.Sprintf("problem %d, solver %d", p, s), fmt.Sprintf("the cost is %v; costs are positive, and +Inf for a failure", cost)}
			}
		}
	}
	return nil
}

// An InputError tells what no profile can be made of.
type InputError struct {
	Place   string
	Problem string
}

// Error implements error.
func (e *InputError) Error() string { return fmt.Sprintf("profile: %s: %s.", e.Place, e.Problem) }
