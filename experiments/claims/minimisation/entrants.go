package minimisation

import (
	"slices"

	"gonum.org/v1/gonum/optimize"

	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/profile"
)

// Everything that can be chosen by name may also be taken whole.
const everything = "all"

// The methods about which the claim makes predictions.
const (
	autoName        = "auto"
	subgradientName = "subgradient"
)

// entrant is a solver that takes part, with its place in figures.
type entrant struct {
	name   string
	head   string // in a table, one word a line
	color  int
	dashed bool
	solver func(seed uint64) profile.Solver
}

// pairs is the memory of the limited BFGS method, what L-BFGS codes mostly have.
const pairs = 10

// entrants are the methods with their published defaults, and as baselines two methods of another library, one that
// needs gradients and one that asks for values only.
func entrants() []entrant {
	method := func(m descent.Method) profile.Solver { return profile.Method(m.Name(), m) }
	return []entrant{
		{autoName, "auto", 7, false, func(seed uint64) profile.Solver { return method(descent.Auto{Seed: seed}) }},
		{"bfgs", "bfgs", 1, false, func(seed uint64) profile.Solver { return method(descent.BFGS{Seed: seed}) }},
		{"limited-bfgs", "limited bfgs", 1, true, func(seed uint64) profile.Solver { return method(descent.BFGS{Memory: pairs, Seed: seed}) }},
		{"gradient-sampling", "gradient sampling", 2, false, func(seed uint64) profile.Solver { return method(descent.GradientSampling{Seed: seed}) }},
		{"bundle", "bundle", 3, false, func(seed uint64) profile.Solver { return method(descent.Bundle{Seed: seed}) }},
		{"ingd", "ingd", 4, false, func(seed uint64) profile.Solver { return method(descent.INGD{Seed: seed}) }},
		{"goldstein", "goldstein", 4, true, func(seed uint64) profile.Solver { return method(descent.Goldstein{Seed: seed}) }},
		{subgradientName, "subgradient", 5, false, func(seed uint64) profile.Solver { return method(descent.Subgradient{Seed: seed}) }},
		{"gonum-bfgs", "gonum bfgs", 6, false, func(uint64) profile.Solver {
			return profile.Gonum("gonum-bfgs", func() optimize.Method { return &optimize.BFGS{} })
		}},
		{"gonum-nelder-mead", "gonum nelder–mead", 6, true, func(uint64) profile.Solver {
			return profile.Gonum("gonum-nelder-mead", func() optimize.Method { return &optimize.NelderMead{} })
		}},
	}
}

// guests are the same two methods of scipy.
func guests(p *profile.SciPy) []entrant {
	guest := func(name, method string) func(uint64) profile.Solver {
		return func(uint64) profile.Solver { return p.Solver(name, method) }
	}
	return []entrant{
		{"scipy-bfgs", "scipy bfgs", 3, true, guest("scipy-bfgs", "BFGS")},
		{"scipy-nelder-mead", "scipy nelder–mead", 5, true, guest("scipy-nelder-mead", "Nelder-Mead")},
	}
}

// selectEntrants returns auto and the one of the name, or all, with the guests if there are any.
func selectEntrants(name string, p *profile.SciPy) []entrant {
	all := entrants()
	if p != nil {
		all = append(all, guests(p)...)
	}
	return slices.DeleteFunc(all, func(e entrant) bool {
		return name != everything && e.name != name && e.name != autoName
	})
}

func entrantNames() []string {
	names := []string{everything}
	for _, e := range entrants() {
		names = append(names, e.name)
	}
	return names
}
