package profile_test

import (
	"context"
	"fmt"

	"github.com/tamegrad/tamegrad/ad"
	"github.com/tamegrad/tamegrad/clarke/descent"
	"github.com/tamegrad/tamegrad/experiments/problem"
	"github.com/tamegrad/tamegrad/experiments/profile"
)

// Two methods on three problems: on which share do they reach six digits within 20 calls a variable?
func Example() {
	solvers := []profile.Solver{profile.Method("bundle", descent.Bundle{}), profile.Method("subgradient", descent.Subgradient{})}
	var calls [][]float64
	var variables []int
	for _, name := range []string{"dem", "crescent", "maxquad"} {
		p, _ := problem.Lookup(name)
		f, _ := p.Func()
		oracle, _ := descent.NewProgram(f, ad.AtKink(0))
		row := make([]float64, len(solvers))
		for s, solver := range solvers {
			run, err := solver.Record(context.Background(), oracle, p.Start, 1000)
			if err != nil {
				panic(err)
			}
			row[s] = run.Cost(profile.Within(p.Minimum, 1e-6))
		}
		calls, variables = append(calls, row), append(variables, p.N)
	}
	data, err := profile.Data(calls, variables)
	if err != nil {
		panic(err)
	}
	for s, d := range data {
		fmt.Printf("%s %.2f %.2f\n", solvers[s].Name, d.At(20), d.Solved())
	}
	// Output:
	// bundle 0.67 1.00
	// subgradient 0.00 0.33
}
